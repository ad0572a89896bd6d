"""The object of a photograph: the small U-2-Net (Qin et al. 2020, arXiv 2005.09007).

1.1 M parameters, trained by its authors on the photographs of DUTS for salient object detection;
`training.import_mask` converts their file. Batch normalisations are folded into the convolutions.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cisp.checkpoints import load_tower

LOGGER = logging.getLogger(__name__)
FOLDER = Path(__file__).resolve().parents[1] / "assets" / "weights" / "mask"
SIDE = 320  # pixels of the input's side, in training too; on smaller ones masks are lost
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LEAST_SHARE = 0.03  # of the picture; a smaller mask has missed the object


def _conv(inputs: int, outputs: int, dilation: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    """Features (B, C, H, W) at another's height and width."""
    size = like.shape[2:]
    return x if x.shape[2:] == size else F.interpolate(x, size, mode="bilinear")


def _halved(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


class ResidualU(nn.Module):
    """A residual U-block, RSU: a small U-Net in the place of a convolution (paper, figure 2).

    Args:
        depth: convolutions on the way down.
        inputs: channels.
        middle: channels inside.
        outputs: channels.
        dilated: widen the view by dilation instead of pooling, for small feature maps.
    """

    def __init__(
        self, depth: int, inputs: int, middle: int, outputs: int, *, dilated: bool = False
    ):
        super().__init__()
        self.dilated = dilated
        rates = [2**level if dilated else 1 for level in range(depth - 1)]
        self.enter = _conv(inputs, outputs)
        self.down = nn.ModuleList(
            _conv(middle if level else outputs, middle, rate) for level, rate in enumerate(rates)
        )
        self.bottom = _conv(middle, middle, 2 ** (depth - 1) if dilated else 2)
        self.up = nn.ModuleList(
            _conv(2 * middle, middle if level else outputs, rates[level])
            for level in reversed(range(depth - 1))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        entered = y = F.relu(self.enter(x))
        skips: list[Tensor] = []
        for layer in self.down:
            y = F.relu(layer(_halved(y) if skips and not self.dilated else y))
            skips.append(y)
        y = F.relu(self.bottom(y))
        for layer in self.up:
            skip = skips.pop()
            y = F.relu(layer(torch.cat([_resized(y, skip), skip], 1)))
        return entered + y


@dataclass(frozen=True)
class SaliencyConfig:
    """The size of the network.

    Attributes:
        middle: channels inside blocks.
        width: channels between them.
    """

    middle: int = 16
    width: int = 64


class SaliencyNet(nn.Module):
    """A U-Net of residual U-blocks, U-2-Net; the defaults are those of its small form."""

    Config = SaliencyConfig

    def __init__(self, config: SaliencyConfig):
        super().__init__()
        self.config = config
        m, w = config.middle, config.width
        depths = (7, 6, 5, 4)
        self.encoder = nn.ModuleList(
            [
                *(ResidualU(d, w if i else 3, m, w) for i, d in enumerate(depths)),
                *(ResidualU(4, w, m, w, dilated=True) for _ in range(2)),
            ]
        )
        self.decoder = nn.ModuleList(
            [
                ResidualU(4, 2 * w, m, w, dilated=True),
                *(ResidualU(d, 2 * w, m, w) for d in reversed(depths)),
            ]
        )
        self.sides = nn.ModuleList(_conv(w, 1) for _ in self.encoder)
        self.fuse = nn.Conv2d(len(self.sides), 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """From pixels (B, 3, H, W), normalised, to the probability (B, 1, H, W) of the object."""
        features: list[Tensor] = []
        for block in self.encoder:
            x = block(_halved(x) if features else x)
            features.append(x)
        decoded = [features.pop()]
        for block in self.decoder:
            skip = features.pop()
            decoded.append(block(torch.cat([_resized(decoded[-1], skip), skip], 1)))
        sides = [side(x) for side, x in zip(self.sides, reversed(decoded), strict=True)]
        return self.fuse(torch.cat([_resized(s, sides[0]) for s in sides], 1)).sigmoid()


@lru_cache(maxsize=1)
def load_saliency(folder: Path = FOLDER) -> SaliencyNet | None:
    """The network, or None where its weights are missing or damaged, with one line in the log."""
    try:
        return load_tower(SaliencyNet, folder).to(memory_format=torch.channels_last)
    except ValueError as error:
        LOGGER.warning("Photographs stay whole: %s", error)
        return None


@torch.inference_mode()
def object_mask(image: Image.Image) -> Image.Image | None:
    """How likely each pixel of a photograph belongs to its most salient object.

    Args:
        image: RGB.

    Returns:
        Mode L, of the same size; None if nothing stands out, or there are no weights.
    """
    network = load_saliency()
    if network is None:
        return None
    small = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0)
    pixels = torch.from_numpy(np.asarray(small, np.float32)).permute(2, 0, 1)  # (3, S, S)
    pixels = pixels / max(float(pixels.max()), 1.0)
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    x = ((pixels - mean) / deviation)[None].to(memory_format=torch.channels_last)
    probability = network(x)[0, 0].numpy()
    if (probability > 0.5).mean() < LEAST_SHARE:
        return None
    mask = Image.fromarray((255 * probability).round().astype(np.uint8))
    return mask.resize(image.size, Image.Resampling.BILINEAR)
