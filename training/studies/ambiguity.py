"""Do samples differ where the picture leaves the shape open? Variance over samples, by half.

    python -m training.studies.ambiguity --out assets/results/ambiguity.json

Shapes are rendered from the front and from behind, and each picture is answered with many samples.
A cell that is full in a share p of them varies by p (1 - p). What is compared is how much of a
picture's variance lies in the front half of the cube, seen from behind and seen from the front:
what is asymmetric in the shapes themselves cancels. The figure shows the first shape of some
categories from the side, its front to the right: variance summed across the cube, and the outline
of the true shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cisp.naming import SPACES
from cisp.spaces import load_spaces
from diffusion.presets import STANDARD
from training.data.embeddings import embed_views
from training.data.procedural import seed_of, shape_of
from training.measure.answers import diffusion_answers
from training.measure.sampling import load_diffusion
from training.measure.scores import Answerer
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import by_sign, percent, whole_points
from training.studies.runner import Answer, study_command
from training.studies.viewpoints import DIRECTIONS, views_of
from training.tools.workers import map_with_bar

SIDES = ("front", "back")  # of `DIRECTIONS`
SPLIT = "val"
SHOWN = ("cabinet", "chair", "sofa", "display", "car", "table")
BLUES = [[0, "#ffffff"], [1, "#08519c"]]


@dataclass(frozen=True)
class AmbiguityOptions:
    """Measure where samples of one picture differ.

    Attributes:
        out: The JSON file to write.
        count: Shapes, of the validation set, where categories take turns.
        samples: Shapes a picture, 2 or more.
        weights: The folder of the trained weights.
        seed: Of the lights, the noise and the resamples.
        device: auto, cpu, cuda or mps.
        workers: Processes that render on a CPU; one a core by default.
    """

    out: Path
    count: int = 39
    samples: int = 12
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"
    workers: int | None = None


def sides_of(index: int, seed: int, device: str) -> np.ndarray:
    """Cut-outs (2, S, S, 4) uint8 of a shape from the `SIDES`."""
    views = views_of(index, SPLIT, seed, device)
    return views[[list(DIRECTIONS).index(side) for side in SIDES]]


def variance(answer: Answerer, count: int) -> np.ndarray:
    """Variance (count, R, R, R) of the cells over the samples of each picture."""
    found = []
    for picture in range(count):  # one at a time: all samples of all pictures take much memory
        share = answer([picture])[0].mean(0)
        found.append(share * (1 - share))
    return np.stack(found)


def front_share(variances: np.ndarray) -> np.ndarray:
    """How much (N,) of the variance (N, R, R, R) lies in the front half, +x; half of nothing."""
    whole = variances.sum((1, 2, 3))
    front = variances[:, variances.shape[1] // 2 :].sum((1, 2, 3))
    return np.where(whole > 0, front / np.where(whole > 0, whole, 1), 0.5)


def summarise(found: Mapping[str, Mapping[str, np.ndarray]], seed: int) -> dict[str, Any]:
    """Means with intervals.

    Args:
        found: a space to {a side: variances (N, R, R, R)}.
        seed: of the resamples.
    """
    results = {}
    for space, variances in found.items():
        front, back = (front_share(variances[side]) for side in SIDES)
        results[space] = {
            "front_share_seen_from_front": bootstrap_mean(front, seed=seed),
            "front_share_seen_from_back": bootstrap_mean(back, seed=seed),
            "back_minus_front": paired_bootstrap(back, front, seed=seed),
        }
    return results


def finding_of(results: Mapping[str, Any]) -> str:
    """The finding in one sentence."""

    def told(space: str) -> str:
        entry = results[space]
        shift: Interval = entry["back_minus_front"]
        verdict = by_sign(
            shift, "the unseen side varies more", "the seen side varies more", "no clear shift"
        )
        return (
            f"{space.upper()} {percent(entry['front_share_seen_from_back'])} against "
            f"{percent(entry['front_share_seen_from_front'])} ({whole_points(shift)}: {verdict})"
        )

    return (
        "Of the variance among samples of one picture, this much lies in the front half when the "
        f"shape is seen from behind against from the front: {told('cisp')}; {told('clip')}."
    )


def figure_of(variances: Mapping[str, np.ndarray], truth: Mapping[str, np.ndarray]) -> dict:
    """Heat maps from the side: a column a shape, a row a side that it was seen from.

    Args:
        variances: a side to (n, R, R, R).
        truth: n names to (R, R, R) bool.
    """
    data, layout = [], {"template": "plotly_white", "showlegend": False}
    layout["title"] = {"text": "Where CISP's samples of one picture differ (side view)"}
    most = max(float(values.sum(3).max()) for values in variances.values()) or 1.0
    width, height, rows = 1 / len(truth), 0.46, len(variances)
    for row, (side, values) in enumerate(variances.items()):
        for column, (name, occupancy) in enumerate(truth.items()):
            at = row * len(truth) + column + 1
            axes = {"xaxis": f"x{at}", "yaxis": f"y{at}"}
            seen = np.round(values[column].sum(2).T, 3)  # (y, x)
            heat = {"type": "heatmap", "z": seen.tolist(), "zmin": 0, "zmax": round(most, 3)}
            outline = {"type": "contour", "z": occupancy.any(2).T.astype(int).tolist()}
            outline |= {"contours": {"start": 0.5, "end": 0.5, "coloring": "none"}}
            outline |= {"line": {"color": "#d55e00", "width": 1}, "hoverinfo": "skip"}
            data.append(heat | axes | {"colorscale": BLUES, "showscale": at == 1})
            data.append(outline | axes | {"showscale": False})
            left, low = column * width, (rows - 1 - row) / rows
            hidden = {"showticklabels": False, "showgrid": False, "zeroline": False}
            layout[f"xaxis{at}"] = hidden | {
                "domain": [left, left + 0.9 * width],
                "anchor": f"y{at}",
                "title": {"text": f"{name}, seen from the {side}"},
            }
            layout[f"yaxis{at}"] = hidden | {"domain": [low, low + height], "anchor": f"x{at}"}
    return {"data": data, "layout": layout}


def shown_of(categories: Sequence[str]) -> list[int]:
    """The first shape of each category to show."""
    return [categories.index(name) for name in SHOWN if name in categories]


def study(options: AmbiguityOptions, device: torch.device) -> Answer:
    """Render, sample, compare."""
    if options.samples < 2:
        raise ValueError("--samples must be at least 2: one sample does not vary.")
    if options.count < len(SHOWN):
        raise ValueError(f"--count must be at least {len(SHOWN)}.")
    spaces = load_spaces(options.weights, device)
    pictures = map_with_bar(
        partial(sides_of, seed=options.seed, device=str(device)),
        range(options.count),
        desc="rendering",
        unit="shape",
        workers=1 if device.type == "cuda" else options.workers,
    )
    cutouts = np.stack(pictures)  # (N, 2, S, S, 4)
    found: dict[str, dict[str, np.ndarray]] = {}
    for name in SPACES:
        model = load_diffusion(options.weights, name, device)
        embeds = embed_views(spaces[name], cutouts, range(len(SIDES)))
        found[name] = {}
        for at, side in enumerate(SIDES):
            answer = diffusion_answers(
                model, embeds[:, at], STANDARD, options.samples, options.seed
            )
            found[name][side] = variance(answer, options.count)
    results = summarise(found, options.seed)
    categories = [seed_of(SPLIT, index)[0] for index in range(options.count)]
    rows = shown_of(categories)
    truth = {categories[row]: shape_of(SPLIT, row, "cpu")[1].numpy() > 0 for row in rows}
    shown = {side: found["cisp"][side][rows] for side in SIDES}
    return Answer(
        finding_of(results),
        figure_of(shown, truth),
        {"shapes": options.count, "samples": options.samples, **results},
    )


if __name__ == "__main__":
    study_command(AmbiguityOptions, study)
