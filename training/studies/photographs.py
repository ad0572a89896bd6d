"""What is a learned mask worth on photographs? Shapes of the right category, by cut-out.

    python -m training.studies.photographs --images DIR --out assets/results/photographs.json

Each picture is cut out in several ways, each cut-out answered with shapes by both models, and a
voxel classifier names their category. "plain" is a cut-out by alpha, ink or a plain ground, which
leaves most photographs whole; "automatic" joins to those the learned mask, by the mean of both
embeddings. In the control a crop of the middle takes the mask's place: what zooming in alone gives.
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

from cisp.encoding import encode_pixels
from cisp.images import all_pixels, cutouts
from cisp.naming import SPACES
from cisp.picture_files import load_image
from cisp.spaces import load_spaces
from diffusion.presets import STANDARD
from training.data.inputs import find_images
from training.measure.answers import diffusion_answers
from training.measure.classifier import load_classifier
from training.measure.sampling import load_diffusion
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import bars, percent, points
from training.studies.runner import Answer, study_command

OLD, NEW, CONTROL = "plain", "automatic", "middle"
MADE = (OLD, "mask", NEW, CONTROL)
MIDDLE = 0.75  # of the sides, in the control


@dataclass(frozen=True)
class PhotographsOptions:
    """Measure what a learned mask is worth.

    Attributes:
        images: A folder with a folder of pictures a category.
        out: The JSON file to write.
        samples: Shapes a picture and space.
        classifier: The folder of the voxel classifier.
        weights: The folder of the trained weights.
        seed: Of the noise, which is another for every picture and sample, and of the resamples.
        device: auto, cpu, cuda or mps.
    """

    images: Path
    out: Path
    samples: int = 2
    classifier: Path = Path("assets/weights/classifier")
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


def shown(picture: Image.Image, size: int) -> dict[str, list[Image.Image]]:
    """What a tower is shown of a picture, in each way that is `MADE`."""
    new = cutouts(picture, [size])[size]
    old, mask = new[:1], new[1:]  # the mask joins what was there before
    made = {OLD: old, "mask": mask or cutouts(picture, [size], "mask")[size], NEW: new}
    made[CONTROL] = old
    if mask:  # a photograph
        width, height = picture.size
        x, y = ((1 - MIDDLE) / 2 * width, (1 - MIDDLE) / 2 * height)
        middle = picture.crop((round(x), round(y), round(width - x), round(height - y)))
        made[CONTROL] = [*old, *cutouts(middle, [size], "whole")[size]]
    return made


def compared(right: np.ndarray, old: np.ndarray, seed: int) -> dict[str, Any]:
    """Shares (N,) of a picture's shapes that are right, and against the old ones.

    "repaired" and "broken" count the pictures whose share rose or fell.
    """
    return {
        "right": bootstrap_mean(right, seed=seed),
        "gain": paired_bootstrap(right, old, seed=seed),
        "repaired": int((right > old).sum()),
        "broken": int((right < old).sum()),
    }


def finding_of(results: Mapping[str, Any]) -> str:
    """The finding in one sentence."""

    def told(space: str) -> str:
        ways = results["by_way"][space]
        gain: Interval = ways[NEW]["gain"]
        return (
            f"{space.upper()} from {percent(ways[OLD]['right'])} to "
            f"{percent(ways[NEW]['right'])} ({points(gain)}; {ways[NEW]['repaired']} pictures "
            f"better, {ways[NEW]['broken']} worse; with a crop of the middle in the mask's place "
            f"{points(ways[CONTROL]['gain'])}, by the mask alone {points(ways['mask']['gain'])})"
        )

    return (
        f"Of {results['pictures']} pictures {results['masked']} are photographs that get a learned "
        f"mask too; the share of shapes of the right category then goes for {told('cisp')}, for "
        f"{told('clip')}."
    )


def study(options: PhotographsOptions, device: torch.device) -> Answer:
    """Cut out, embed, sample, judge."""
    if options.samples < 1:
        raise ValueError("--samples must be positive.")
    judge = load_classifier(options.classifier, device)
    files = [(n, p) for n, p in find_images([options.images]) if p.parent.name in judge.categories]
    if not files:
        raise ValueError(f"'{options.images}' has no folder named after one of the categories.")
    spaces = load_spaces(options.weights, device)
    pixels: dict[str, dict[str, list]] = {way: {name: [] for name in SPACES} for way in MADE}
    for _, path in tqdm(files, desc="cut out", unit="picture"):
        picture = load_image(path)
        made = {s.image_size: shown(picture, s.image_size) for s in spaces.values()}
        for way in MADE:
            for name, space in spaces.items():
                pixels[way][name].append(all_pixels(made[space.image_size][way]))
    truth = np.array([path.parent.name for _, path in files])
    by_way: dict[str, dict[str, Any]] = {}
    for name in SPACES:
        model, right = load_diffusion(options.weights, name, device), {}
        for way in MADE:
            embeds = encode_pixels(spaces[name], pixels[way][name], device)
            answer = diffusion_answers(model, embeds, STANDARD, options.samples, options.seed)
            grids = answer(range(len(files)))  # (N, K, R, R, R)
            named = np.array(judge.predict(grids.reshape(-1, *grids.shape[2:])))
            right[way] = (named.reshape(len(files), -1) == truth[:, None]).mean(1)
        by_way[name] = {way: compared(right[way], right[OLD], options.seed) for way in MADE}
    results = {
        "pictures": len(files),
        "masked": sum(len(rows) > 1 for rows in pixels[NEW]["cisp"]),
        "by_way": by_way,
    }
    if not results["masked"]:
        raise ValueError(f"No picture in '{options.images}' is a photograph that gets a mask.")
    series = {
        name.upper(): {way: by_way[name][way]["right"] for way in MADE} for name in reversed(SPACES)
    }
    title = f"Shapes of the right category from {len(files)} pictures, by cut-out"
    return Answer(finding_of(results), bars(series, title=title, y="share"), results)


if __name__ == "__main__":
    study_command(PhotographsOptions, study)
