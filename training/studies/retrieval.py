"""Does an embedding find the very object again? Recall of the own shape, picture or caption.

    python -m training.studies.retrieval --out assets/results/retrieval.json [--meshes DIR]

Image to shape in CISP; text to image and back in CLIP; image to image, the same object seen from
elsewhere, in both spaces on the same pictures. The gallery always holds every test shape once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cisp.naming import SPACES
from cisp.spaces import load_spaces
from training.data.cache import DataCache
from training.data.embeddings import (
    embed_captions,
    embed_shapes,
    embed_views,
    mean_of_each,
    procedural_cache,
)
from training.measure.metrics import ranks, ranks_in_batches
from training.measure.statistics import Interval, paired_bootstrap
from training.studies.looking import recall
from training.studies.mesh_pictures import draw_meshes
from training.studies.report import bars, percent, verdict
from training.studies.runner import Answer, study_command

KS = (1, 5, 10)
BATCHES = (64, 128)
VIEW = {"rendering": 0, "wide view": 1, "other rendering": 2, "drawing": 3}
SEEN = ("rendering", "wide view", "drawing")  # kinds of pictures used as queries
PAIRS = (("rendering", "other rendering"), ("drawing", "rendering"))  # query and gallery
MESH_PAIRS = {"rendering to other rendering": 1, "rendering to repainted rendering": 2}
CONVENTIONS = {
    "R@k": "share of queries whose own gallery entry is among the k nearest; ties count against",
    "gallery": "every test shape once, whatever the category of the query",
    "batches": "mean over one random division into whole batches",
    "captions": "one caption of each shape's list by the seed, encoded once; shapes can share a "
    "caption, and then finding the other one counts as a miss",
    "all captions": "the mean embedding of all captions of a shape, for comparison",
    "interval": "95 % percentile bootstrap over the queries, the gallery kept; differences are "
    "paired by query; each space was trained once",
    "captions in training": "a quarter also say from where the picture is seen or that it is "
    "drawn, which no grid can: part of CISP's gain from image to image may come from that",
    "meshes": "the gallery holds the meshes alone, rendered as 3D-R2N2 does, each in one random "
    "material (the files' own are not read), which the repainted rendering does not share",
}
Recall = dict[str, Interval]
shares = partial(recall, ks=KS)


@dataclass(frozen=True)
class RetrievalOptions:
    """Measure retrieval of the same object.

    Attributes:
        out: The JSON file to write.
        cache: The folder of the drawn splits; the test split is drawn there if it is not yet.
        count: Test shapes.
        meshes: A folder of meshes, a folder a category, to be measured on as well.
        weights: The folder of the trained weights.
        seed: Of captions, batches, and of the meshes' views.
        device: auto, cpu, cuda or mps.
    """

    out: Path
    cache: Path = Path("runs/data")
    count: int = 2600
    meshes: Path | None = None
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


def gap(a: np.ndarray, b: np.ndarray) -> Recall:
    """{"R@k": a's share minus b's} for ranks (N,) of the same queries."""
    return {f"R@{k}": paired_bootstrap(a <= k, b <= k) for k in KS}


def in_full_gallery(
    measure: Callable[..., Recall], categories: Sequence[str], *rank: np.ndarray
) -> dict[str, Any]:
    """A measure of the ranks of all queries, and of each category's."""
    names = np.array(categories)
    parts = {name: [r[names == name] for r in rank] for name in sorted(set(categories))}
    return {
        "full gallery": measure(*rank),
        "per_category": {name: measure(*part) for name, part in parts.items()},
    }


def search(
    query: np.ndarray, gallery: np.ndarray, categories: Sequence[str], seed: int
) -> dict[str, Any]:
    """Recall of the own row in the full gallery, overall and a category, and in batches.

    Args:
        query: (N, D) unit vectors.
        gallery: (N, D) unit vectors.
        categories: N, those of the rows.
        seed: of the batches.
    """
    rank = ranks(query, gallery)
    found = in_full_gallery(shares, categories, rank) | {"median rank": float(np.median(rank))}
    for batch in BATCHES:
        in_batches = ranks_in_batches(query, gallery, batch, seed)
        found[f"batches of {batch}"] = shares(in_batches) if len(in_batches) else None
    return found


def both(
    pairs: dict[str, tuple[np.ndarray, np.ndarray]], categories: Sequence[str]
) -> dict[str, Any]:
    """Recall of the own row in two spaces on the same queries, and the difference.

    Args:
        pairs: "clip" and "cisp", each a query (N, D) and a gallery (N, D) of unit vectors.
        categories: N.
    """
    rank = {name: ranks(*pairs[name]) for name in SPACES}
    found = {name: in_full_gallery(shares, categories, one) for name, one in rank.items()}
    return found | {"cisp minus clip": in_full_gallery(gap, categories, rank["cisp"], rank["clip"])}


