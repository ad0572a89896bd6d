"""How well is the object of a picture found? The cut-out against the truth, by kind of ground.

    python -m training.studies.masks --out assets/results/masks.json

Renderings of held-out shapes are put on grounds of six kinds (`training.data.composites`), and the
IoU of what is kept of the picture with the object counts. "plain" is a cut-out by alpha, ink or a
plain ground, "mask" the learned mask, "chosen" what decides on the page: the mask where the picture
counts as a photograph, whose embedding then is the mean of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from cisp.images import views
from diffusion.grids.frame import iou
from training.data.composites import KINDS, compose, kept
from training.data.procedural import draw_item
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import bars, number
from training.studies.runner import Answer, study_command
from training.tools.distributed import step_generator

OLD, MASK, NEW = "plain", "mask", "chosen"
MADE = (OLD, MASK, NEW)
DRAWN = 224  # pixels of a rendering's side
LOST = 0.5  # an IoU below this has missed the object


@dataclass(frozen=True)
class MasksOptions:
    """Measure how well objects are cut out.

    Attributes:
        out: The JSON file to write.
        count: Shapes, each put on a ground of every kind.
        seed: Of grounds and places, and of the resamples.
        device: auto, cpu, cuda or mps, for the renderings.
    """

    out: Path
    count: int = 84
    seed: int = 0
    device: str = "auto"


def overlaps(picture: Image.Image, truth: np.ndarray) -> tuple[dict[str, float], bool]:
    """The IoU of what each way that is `MADE` keeps with the truth (H, W) bool.

    Returns:
        The IoU by way, and whether the picture counts as a photograph.
    """
    new = views(picture)
    mask = new[1] if len(new) > 1 else views(picture, MASK)[0]
    shown = {OLD: new[0], MASK: mask, NEW: new[-1]}
    found = {way: kept(view, picture.size)[None] for way, view in shown.items()}
    return {way: iou(one, truth[None]) for way, one in found.items()}, len(new) > 1


def finding_of(results: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    every, kinds = results["by_ground"]["all"], [k for k in results["by_ground"] if k != "all"]
    gain: Interval = every["gain"]
    by_kind = ", ".join(
        f"{kind} {results['by_ground'][kind][OLD].mean:.2f} and "
        f"{results['by_ground'][kind][NEW].mean:.2f}"
        for kind in kinds
    )
    return (
        f"Over {results['composites']} composites the mean IoU of the cut-out with the object is "
        f"{number(every[NEW])} as chosen, {number(every[OLD])} without the learned mask "
        f"({number(gain, '+')}) and {number(every[MASK])} by the mask alone; by ground, without it "
        f"and as chosen: {by_kind}."
    )


def study(options: MasksOptions, device: torch.device) -> Answer:
    """Render, compose, cut out, compare."""
    if options.count < 1:
        raise ValueError("--count must be positive.")
    found = np.zeros((len(KINDS), len(MADE), options.count))
    photographs = np.zeros((len(KINDS), options.count), bool)
    for index in tqdm(range(options.count), desc="compose and cut out", unit="shape"):
        [rgba] = draw_item("test", index, ("wide",), str(device), side=DRAWN).pictures
        for at, kind in enumerate(KINDS):
            generator = step_generator(options.seed, index * len(KINDS) + at)
            picture, truth = compose(rgba, kind, generator)
            by_way, photographs[at, index] = overlaps(picture, truth)
            found[at, :, index] = [by_way[way] for way in MADE]
    rows = {"all": slice(None)} | {kind: slice(at, at + 1) for at, kind in enumerate(KINDS)}
    by_ground = {}
    for kind, chosen in rows.items():
        means = dict(zip(MADE, found[chosen].mean(0), strict=True))  # by shape
        by_ground[kind] = {
            **{way: bootstrap_mean(values, seed=options.seed) for way, values in means.items()},
            "gain": paired_bootstrap(means[NEW], means[OLD], seed=options.seed),
            "photographs": float(photographs[chosen].mean()),
            "lost": {way: float((found[chosen, at] < LOST).mean()) for at, way in enumerate(MADE)},
        }
    results = {"composites": options.count * len(KINDS), "by_ground": by_ground}
    series = {way: {kind: by_ground[kind][way] for kind in KINDS} for way in MADE}
    title = f"Overlap of the cut-out with the object, {options.count} shapes on each ground"
    return Answer(finding_of(results), bars(series, title=title, y="IoU"), results)


if __name__ == "__main__":
    study_command(MasksOptions, study)
