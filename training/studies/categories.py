"""Do people's pictures find shapes of the right category? The nearest gallery shapes vote.

    python -m training.studies.categories --images sketches --images photos --out OUT.json

Each folder holds a folder of pictures a category. The gallery holds the procedural test shapes; the
ten nearest ones vote. CISP can compare a picture with the shapes themselves, CLIP only with
pictures or captions of them; both are measured in every way they offer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import tyro

from cisp.gallery import Neighbours, nearest
from cisp.spaces import load_spaces
from training.data.cache import DataCache
from training.data.embeddings import (
    embed_captions,
    embed_shapes,
    embed_views,
    mean_embeds,
    mean_of_each,
    procedural_cache,
)
from training.data.inputs import embed_files, find_images
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import bars, percent, verdict
from training.studies.runner import Answer, study_command

VOTERS = 10
SHAPES, CISP_IMAGES = "cisp by shapes", "cisp by images"
CLIP_IMAGES, CLIP_TEXTS = "clip by images", "clip by captions"
DIFFERENCES = ((SHAPES, CLIP_IMAGES), (CISP_IMAGES, CLIP_IMAGES), (SHAPES, CLIP_TEXTS))
CONVENTIONS = {
    "vote": f"the {VOTERS} nearest gallery shapes vote; of categories with equally many votes the "
    "one with the greater summed similarity wins",
    "by shapes": "similarity of the picture to the embedding of the grid",
    "by images": "similarity to the mean embedding of the shape's rendered and drawn views",
    "by captions": "similarity to the mean embedding of the shape's captions",
    "all categories": "every gallery shape may answer",
    "own categories": "only gallery shapes of the categories that the set of pictures has",
    "confusion": "rows the true category, columns the answer, in the order of `categories`",
    "interval": "95 % percentile bootstrap over pictures; differences are paired by picture",
}


@dataclass(frozen=True)
class CategoriesOptions:
    """Measure category retrieval from people's pictures.

    Attributes:
        images: A folder with a folder of pictures a category; may be given several times.
        out: The JSON file to write.
        cache: The folder of the drawn splits; the test split is drawn there if it is not yet.
        count: Test shapes of the gallery.
        weights: The folder of the trained weights.
        seed: Of the bootstrap; nothing else is drawn at random.
        device: auto, cpu, cuda or mps.
    """

    images: tyro.conf.UseAppendAction[tuple[Path, ...]]
    out: Path
    cache: Path = Path("runs/data")
    count: int = 2600
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


class Pictures(NamedTuple):
    """N pictures of a set: true `categories`, `embeds` (N, D) a space, and what was left out."""

    categories: list[str]
    embeds: dict[str, np.ndarray]
    skipped: int
    of_other_categories: int


def vote(neighbours: Neighbours, categories: Sequence[str]) -> list[str]:
    """The category that most neighbours have; ties go to the greater summed similarity.

    Args:
        neighbours: of Q queries.
        categories: those of the gallery's rows.
    """
    names, labels = np.unique(np.array(categories), return_inverse=True)
    answers = []
    for rows, similarity in zip(*neighbours, strict=True):
        votes = np.bincount(labels[rows], minlength=len(names))
        weight = np.bincount(labels[rows], weights=similarity, minlength=len(names))
        weight[votes < votes.max()] = -np.inf
        answers.append(str(names[weight.argmax()]))
    return answers


def summary(
    answers: Sequence[str], truth: Sequence[str], categories: Sequence[str], seed: int
) -> dict[str, Any]:
    """Share named right with its interval, by category, and the confusion matrix.

    Args:
        answers: N categories.
        truth: N categories.
        categories: the order of the matrix; holds every answer and every true category.
        seed: of the bootstrap.
    """
    true, right = np.array(truth), np.array(answers) == np.array(truth)
    confusion = np.zeros((len(categories),) * 2, int)
    index = {category: i for i, category in enumerate(categories)}
    np.add.at(confusion, ([index[t] for t in truth], [index[a] for a in answers]), 1)
    per_category = {
        name: bootstrap_mean(right[true == name], seed=seed) for name in sorted(set(truth))
    }
    return {
        "right": bootstrap_mean(right, seed=seed),
        "mean of categories": float(np.mean([one.mean for one in per_category.values()])),
        "per_category": per_category,
        "confusion": confusion,
    }


def measure(
    pictures: Pictures, gallery: dict[str, np.ndarray], categories: Sequence[str], seed: int
) -> dict[str, Any]:
    """Vote and count for every way of comparing, and the differences between them.

    Args:
        pictures: of one set.
        gallery: "<space> by <what>" to (N, D) unit vectors.
        categories: N, those of the gallery's rows.
        seed: of the bootstrap.
    """
    truth, names = np.array(pictures.categories), sorted(set(categories))
    answers = {
        way: vote(nearest(pictures.embeds[way.split()[0]], embeds, VOTERS), categories)
        for way, embeds in gallery.items()
    }
    result: dict[str, Any] = {"categories": names}
    for way, named in answers.items():
        result[way] = summary(named, pictures.categories, names, seed)
    right = {way: np.array(named) == truth for way, named in answers.items()}
    result["differences"] = {
        f"{a} minus {b}": {
            "right": paired_bootstrap(right[a], right[b], seed=seed),
            "per_category": {
                name: paired_bootstrap(right[a][truth == name], right[b][truth == name], seed=seed)
                for name in sorted(set(pictures.categories))
            },
        }
        for a, b in DIFFERENCES
    }
    return result


def on_set(
    pictures: Pictures, gallery: dict[str, np.ndarray], categories: Sequence[str], seed: int
) -> dict[str, Any]:
    """What `measure` finds in the whole gallery, and, if smaller, in that of the set's categories.

    Raises:
        ValueError: if the gallery holds fewer shapes than are to vote.
    """
    names, own = np.array(categories), np.isin(categories, pictures.categories)
    if own.sum() < VOTERS:
        raise ValueError(f"The gallery needs {VOTERS} shapes of the pictures' categories.")
    result = {
        "pictures": len(pictures.categories),
        "pictures per category": dict(sorted(Counter(pictures.categories).items())),
        "skipped": pictures.skipped,
        "of other categories": pictures.of_other_categories,
        "all categories": measure(pictures, gallery, names.tolist(), seed),
    }
    if not own.all():
        part = {way: embeds[own] for way, embeds in gallery.items()}
        result["own categories"] = measure(pictures, part, names[own].tolist(), seed)
    return result


def read_set(folder: Path, known: Sequence[str], spaces: dict[str, Any], device: Any) -> Pictures:
    """Embed the pictures of a folder; what cannot be read is skipped, with one line, and counted.

    Args:
        folder: with a folder of pictures a category.
        known: the categories of the gallery; pictures of others are left out, and counted.
        spaces: by name.
        device: for the pictures.

    Raises:
        ValueError: if no picture is left.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder '{folder}'.")
    files = find_images([folder])
    usable = [(name, path) for name, path in files if path.parent.name in known]
    if not usable:
        raise ValueError(f"'{folder}' has no folder named after one of {', '.join(known)}.")
    embedded = embed_files(usable, list(spaces.values()), device)
    paths = dict(usable)
    return Pictures(
        [paths[name].parent.name for name in embedded.names],
        embedded.embeds,
        embedded.skipped,
        len(files) - len(usable),
    )


