"""How much depends on the point of view? Retrieval from six canonical directions.

    python -m training.studies.viewpoints --out assets/results/viewpoints.json

Test shapes are rendered in their own colours from the front, a side, the back, above and two
corners, each under one light. From each picture CISP looks for the shape itself, and both spaces
look for its other pictures: the mean embedding of the renderings 0, 1 and 2 of the test set. How
ambiguous a view is needs no model: its look-alikes are the other shapes of the category whose
silhouettes from the same direction overlap the shape's own by an IoU above 0.9. Queries are the
first shapes of the test set, where categories take turns; the gallery is all of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from cisp.images import cutout
from cisp.naming import SPACES
from training.data.cache import DataCache
from training.data.embeddings import IMAGE_SIZE
from training.data.procedural import PICTURE, seed_of, shape_of
from training.measure.statistics import bootstrap_mean, paired_bootstrap
from training.rendering.camera import Camera, framed
from training.rendering.lighting import random_lighting
from training.rendering.renderer import Scene, render
from training.rendering.silhouettes import look_alikes, silhouettes
from training.studies.looking import SHOWN, GalleryOptions, open_gallery, ranks_by_way, recall
from training.studies.report import bars, percent, standing, whole_points
from training.studies.runner import Answer, groups_of, study_command
from training.tools.workers import map_with_bar

# Azimuth and elevation in degrees.
DIRECTIONS = {
    "front": (0, 0),
    "side": (90, 0),
    "back": (180, 0),
    "above": (0, 80),
    "front corner": (40, 25),
    "back corner": (140, 25),
}
DISTANCE = 2.2  # of the eye, in cube sides
RENDERINGS = (0, 1, 2)  # views of the cache that are renderings
LOOK_ALIKES = {"none": (0, 0), "1 to 4": (1, 4), "5 or more": (5, np.inf)}


@dataclass(frozen=True)
class ViewpointsOptions(GalleryOptions):
    """Measure retrieval from canonical directions.

    Attributes:
        queries: How many of them are rendered and looked for.
        seed: Of the lights and the resamples.
        device: auto, cpu, cuda or mps.
        workers: Processes that render on a CPU; one a core by default.
    """

    queries: int = 260
    seed: int = 0
    device: str = "auto"
    workers: int | None = None


def cameras_of(occupancy: np.ndarray) -> list[Camera]:
    """One a direction, each framed on the occupied cells (R, R, R)."""
    points = (np.argwhere(occupancy) + 0.5) / len(occupancy) - 0.5
    return [framed(*direction, DISTANCE, points, 0.04) for direction in DIRECTIONS.values()]


def views_of(index: int, split: str, seed: int, device: str = "cpu") -> np.ndarray:
    """Cut-outs (directions, S, S, 4) uint8 of shape `index` of a split, under a light of its own.

    Args:
        index: of the shape.
        split: of the procedural data set.
        seed: of the light.
        device: where it is rendered.
    """
    category, shape_seed = seed_of(split, index)
    shape, grid, distance = shape_of(split, index, device)
    cameras = cameras_of(grid.cpu().numpy() > 0)
    rng = np.random.default_rng([seed, zlib.crc32(category.encode()), shape_seed])
    lights = [random_lighting(rng)] * len(cameras)
    rgba = render(Scene.of_shape(shape, distance), cameras, lights, PICTURE).rgba
    pictures = (rgba * 255).round().to(torch.uint8).cpu().numpy()
    cutouts = [cutout(Image.fromarray(picture, "RGBA"), IMAGE_SIZE) for picture in pictures]
    return np.stack([np.asarray(picture) for picture in cutouts])


def summarise(
    found: Mapping[str, np.ndarray], alike: np.ndarray, categories: Sequence[str], seed: int
) -> dict[str, Any]:
    """R@1, R@10 and the median rank by direction, by category, and by the number of look-alikes.

    Args:
        found: of `ranks_by_way`.
        alike: (queries, directions) of `look_alikes`.
        categories: one a query.
        seed: of the resamples.
    """
    chosen = groups_of(categories)

    def scores_of(rank: np.ndarray) -> dict[str, Any]:
        return {**recall(rank, (1, 10), seed), "median_rank": float(np.median(rank))}

    by_direction, look_alike_means = {}, {}
    for at, direction in enumerate(DIRECTIONS):
        by_direction[direction] = {
            way: {name: scores_of(rank[rows, at]) for name, rows in chosen.items()}
            for way, rank in found.items()
        }
        look_alike_means[direction] = {
            name: float(alike[rows, at].mean()) for name, rows in chosen.items()
        }
    clip, cisp = (found[f"{name} image to image"] <= 1 for name in SPACES)
    by_look_alikes = {}
    for name, (least, most) in LOOK_ALIKES.items():
        among = (alike >= least) & (alike <= most)
        rows = among.any(1)  # shapes are resampled: a share of pictures each
        if rows.any():
            pictures = among[rows].sum(1)
            by_look_alikes[name] = {"pictures": int(pictures.sum())} | {
                way: bootstrap_mean(((rank <= 1) & among)[rows].sum(1) / pictures, seed=seed)
                for way, rank in found.items()
            }
    return {
        "queries": len(categories),
        "by_direction": by_direction,
        "mean_look_alikes": look_alike_means,
        "R@1_by_look_alikes": by_look_alikes,
        "cisp_minus_clip_image_to_image_R@1": {
            "all directions": paired_bootstrap(cisp.mean(1), clip.mean(1), seed=seed),
            **{
                direction: paired_bootstrap(cisp[:, at], clip[:, at], seed=seed)
                for at, direction in enumerate(DIRECTIONS)
            },
        },
        "mean_R@1": {
            way: bootstrap_mean((rank <= 1).mean(1), seed=seed) for way, rank in found.items()
        },
    }


def finding_of(result: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    shape = {
        direction: ways["cisp image to shape"]["all"]["R@1"]
        for direction, ways in result["by_direction"].items()
    }
    best, worst = max(shape, key=lambda d: shape[d].mean), min(shape, key=lambda d: shape[d].mean)
    mean = {way: percent(value) for way, value in result["mean_R@1"].items()}
    gap = result["cisp_minus_clip_image_to_image_R@1"]["all directions"]
    return (
        f"CISP's R@1 from image to shape is {percent(shape[best])} for the view '{best}' and "
        f"{percent(shape[worst])} for the view '{worst}'; over all directions its R@1 from image "
        f"to image, {mean['cisp image to image']}, is {standing(gap)} CLIP's, "
        f"{mean['clip image to image']}: {whole_points(gap)}."
    )


def figure_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """R@1 by direction."""
    series = {
        name: {
            direction: ways[way]["all"]["R@1"] for direction, ways in result["by_direction"].items()
        }
        for name, way in SHOWN.items()
    }
    figure = bars(series, title="Retrieval by the direction of view", y="R@1")
    figure["data"][-1]["marker"]["pattern"] = {"shape": "/"}  # a second bar of CISP's colour
    return figure


def check_cache(cache: DataCache) -> None:
    """Check that the cache holds the shapes that are rendered here.

    Raises:
        ValueError: if it does not.
    """
    for index, name in enumerate(cache.ids):
        category, seed = seed_of(cache.split, index)
        if name != f"{category}-{seed}":
            raise ValueError(
                f"'{cache.folder}' holds '{name}' where '{category}-{seed}' should be."
            )


def study(options: ViewpointsOptions, device: torch.device) -> Answer:
    """Render, embed, rank."""
    cache, spaces = open_gallery(options, device)
    check_cache(cache)
    pictures = map_with_bar(
        partial(views_of, split=cache.split, seed=options.seed, device=str(device)),
        range(options.queries),
        desc="rendering",
        unit="shape",
        workers=1 if device.type == "cuda" else options.workers,
    )
    outlines = []
    for grid in tqdm(cache.grids, desc="outlining", unit="shape"):
        occupancy = np.asarray(grid) > 0
        outlines.append(silhouettes(occupancy, cameras_of(occupancy)))
    alike = look_alikes(np.stack(outlines), cache.categories, options.queries)
    found = ranks_by_way(spaces, cache, np.stack(pictures), RENDERINGS)
    result = summarise(found, alike, cache.categories[: options.queries], options.seed)
    return Answer(finding_of(result), figure_of(result), result)


if __name__ == "__main__":
    study_command(ViewpointsOptions, study)
