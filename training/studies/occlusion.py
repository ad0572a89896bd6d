"""How much of an object may be hidden? Retrieval as a function of occlusion.

    python -m training.studies.occlusion --out assets/results/occlusion.json

Something opaque covers 0, 10, ..., 70 % of the object in picture 0 of each shape. From what is
left, CISP looks for the shape itself, and both spaces look for its other pictures: the mean
embedding of pictures 1 and 2. Every query keeps its occluder, which grows with the share, and both
spaces see the very same pixels. The occluder is put on the cut-out, so what is hidden does not
change how the object is framed. Queries are the first shapes of the test set, where categories take
turns; the gallery is all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from cisp.images import GREY
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.looking import SHOWN, GalleryOptions, open_gallery, ranks_by_way
from training.studies.report import curves, percent, standing, whole_points
from training.studies.runner import Answer, groups_of, study_command

SHARES = tuple(tenths / 10 for tenths in range(8))
KINDS = ("half-plane", "rectangle", "blob")
QUERY, OTHERS = 0, (1, 2)  # pictures
TOLD = 0.5  # the share that the finding reports


@dataclass(frozen=True)
class OcclusionOptions(GalleryOptions):
    """Measure retrieval from pictures whose object is partly covered.

    Attributes:
        queries: How many of them are looked for.
        seed: Of the occluders and the resamples.
        device: auto, cpu, cuda or mps.
    """

    queries: int = 650
    seed: int = 0
    device: str = "auto"


def growth(kind: str, alpha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """When a growing occluder reaches each pixel, (S, S) float64.

    A half-plane comes from one side; the others start at a random pixel of the object.

    Args:
        kind: of `KINDS`.
        alpha: (S, S), of the object.
        rng: of direction, place and form.

    Raises:
        ValueError: for another kind.
    """
    size = len(alpha)
    y, x = np.indices(alpha.shape) / size
    visible = np.argwhere(alpha > 0) / size
    # Off the pixel's middle, so that pixels on either side are reached one after the other.
    top, left = visible[rng.integers(len(visible))] + rng.uniform(-0.5, 0.5, 2) / size
    angle = rng.uniform(0, 2 * np.pi)
    u = np.cos(angle) * (x - left) + np.sin(angle) * (y - top)
    v = np.cos(angle) * (y - top) - np.sin(angle) * (x - left)
    if kind == "half-plane":
        return u
    stretch = rng.uniform(0.5, 2.0)
    if kind == "rectangle":
        return np.maximum(np.abs(u) * stretch, np.abs(v) / stretch)
    if kind == "blob":
        around = np.arctan2(v, u)
        waves = np.arange(2, 6)[:, None, None]  # bulges around it
        bulge = rng.normal(0, 0.25, (4, 1, 1)) * np.cos(
            waves * around + rng.uniform(0, 2 * np.pi, (4, 1, 1))
        )
        return np.hypot(u * stretch, v / stretch) * np.exp(bulge.sum(0))
    raise ValueError(f"Unknown occluder {kind!r}.")


def covered(alpha: np.ndarray, reach: np.ndarray, share: float) -> np.ndarray:
    """Where an occluder is that hides a share of an object, (S, S) bool.

    It has grown until it hides the share, so it hides too much by less than a pixel.

    Args:
        alpha: (S, S), of the object.
        reach: (S, S), of `growth`.
        share: in [0, 1).
    """
    if share <= 0:
        return np.zeros(alpha.shape, bool)
    order = np.argsort(reach, axis=None, kind="stable")
    hidden = np.cumsum(alpha.ravel()[order], dtype=np.float64)
    needed = int(np.searchsorted(hidden, share * hidden[-1] * (1 - 1e-12))) + 1
    mask = np.zeros(alpha.size, bool)
    mask[order[:needed]] = True
    return mask.reshape(alpha.shape)


def occlude(cutout: np.ndarray, seed: tuple[int, int]) -> np.ndarray:
    """A cut-out behind an occluder of every size.

    Args:
        cutout: (S, S, 4) uint8 RGBA.
        seed: of the run and the query; kind, place and colour depend on it alone.

    Returns:
        (len(SHARES), S, S, 4) uint8. Half of the occluders have a plain colour, half the grey of
        the background: then the object looks cut short.
    """
    rng = np.random.default_rng(seed)
    alpha = cutout[..., 3]
    if not alpha.any():
        raise ValueError("There is no object in the picture to cover.")
    color = rng.integers(0, 256, 3) if rng.random() < 0.5 else np.full(3, GREY)
    reach = growth(KINDS[rng.integers(len(KINDS))], alpha, rng)
    pictures = np.repeat(cutout[None], len(SHARES), 0)
    for picture, share in zip(pictures, SHARES, strict=True):
        picture[covered(alpha, reach, share)] = (*color, 255)
    return pictures


def measure(spaces: Mapping[str, Any], cache: Any, queries: int, seed: int) -> dict[str, Any]:
    """Ranks (shares, queries) by the way of retrieval: "cisp image to shape" and so on.

    Args:
        spaces: "clip" and "cisp".
        cache: the gallery, whose first shapes are the queries.
        queries: how many.
        seed: of the occluders.
    """
    rows = range(queries)
    pictures = np.stack([occlude(cache.cutouts[row, QUERY], (seed, row)) for row in rows])
    found = ranks_by_way(spaces, cache, pictures, OTHERS)
    return {way: rank.T for way, rank in found.items()}


def summarise(found: Mapping[str, np.ndarray], categories: list[str], seed: int) -> dict[str, Any]:
    """R@1 and R@10 at every share with intervals, by category, and CISP minus CLIP.

    Args:
        found: of `measure`.
        categories: one a query.
        seed: of the resamples.
    """
    groups = groups_of(categories)

    def recalls(rank: np.ndarray, k: int) -> list[Interval]:
        return [bootstrap_mean(row <= k, seed=seed) for row in rank]

    def losses(rank: np.ndarray, at: int, k: int) -> np.ndarray:
        """(queries,): 1 where the occluder hid what was found without it, -1 the other way."""
        return 1.0 * (rank[0] <= k) - (rank[at] <= k)

    cisp, clip = found["cisp image to image"], found["clip image to image"]
    return {
        "shares": SHARES,
        "queries": len(categories),
        "recall": {
            way: {
                f"R@{k}": {name: recalls(rank[:, rows], k) for name, rows in groups.items()}
                for k in (1, 10)
            }
            for way, rank in found.items()
        },
        "cisp_minus_clip_image_to_image": {
            f"R@{k}": [
                paired_bootstrap(a <= k, b <= k, seed=seed) for a, b in zip(cisp, clip, strict=True)
            ]
            for k in (1, 10)
        },
        "loss_of_cisp_minus_loss_of_clip_image_to_image": {
            f"R@{k}": [
                paired_bootstrap(losses(cisp, at, k), losses(clip, at, k), seed=seed)
                for at in range(len(SHARES))
            ]
            for k in (1, 10)
        },
    }


def finding_of(result: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    at = SHARES.index(TOLD)

    def change(way: str) -> str:
        share = result["recall"][way]["R@1"]["all"]
        return f"from {percent(share[0])} to {percent(share[at])}"

    gap = result["cisp_minus_clip_image_to_image"]["R@1"][at]
    return (
        f"When {100 * TOLD:.0f} % of the object are hidden, CISP's R@1 goes "
        f"{change('cisp image to shape')} from image to shape and {change('cisp image to image')} "
        f"from image to image, CLIP's {change('clip image to image')}; from image to image CISP is "
        f"then {standing(gap)} CLIP: {whole_points(gap)}."
    )


def against_shares(values: Mapping[str, list[Interval]], title: str, y: str) -> dict[str, Any]:
    """A figure of values at every share, a line each."""
    at = [100 * share for share in SHARES]
    series = {name: (at, line) for name, line in values.items()}
    return curves(series, title=title, x="hidden share of the object (%)", y=y)


def figure_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """R@1 against the hidden share."""
    found = {name: result["recall"][way]["R@1"]["all"] for name, way in SHOWN.items()}
    return against_shares(found, "Retrieval of a partly hidden object", "R@1")


def study(options: OcclusionOptions, device: torch.device) -> Answer:
    """Cover, embed, rank."""
    cache, spaces = open_gallery(options, device)
    found = measure(spaces, cache, options.queries, options.seed)
    result = summarise(found, cache.categories[: options.queries], options.seed)
    return Answer(finding_of(result), figure_of(result), result)


if __name__ == "__main__":
    study_command(OcclusionOptions, study)