def gallery_of(cache: DataCache, spaces: dict[str, Any]) -> dict[str, np.ndarray]:
    """The shapes of a cache in every way that a picture can be compared with them."""
    views = range(cache.cutouts.shape[1])
    return {
        SHAPES: embed_shapes(spaces["cisp"], cache.grids),
        CISP_IMAGES: mean_embeds(embed_views(spaces["cisp"], cache.cutouts, views)),
        CLIP_IMAGES: mean_embeds(embed_views(spaces["clip"], cache.cutouts, views)),
        CLIP_TEXTS: mean_of_each(embed_captions(spaces["clip"], cache.captions)),
    }


def figure_of(sets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Bars of both spaces' headlines, overall and by category, for every set."""
    series: dict[str, dict[str, Interval]] = {"CISP": {}, "CLIP": {}}
    for name, measured in sets.items():
        for bars_of, way in zip(series.values(), (SHAPES, CLIP_IMAGES), strict=True):
            found = measured["all categories"][way]
            bars_of[f"{name}: all"] = found["right"]
            bars_of |= {f"{name}: {one}": share for one, share in found["per_category"].items()}
    title = f"Pictures whose {VOTERS} nearest shapes vote for the right category"
    figure = bars(series, title=title, y="share of pictures", horizontal=True)
    figure["layout"]["xaxis"]["range"] = [0, 1]
    return figure


def finding_of(sets: dict[str, dict[str, Any]]) -> str:
    """The finding in one sentence, whichever way the numbers fell."""
    parts = []
    for name, measured in sets.items():
        found = measured["all categories"]
        by_shapes, alike = (
            verdict(found["differences"][f"{way} minus {CLIP_IMAGES}"]["right"])
            for way in (SHAPES, CISP_IMAGES)
        )
        among = ""
        if "own categories" in measured:
            own = measured["own categories"]
            share = percent(own[SHAPES]["right"])
            among = f" ({share} over their own {len(own['categories'])})"
        parts.append(
            f"of {measured['pictures']} {name} the nearest shapes in CISP name "
            f"{percent(found[SHAPES]['right'])} right over {len(found['categories'])} categories"
            f"{among}, the nearest images in CLIP {percent(found[CLIP_IMAGES]['right'])}: "
            f"{by_shapes}, and compared by images in both spaces {alike}"
        )
    sentence = "; ".join(parts) + "."
    return sentence[0].upper() + sentence[1:]


def study(options: CategoriesOptions, device: torch.device) -> Answer:
    """Embed pictures and gallery, vote."""
    names = [folder.resolve().name for folder in options.images]
    if not names or len(set(names)) < len(names):
        raise ValueError("--images needs one or more folders with different names.")
    spaces = load_spaces(options.weights, device)
    cache = procedural_cache(options.cache, "test", options.count)
    known = sorted(set(cache.categories))
    pictures = {
        name: read_set(folder, known, spaces, device)
        for name, folder in zip(names, options.images, strict=True)
    }
    gallery = gallery_of(cache, spaces)
    sets = {
        name: on_set(of_set, gallery, cache.categories, options.seed)
        for name, of_set in pictures.items()
    }
    results = {"conventions": CONVENTIONS, "shapes": len(cache), "sets": sets}
    return Answer(finding_of(sets), figure_of(sets), results)


if __name__ == "__main__":
    study_command(CategoriesOptions, study)
