"""A small 3D CNN that names the category of a voxel grid.

A judge of generated shapes: trained on clean shapes, independent of every embedding tower. Training
grids are thickened, thinned, shifted, flipped and speckled a little, so that a generated shape with
such flaws is still named by its form.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from cisp.checkpoints import load_tower


@dataclass(frozen=True)
class ClassifierConfig:
    """A classifier's categories and size.

    Attributes:
        categories: the names, in the order of the logits.
        width: channels after the first convolution; doubled by each further one.
    """

    categories: Sequence[str]
    width: int = 16


class VoxelClassifier(nn.Module):
    """Four strided convolutions over the occupancy, a mean over space, one linear layer."""

    Config = ClassifierConfig

    def __init__(self, config: ClassifierConfig):
        super().__init__()
        self.config, self.categories = config, config.categories
        channels = [1, *(config.width * 2**level for level in range(4))]
        self.trunk = nn.Sequential(
            *(
                layer
                for inputs, outputs in itertools.pairwise(channels)
                for layer in (
                    nn.Conv3d(inputs, outputs, 3, stride=2, padding=1, bias=False),
                    nn.BatchNorm3d(outputs),
                    nn.ReLU(),
                )
            )
        )
        self.head = nn.Linear(channels[-1], len(config.categories))

    def forward(self, occupancy: Tensor) -> Tensor:
        """Logits (B, C) of bool grids (B, 1, R, R, R)."""
        x = occupancy.to(self.head.weight.dtype) * 2 - 1  # (B, 1, R, R, R)
        x = self.trunk(
            x.contiguous(memory_format=torch.channels_last_3d)
        )  # (B, 8 width, R/16, R/16, R/16)
        return self.head(x.mean((2, 3, 4)))  # (B, C)

    @torch.inference_mode()
    def probabilities(self, grids: np.ndarray, batch: int = 128) -> np.ndarray:
        """Class probabilities (N, C) of grids (N, R, R, R): bool, or values positive inside."""
        self.eval()
        chunks = [
            self(_occupancy(grids[at : at + batch]).to(self.head.weight.device)).softmax(1).cpu()
            for at in range(0, len(grids), batch)
        ]
        return torch.cat(chunks).numpy()

    def predict(self, grids: np.ndarray) -> list[str]:
        """The name of each of the grids (N, R, R, R)."""
        return [self.categories[index] for index in self.probabilities(grids).argmax(1)]


def fit(
    grids: np.ndarray,
    categories: Sequence[str],
    *,
    num_steps: int = 400,
    batch: int = 48,
    learning_rate: float = 3e-3,
    seed: int = 0,
    device: torch.device | str = "cpu",
) -> VoxelClassifier:
    """Trains a classifier on clean shapes (AdamW, one cycle, label smoothing).

    Categories are drawn equally often, so that rare ones are learned too.

    Args:
        grids: (N, R, R, R), bool or values positive inside; a memory map will do.
        categories: N names.
        num_steps: of training; 400 take about 40 seconds on two CPU cores.
        batch: grids a step.
        learning_rate: the peak.
        seed: of the initial weights, the draws and the augmentation.
        device: where to train.
    """
    names = sorted(set(categories))
    labels = np.array([names.index(category) for category in categories])
    if len(names) < 2 or len(labels) != len(grids):
        raise ValueError("A classifier needs a category for each grid, and two or more of them.")
    draw = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):  # layers draw their weights from the global RNG
        torch.manual_seed(seed)
        model = _place(VoxelClassifier(ClassifierConfig(names)), device)
    members = [np.flatnonzero(labels == label) for label in range(len(names))]
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, num_steps)
    model.train()
    for _ in tqdm(range(num_steps), desc="classifier", unit="step", leave=False):
        targets = draw.integers(0, len(names), batch)
        rows = np.array([draw.choice(members[target]) for target in targets])
        occupancy = augment(_occupancy(grids[rows]), generator).to(device)
        logits = model(occupancy)
        loss = F.cross_entropy(logits, torch.from_numpy(targets).to(device), label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def load_classifier(folder: str | Path, device: torch.device | str = "cpu") -> VoxelClassifier:
    """Loads what `cisp.checkpoints.save_tower` wrote, strictly."""
    if not (Path(folder) / "model.safetensors").is_file():
        raise ValueError(f"There is no voxel classifier in '{folder}'.")
    return _place(load_tower(VoxelClassifier, folder), device).eval()


def _place(model: VoxelClassifier, device: torch.device | str) -> VoxelClassifier:
    return model.to(device, memory_format=torch.channels_last_3d)


def augment(occupancy: Tensor, generator: torch.Generator) -> Tensor:
    """Small changes that leave the category as it is; (B, 1, R, R, R) bool in and out.

    A flip in z (objects are about symmetric there), a shift of the batch by up to two cells, one
    cell more all around or half a cell less (unless that would eat a thin shape), and a speckle of
    up to 2 % of the cells.
    """

    def chance(probability: float) -> Tensor:
        draws = torch.rand(len(occupancy), generator=generator)
        return (draws < probability).view(-1, 1, 1, 1, 1)

    side = occupancy.shape[-1]
    occupancy = torch.where(chance(0.5), occupancy.flip(4), occupancy)
    x, y, z = torch.randint(0, 5, (3,), generator=generator).tolist()
    padded = F.pad(occupancy, (2,) * 6)
    occupancy = padded[:, :, x : x + side, y : y + side, z : z + side]
    thicker = thinner = occupancy
    for axis in (2, 3, 4):  # on bool tensors, many times faster than pooling
        before, after = (_neighbour(thicker, axis, step) for step in (-1, 1))
        thicker = thicker | before | after
        thinner = thinner & _neighbour(thinner, axis, 1)
    occupancy = torch.where(chance(0.3), thicker, occupancy)
    volume = occupancy.sum((1, 2, 3, 4), keepdim=True)
    thick = thinner.sum((1, 2, 3, 4), keepdim=True) > 0.5 * volume
    occupancy = torch.where(chance(0.2) & thick, thinner, occupancy)
    share = 0.02 * torch.rand(len(occupancy), 1, 1, 1, 1, generator=generator) * chance(0.5)
    return occupancy ^ (torch.rand(occupancy.shape, generator=generator) < share)


def _neighbour(occupancy: Tensor, axis: int, step: int) -> Tensor:
    """The value of the next (+1) or previous (-1) cell along an axis, False beyond the border."""
    moved = occupancy.roll(-step, axis)
    moved.select(axis, -1 if step > 0 else 0).fill_(False)
    return moved


def _occupancy(grids: np.ndarray) -> Tensor:
    """Bool or signed grids (N, R, R, R) as (N, 1, R, R, R) bool."""
    return torch.from_numpy(np.asarray(grids) > 0)[:, None]
