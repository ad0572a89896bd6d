"""Measure on pictures that have no shape: photos and drawings in folders named by category.

    python -m training.wild --images DIR --classifier assets/weights/classifier --out WILD.json

Each picture is answered with shapes of every space; a classifier of voxels, trained on clean shapes
and independent of both embedding spaces, names their category. The contact sheet shows every
picture, what the towers saw of it (of a photograph both views), and the first shape of each space.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cisp.naming import AUTOMATIC, SPACES, Way
from diffusion.devices import pick_device
from diffusion.presets import STANDARD
from training.tools.command import atomic_path, check_seed, parse_spaces, run_command

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class WildOptions:
    """Measure on pictures without shapes.

    Attributes:
        images: A folder with a folder of pictures a category.
        out: The JSON file to write.
        classifier: The folder of the voxel classifier.
        spaces: Names separated by commas.
        cut_out: What pictures are cut out by: alpha, ink or a plain ground (plain), a learned mask
            (mask), nothing (whole), or whatever suits each (automatic).
        samples: Shapes a picture and space.
        sheet: A PNG file for a contact sheet.
        weights: The folder of the trained weights.
        seed: Of the noise, which is another for every picture and sample.
        device: auto, cpu, cuda or mps.
    """

    images: Path
    out: Path
    classifier: Path = Path("assets/weights/classifier")
    spaces: str = "clip,cisp"
    cut_out: Way = AUTOMATIC
    samples: int = 1
    sheet: Path | None = None
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


def shares(right: dict[str, np.ndarray], categories: list[str], seed: int) -> dict[str, Any]:
    """Share named right, overall and per category, with 95% bootstrap intervals over pictures.

    Args:
        right: a space to (N,) the share of a picture's samples that are named right.
        categories: N true names.
        seed: of the bootstrap.
    """
    from training.measure.statistics import bootstrap_mean, paired_bootstrap

    names = np.array(categories)
    report: dict[str, Any] = {
        space: {
            "overall": bootstrap_mean(values, seed=seed),
            "mean_of_categories": float(
                np.mean([values[names == category].mean() for category in set(categories)])
            ),
            "per_category": {
                category: bootstrap_mean(values[names == category], seed=seed)
                for category in sorted(set(categories))
            },
        }
        for space, values in right.items()
    }
    if set(SPACES) <= right.keys():
        report["cisp_minus_clip"] = paired_bootstrap(right["cisp"], right["clip"], seed=seed)
    return report


def save(
    options: WildOptions, device: torch.device, right: dict[str, np.ndarray], **counts: Any
) -> None:
    """Write the study: how many pictures give a shape of the right category."""
    from training.studies.report import bars, percent, save_study, verdict

    found = shares(right, counts["categories"], options.seed)
    names = {space: space.upper() for space in SPACES}
    told = ", ".join(f"{names.get(s, s)} for {percent(found[s]['overall'])}" for s in right)
    gap = found.get("cisp_minus_clip")
    count = len(counts["categories"])
    save_study(
        "training.wild",
        options,
        device,
        finding=f"Of {count} pictures of {len(set(counts['categories']))} categories the shape is "
        f"of the right one of {len(counts['judge_categories'])} with {told}"
        + (f": {verdict(gap)}." if gap else "."),
        figure=bars(
            {space: found[space]["per_category"] for space in right},
            title=f"Share of shapes of the right category, {count} pictures",
            y="share",
        ),
        results={"images": count, **counts, "right_category": found},
    )


def main(options: WildOptions) -> None:
    """Embed, generate, judge, save."""
    from cisp.images import cutouts
    from cisp.picture_files import load_image
    from cisp.spaces import load_space
    from training.data.inputs import embed_files, find_images
    from training.data.pictures import contact_sheet, look
    from training.measure.answers import diffusion_answers
    from training.measure.classifier import load_classifier
    from training.measure.sampling import load_diffusion

    check_seed(options.seed)
    if options.samples < 1:
        raise ValueError("--samples must be positive.")
    device, names = pick_device(options.device), parse_spaces(options.spaces)
    judge = load_classifier(options.classifier, device)
    files = find_images([options.images])
    known = [(n, p) for n, p in files if p.parent.name in judge.categories]
    if not known:
        raise ValueError(
            f"'{options.images}' has no folder named after one of {', '.join(judge.categories)}."
        )
    sampling = STANDARD
    models = {name: load_diffusion(options.weights, name, device) for name in names}
    spaces = [load_space(name, options.weights, device) for name in names]
    embedded = embed_files(known, spaces, device, way=options.cut_out)
    made = (sampling, options.samples, options.seed)
    grids = [
        diffusion_answers(models[name], embedded.embeds[name], *made)(range(len(embedded.names)))
        for name in names
    ]  # (N, samples, R, R, R) bool a space
    paths = dict(known)
    categories = [paths[name].parent.name for name in embedded.names]
    right = {}
    for space, of_space in zip(names, grids, strict=True):
        named = judge.predict(of_space.reshape(-1, *of_space.shape[2:]))
        truth = np.repeat(categories, options.samples)
        right[space] = (np.array(named) == truth).reshape(-1, options.samples).mean(1)
    save(
        options,
        device,
        right,
        categories=categories,
        skipped=embedded.skipped,
        left_out=len(files) - len(known),
        judge_categories=judge.categories,
    )
    if options.sheet is not None:
        rows = []
        for index, name in enumerate(embedded.names):
            image = load_image(paths[name])
            shown = cutouts(image, [112], options.cut_out)[112]
            row = [image, shown[0], shown[-1]]
            row += [look(of_space[index, 0]) for of_space in grids]
            rows.append(row)
        with atomic_path(options.sheet) as temporary:
            contact_sheet(rows).save(temporary)


if __name__ == "__main__":
    run_command(WildOptions, main)