def texts(
    space: Any,
    captions: Sequence[Sequence[str]],
    images: np.ndarray,
    categories: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    """Retrieval between captions and images, both ways.

    Args:
        space: with a text tower.
        captions: N lists.
        images: (N, D) unit vectors.
        categories: N.
        seed: of the captions and batches.
    """
    rng = np.random.default_rng(seed)
    chosen = [int(rng.integers(len(of_shape))) for of_shape in captions]
    every = embed_captions(space, captions)  # N times (captions, D)
    one = np.stack([embeds[index] for embeds, index in zip(every, chosen, strict=True)])
    mean = mean_of_each(every)
    different = {of_shape[index] for of_shape, index in zip(captions, chosen, strict=True)}
    return {
        "different captions": len(different),
        "text to image": search(one, images, categories, seed),
        "image to text": search(images, one, categories, seed),
        "all captions to image": search(mean, images, categories, seed),
        "image to all captions": search(images, mean, categories, seed),
    }


def on_meshes(root: Path, spaces: dict[str, Any], seed: int, device: torch.device) -> dict:
    """Retrieval of the same object on real meshes.

    Args:
        root: a folder of meshes, a folder a category.
        spaces: "clip" and "cisp".
        seed: of the views.
        device: where they are rendered.

    Raises:
        ValueError: if there is no mesh that can be read.
    """
    meshes = draw_meshes(root, seed, device)
    categories = [item.category for item in meshes.items]
    views = {name: embed_views(space, meshes.cutouts, range(3)) for name, space in spaces.items()}
    shapes = embed_shapes(spaces["cisp"], np.stack([item.grid for item in meshes.items]))
    return {
        "meshes": len(meshes.items),
        "skipped": meshes.skipped,
        "image to shape": search(views["cisp"][:, 0], shapes, categories, seed),
        "image to image": {
            pair: both({n: (e[:, 0], e[:, view]) for n, e in views.items()}, categories)
            for pair, view in MESH_PAIRS.items()
        },
    }


def on_test_shapes(cache: DataCache, spaces: dict[str, Any], seed: int) -> dict[str, Any]:
    """Retrieval of the same object in the gallery of a cache's shapes."""
    categories, kinds = cache.categories, list(VIEW)
    views = {
        name: embed_views(space, cache.cutouts, list(VIEW.values()))
        for name, space in spaces.items()
    }  # a space to (N, views, D)

    def seen(space: str, kind: str) -> np.ndarray:
        return views[space][:, kinds.index(kind)]

    shapes = embed_shapes(spaces["cisp"], cache.grids)
    images = seen("clip", "rendering")
    found = {kind: search(seen("cisp", kind), shapes, categories, seed) for kind in SEEN}
    results: dict[str, Any] = {"shapes": len(cache), "image to shape": found}
    results["captions"] = texts(spaces["clip"], cache.captions, images, categories, seed)
    results["image to image"] = {
        f"{query} to {other}": both(
            {name: (seen(name, query), seen(name, other)) for name in spaces}, categories
        )
        for query, other in PAIRS
    }
    return results


def shown(results: dict[str, Any]) -> dict[str, dict[str, Recall]]:
    """What the figure shows: a space to {task: recall in the full gallery}."""
    found = results["image to shape"]["rendering"]["full gallery"]
    series: dict[str, dict[str, Recall]] = {"cisp": {"image to shape": found}, "clip": {}}
    pairs = dict(results["image to image"])
    if "meshes" in results:
        found = results["meshes"]["image to shape"]["full gallery"]
        series["cisp"]["image to shape, real meshes"] = found
        real = results["meshes"]["image to image"]
        pairs |= {f"{pair}, real meshes": found for pair, found in real.items()}
    for task, measured in pairs.items():
        for space, of_task in series.items():
            of_task[task] = measured[space]["full gallery"]
    series["clip"]["text to image"] = results["captions"]["text to image"]["full gallery"]
    return series


def figure_of(results: dict[str, Any]) -> dict[str, Any]:
    """Bars of R@1, then of R@10, of every task, for the spaces that can do it."""
    series = shown(results)
    tasks = list(dict.fromkeys([task for of_space in series.values() for task in of_space]))
    labels = [f"{task}, {rank}" for rank in ("R@1", "R@10") for task in tasks]
    named = {}
    for space, of_space in series.items():
        values = {f"{t}, {rank}": found for t, of in of_space.items() for rank, found in of.items()}
        named[space.upper()] = {label: values[label] for label in labels if label in values}
    title = f"The same object found among {results['shapes']} test shapes"
    figure = bars(named, title=title, y="share of queries")
    # Otherwise bars would move up where a space cannot do a task.
    figure["layout"]["xaxis"] = {"categoryorder": "array", "categoryarray": labels}
    figure["layout"]["yaxis"]["range"] = [0, 1]
    return figure


def finding_of(results: dict[str, Any]) -> str:
    """The finding in one sentence, whichever way the numbers fell."""
    shape = results["image to shape"]["rendering"]["full gallery"]
    text = results["captions"]["text to image"]["full gallery"]
    pair = results["image to image"]["rendering to other rendering"]
    other = pair["cisp minus clip"]["full gallery"]["R@1"]
    sentence = (
        f"Among {results['shapes']} test shapes CISP finds the shape of a rendering at the first "
        f"place for {percent(shape['R@1'])} and among the first ten for {percent(shape['R@10'])}, "
        f"CLIP the rendering of a caption at the first place for {percent(text['R@1'])}; finding "
        f"the rendering of the same object from another direction first, {verdict(other)}"
    )
    if "meshes" in results:
        shape = results["meshes"]["image to shape"]["full gallery"]["R@1"]
        same, repainted = (
            verdict(found["cisp minus clip"]["full gallery"]["R@1"])
            for found in results["meshes"]["image to image"].values()
        )
        sentence += (
            f"; among {results['meshes']['meshes']} real meshes CISP finds the shape first for "
            f"{percent(shape)}, and from another direction {same}, repainted {repainted}"
        )
    return sentence + "."


def study(options: RetrievalOptions, device: torch.device) -> Answer:
    """Draw what is missing, embed, search."""
    spaces = load_spaces(options.weights, device)
    cache = procedural_cache(options.cache, "test", options.count)
    results: dict[str, Any] = {"conventions": CONVENTIONS}
    if options.meshes is not None:  # first, so that a wrong folder fails at once
        results["meshes"] = on_meshes(options.meshes, spaces, options.seed, device)
    results |= on_test_shapes(cache, spaces, options.seed)
    return Answer(finding_of(results), figure_of(results), results)


if __name__ == "__main__":
    study_command(RetrievalOptions, study)
