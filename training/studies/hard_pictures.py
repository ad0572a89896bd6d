"""What becomes of the generated shape when the object is partly hidden, or seen from the front?

    python -m training.studies.hard_pictures --out assets/results/hard-pictures.json

The pictures are those of `training.studies.occlusion` (0, 10, ..., 70 % of the object covered) and
of `training.studies.viewpoints` (six canonical directions). Both models answer each with one shape,
from the same noise for all pictures of a shape; IoU to the true shape is measured. The shapes are
the first of the test set, where categories take turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cisp.images import cutout
from cisp.naming import SPACES
from cisp.spaces import load_spaces
from diffusion.grids.frame import iou
from diffusion.presets import Sampling
from training.data.embeddings import IMAGE_SIZE, embed_views
from training.data.procedural import open_procedural
from training.measure.answers import diffusion_answers
from training.measure.sampling import load_diffusion
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.occlusion import QUERY, SHARES, TOLD, against_shares, occlude
from training.studies.report import by_sign, number
from training.studies.runner import Answer, groups_of, study_command
from training.studies.viewpoints import DIRECTIONS, views_of
from training.tools.workers import map_with_bar

HIDDEN = [f"{share:.0%} hidden" for share in SHARES]
PICTURES = [*HIDDEN, *DIRECTIONS]  # of each shape, in this order
Overlaps = dict[str, np.ndarray]  # a space to the IoU (pictures, shapes)


@dataclass(frozen=True)
class HardPicturesOptions:
    """Measure generated shapes against occlusion and direction of view.

    Attributes:
        out: The JSON file to write.
        weights: The folder of the trained weights.
        count: How many shapes.
        seed: Of the occluders, the lights, the noise and the resamples.
        device: auto, cpu, cuda or mps.
        workers: Processes that draw on a CPU; one a core by default.
    """

    out: Path
    weights: Path = Path("assets/weights")
    count: int = 104
    seed: int = 0
    device: str = "auto"
    workers: int | None = None


def drawn(index: int, seed: int) -> tuple[str, np.ndarray, np.ndarray]:
    """Category, cut-outs (PICTURES, S, S, 4) uint8 and occupancy (R, R, R) of a test shape."""
    item = open_procedural("test")[index]
    clean = np.asarray(cutout(item.images[QUERY], IMAGE_SIZE))
    pictures = np.concatenate([occlude(clean, (seed, index)), views_of(index, "test", seed)])
    return item.category, pictures, item.grid > 0


def overlaps(
    models: Mapping[str, Any],
    spaces: Mapping[str, Any],
    pictures: np.ndarray,
    truth: np.ndarray,
    seed: int,
) -> Overlaps:
    """IoU of each picture's shape to the true one.

    Args:
        models: a diffusion model a space.
        spaces: the embedders.
        pictures: (N, V, S, S, 4) uint8.
        truth: (N, R, R, R) bool.
        seed: of the first shape's noise.
    """
    sampling = Sampling.resolve("standard")
    found = {}
    for name, model in models.items():
        embeds = embed_views(spaces[name], pictures, range(pictures.shape[1]))  # (N, V, D)
        kinds = tqdm(embeds.swapaxes(0, 1), desc=f"make shapes with {name}", unit="picture")
        answers = (diffusion_answers(model, kind, sampling, 1, seed) for kind in kinds)
        found[name] = np.stack([iou(answer(range(len(truth)))[:, 0], truth) for answer in answers])
    return found


def summarise(found: Overlaps, categories: Sequence[str], seed: int) -> dict[str, Any]:
    """IoU by picture and category with intervals, CISP minus CLIP, and the loss by occlusion.

    Args:
        found: of `overlaps`, a row each of `PICTURES`.
        categories: one a shape.
        seed: of the resamples.
    """
    groups = groups_of(categories)

    def means(rows: np.ndarray) -> dict[str, Interval]:
        return {p: bootstrap_mean(row, seed=seed) for p, row in zip(PICTURES, rows, strict=True)}

    cisp, clip = found["cisp"], found["clip"]
    return {
        "shapes": len(categories),
        "iou": {
            space: {group: means(rows[:, members]) for group, members in groups.items()}
            for space, rows in found.items()
        },
        "cisp_minus_clip": {
            picture: paired_bootstrap(a, b, seed=seed)
            for picture, a, b in zip(PICTURES, cisp, clip, strict=True)
        },
        "loss_of_cisp_minus_loss_of_clip": {  # against the same picture with nothing hidden
            picture: paired_bootstrap(cisp[0] - cisp[at], clip[0] - clip[at], seed=seed)
            for at, picture in enumerate(HIDDEN)
        },
    }


def finding_of(result: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    half = HIDDEN[SHARES.index(TOLD)]
    whole = {space: result["iou"][space]["all"] for space in SPACES}
    hardest = min(DIRECTIONS, key=lambda name: whole["cisp"][name].mean)

    def fall(space: str) -> str:
        return f"from {number(whole[space][HIDDEN[0]])} to {number(whole[space][half])}"

    loss = result["loss_of_cisp_minus_loss_of_clip"][half]
    more = by_sign(loss, "more", "less", "not clearly more or less")
    return (
        f"With {TOLD:.0%} of the object hidden the mean IoU of CISP's shapes goes {fall('cisp')}, "
        f"of CLIP's {fall('clip')}, so CISP loses {more} ({number(loss, '+')}); of six directions "
        f"the hardest for CISP is '{hardest}': {number(whole['cisp'][hardest])} for CISP, "
        f"{number(whole['clip'][hardest])} for CLIP, a difference of "
        f"{number(result['cisp_minus_clip'][hardest], '+')}."
    )


def figure_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """IoU against the hidden share."""
    found = {
        space.upper(): [result["iou"][space]["all"][picture] for picture in HIDDEN]
        for space in reversed(SPACES)
    }
    title = f"Shapes made of {result['shapes']} partly hidden objects"
    return against_shares(found, title, "mean IoU")


def study(options: HardPicturesOptions, device: torch.device) -> Answer:
    """Draw, make shapes, compare."""
    if options.count < 1:
        raise ValueError(f"--count must be positive, not {options.count}.")
    models = {name: load_diffusion(options.weights, name, device) for name in SPACES}
    spaces = load_spaces(options.weights, device)
    one, rows = partial(drawn, seed=options.seed), range(options.count)
    drawings = map_with_bar(one, rows, desc="draw", unit="shape", workers=options.workers)
    categories, pictures, truth = zip(*drawings, strict=True)
    found = overlaps(models, spaces, np.stack(pictures), np.stack(truth), options.seed)
    result = summarise(found, categories, options.seed)
    return Answer(finding_of(result), figure_of(result), result)


if __name__ == "__main__":
    study_command(HardPicturesOptions, study)
