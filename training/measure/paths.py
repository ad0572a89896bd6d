"""Shapes along a path between the embeddings of two images: how smoothly one becomes the other.

All frames of a path start from one noise, so that nothing but the embedding changes. The distance
between two shapes is 1 - IoU, which is a metric (Jaccard): a path cannot be shorter than the
distance between its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from cisp.interpolation import slerp
from diffusion.grids.frame import iou
from diffusion.presets import Sampling
from training.measure.sampling import sample_shapes
from training.measure.scores import OVERALL, Values, tell

FRAMES = 9


def pairs_of(count: int, pairs: int, seed: int) -> list[tuple[int, int]]:
    """At most `pairs` pairs of different images of `count`, no image in two of them."""
    order = np.random.default_rng(seed).permutation(count)
    return [(int(a), int(b)) for a, b in zip(order[::2], order[1::2], strict=False)][:pairs]


def walk(
    model,
    ends: np.ndarray,
    sampling: Sampling,
    seed: int,
    *,
    between: Callable[[Tensor, Tensor, Tensor], Tensor] = slerp,
    frames: int = FRAMES,
) -> np.ndarray:
    """Shapes (frames, R, R, R) bool on the way between two embeddings.

    Args:
        model: of the space of the embeddings.
        ends: (2, D) unit vectors.
        sampling: how.
        seed: of the noise of all frames.
        between: `cisp.interpolation.slerp` or `lerp`.
        frames: at evenly spaced positions, the ends included.
    """
    a, b = torch.from_numpy(ends)
    path = between(a, b, torch.linspace(0, 1, frames)).numpy()
    return sample_shapes(model, path, [seed] * frames, sampling) > 0


def smoothness(shapes: np.ndarray) -> dict[str, float]:
    """How smooth a path (frames, R, R, R) bool is.

    Returns:
        "smoothness": the mean IoU of neighbours; "largest_jump": 1 - the smallest of them;
        "detour": the length along all frames, minus the distance between the ends.
    """
    steps = 1 - iou(shapes[:-1], shapes[1:])
    straight = 1 - iou(shapes[0], shapes[-1])
    return {
        "smoothness": float(1 - steps.mean()),
        "largest_jump": float(steps.max()),
        "detour": float(steps.sum() - straight),
    }


def path_values(paths: Iterable[np.ndarray]) -> Values:
    """Each measure of `smoothness`, one number a path (paths,)."""
    found = [smoothness(shapes) for shapes in paths]
    return {measure: np.array([row[measure] for row in found]) for measure in found[0]}


def measure_paths(
    models: dict, embeds: dict[str, np.ndarray], sampling: Sampling, pairs: int, seed: int
) -> dict[str, Any] | None:
    """How smoothly shapes change between the embeddings of pairs of images; None for no pair."""
    chosen = pairs_of(len(next(iter(embeds.values()))), pairs, seed)
    if not chosen:
        return None
    bar = tqdm(total=len(chosen) * len(models), desc="walk paths", unit="path")

    def paths(space: str) -> Iterator[np.ndarray]:
        for at, ends in enumerate(chosen):
            yield walk(models[space], embeds[space][list(ends)], sampling, seed + at)
            bar.update()

    values = {space: {OVERALL: path_values(paths(space))} for space in models}
    bar.close()
    return {"pairs": len(chosen), "frames": FRAMES, **tell(values, list(models))}
