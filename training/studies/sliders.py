"""Which space obeys? Attributes moved in an embedding, and measured on the shapes made from it.

    python -m training.studies.sliders --out assets/results/sliders.json

Directions of attributes are fitted on shapes that no tower has seen (`training.measure.attributes`)
and written beside the weights, where the page reads them. Then pictures of other shapes are
embedded, and each attribute is moved by one spread down and up, in both spaces by the same share
and from the same noise. The answer is the share of the asked change that a reader of geometry finds
in the shapes made: 1 is obedience, 0 none. Beside it stands how far the other attributes went
along, which were to stay: the mean size of their mean change. Intervals resample the pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from cisp.attributes import HELD, Attributes, attribute_arrays, load_attributes
from cisp.naming import SPACES
from cisp.spaces import load_spaces
from diffusion.model import VoxelDiffusion
from diffusion.presets import Sampling
from training.data.cache import DataCache
from training.data.embeddings import procedural_cache
from training.measure.answers import read_shapes
from training.measure.attributes import attributes_of
from training.measure.sampling import load_diffusion, sample_shapes
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.report import bars, number
from training.studies.runner import Answer, study_command
from training.tools.command import save_npz

STEPS = (-1.0, 1.0)  # spreads


@dataclass(frozen=True)
class SlidersOptions:
    """Fit directions of attributes, and measure how far generated shapes follow them.

    Attributes:
        out: The JSON file to write.
        attributes: The file of directions to write, attributes.npz beside the weights by default.
        data: A data cache to fit on, of shapes that the towers have not seen; by default validation
            shapes are drawn in CACHE.
        fit_count: How many shapes of it.
        count: Test shapes whose pictures are moved, of all categories together.
        preset: Quality of the shapes: preview, standard or full.
        weights: The folder of the trained weights.
        cache: Where drawn shapes are kept, a folder a split.
        seed: Of halves, noise and resamples.
        device: auto, cpu, cuda or mps.
    """

    out: Path
    attributes: Path | None = None
    data: Path | None = None
    fit_count: int = 5200
    count: int = 156
    preset: str = "standard"
    weights: Path = Path("assets/weights")
    cache: Path = Path("runs/data")
    seed: int = 0
    device: str = "auto"


def responses(
    attributes: Attributes, category: str, made: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What moved of a category's K attributes when each was asked to.

    Args:
        attributes: all.
        category: of the pictures.
        made: (n, K, 2, R, R, R) bool, from n pictures: each attribute one spread down and up.

    Returns:
        own: (n, K) the share of the asked change that is found.
        others: (K,) the mean size of the mean change of the others: what goes along for one picture
            and against it for the next cancels, as noise does.
    """
    rows = attributes.of(category)
    read = attributes.read(made.reshape(-1, *made.shape[3:]))[:, rows]
    read = read.reshape(*made.shape[:3], len(rows))  # (n, K, 2, K)
    change = (read[:, :, 1] - read[:, :, 0]) / (STEPS[1] - STEPS[0])  # (n, K, K)
    own = np.diagonal(change, axis1=1, axis2=2)
    along = np.abs(change.mean(0))  # (K, K)
    return own, (along.sum(1) - np.diagonal(along)) / max(len(rows) - 1, 1)


def entry_of(
    attributes: Attributes, at: int, own: Mapping[str, np.ndarray], seed: int
) -> dict[str, Any]:
    """What is told of one attribute; `own` is (n,) by space."""
    return {
        "name": attributes.names[at],
        "category": attributes.categories[at],
        "read_from_shapes": float(attributes.readings[at]),
        "known": {s: Interval(*map(float, attributes.scores[s][at])) for s in own},
        "obeyed": {s: bootstrap_mean(values, seed=seed) for s, values in own.items()},
        "cisp_minus_clip": paired_bootstrap(own["cisp"], own["clip"], seed=seed),
    }


def means_of(own: Mapping[str, np.ndarray], seed: int) -> dict[str, Any]:
    """Means over a category's attributes (n, K), with intervals over its n pictures, by space."""
    means = {space: values.mean(1) for space, values in own.items()}
    return {
        "obeyed": {space: bootstrap_mean(values, seed=seed) for space, values in means.items()},
        "cisp_minus_clip": paired_bootstrap(means["cisp"], means["clip"], seed=seed),
    }


def summarise(
    attributes: Attributes,
    found: Mapping[str, Mapping[str, tuple[np.ndarray, np.ndarray]]],
    seed: int,
) -> dict[str, Any]:
    """All attributes, by CISP minus CLIP from the most to the least, and means.

    Args:
        attributes: all.
        found: `responses` by category and space.
        seed: of the resamples.
    """
    own = {name: {s: one for s, (one, _) in spaces.items()} for name, spaces in found.items()}
    entries = [
        entry_of(attributes, at, {space: one[:, k] for space, one in own[name].items()}, seed)
        for name in found
        for k, at in enumerate(attributes.of(name))
    ]
    entries.sort(key=lambda entry: -entry["cisp_minus_clip"].mean)
    # A row a picture, whatever its category: every picture counts alike.
    pictures = {s: np.concatenate([o[s].mean(1) for o in own.values()])[:, None] for s in SPACES}
    others = {s: np.concatenate([spaces[s][1] for spaces in found.values()]) for s in SPACES}
    return {
        "all": means_of(pictures, seed),
        "others": {space: float(values.mean()) for space, values in others.items()},
        "by_category": {name: means_of(by_space, seed) for name, by_space in own.items()},
        "held": {s: sum(entry["known"][s].mean >= HELD for entry in entries) for s in SPACES},
        "better_in_cisp": sum(entry["cisp_minus_clip"].low > 0 for entry in entries),
        "better_in_clip": sum(entry["cisp_minus_clip"].high < 0 for entry in entries),
        "attributes": entries,
    }


def finding_of(results: Mapping[str, Any]) -> str:
    """The finding in one sentence."""
    every, held = results["all"], results["held"]
    cisp, clip = (number(every["obeyed"][space]) for space in ("cisp", "clip"))
    count = len(results["attributes"])
    return (
        f"Of an asked change of an attribute, shapes follow {cisp} in CISP and {clip} in CLIP "
        f"({number(every['cisp_minus_clip'], '+')}), over {count} attributes of "
        f"{len(results['by_category'])} categories, of which probes read {held['cisp']} and "
        f"{held['clip']} off the embeddings; for {results['better_in_cisp']} the interval of the "
        f"difference lies above 0, for {results['better_in_clip']} below, where chance alone would "
        f"give {0.05 * count:.0f}. Attributes that were to stay go along by "
        f"{results['others']['cisp']:.2f} and {results['others']['clip']:.2f} of a spread."
    )


def figure_of(results: Mapping[str, Any]) -> dict[str, Any]:
    """Bars of the shares by category."""
    series = {
        space.upper(): {name: one["obeyed"][space] for name, one in results["by_category"].items()}
        for space in SPACES
    }
    return bars(
        series,
        title="How far shapes follow when an attribute is moved in the embedding",
        y="share of the asked change",
    )


def fitted(options: SlidersOptions, spaces: Mapping[str, Any]) -> Attributes:
    """Directions and readers of the attributes.

    Raises:
        ValueError: no attribute varies enough.
    """
    if options.data is not None:
        cache = DataCache.load(options.data)
    else:
        cache = procedural_cache(options.cache, "val", options.fit_count)
    attributes = attributes_of(cache, spaces, options.weights, options.seed, options.fit_count)
    if not len(attributes):
        raise ValueError("No attribute can be read off so few shapes: take a larger --fit-count.")
    return attributes


def moved_shapes(
    attributes: Attributes,
    category: str,
    space: str,
    embeds: np.ndarray,
    model: VoxelDiffusion,
    sampling: Sampling,
    seed: int,
) -> np.ndarray:
    """Shapes (n, K, 2, R, R, R) bool of n pictures (n, D), see `responses`; a noise a picture."""
    rows = attributes.of(category)
    moves = [(embed, at, step) for embed in embeds for at in rows for step in STEPS]
    moved = np.stack([attributes.moved(embed, space, {at: step}) for embed, at, step in moves])
    seeds = np.repeat(np.arange(seed, seed + len(embeds)), len(rows) * len(STEPS))
    grids = sample_shapes(model, moved, seeds.tolist(), sampling)
    return grids.reshape(len(embeds), len(rows), len(STEPS), *grids.shape[1:]) > 0


def study(options: SlidersOptions, device: torch.device) -> Answer:
    """Fit, move, generate, read."""
    if options.count < 1:
        raise ValueError(f"--count must be positive, not {options.count}.")
    sampling = Sampling.resolve(options.preset)
    spaces = load_spaces(options.weights, device)
    models = {name: load_diffusion(options.weights, name, device) for name in SPACES}
    attributes = fitted(options, spaces)
    file = options.attributes or options.weights / "attributes.npz"
    save_npz(file, **attribute_arrays(attributes))
    attributes = load_attributes(file)  # rounded, as the page has them
    towers = list(spaces.values())
    truth, _, embeds = read_shapes("procedural:test", "test", options.count, 0, towers, device)
    categories = np.array(truth.categories)
    found: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for category in tqdm(sorted(set(truth.categories)), desc="move and generate"):
        if not attributes.of(category):
            continue
        found[category] = {}
        for space in SPACES:
            own = embeds[space][categories == category]  # (n, D)
            made = moved_shapes(
                attributes, category, space, own, models[space], sampling, options.seed
            )
            found[category][space] = responses(attributes, category, made)
    results = summarise(attributes, found, options.seed)
    return Answer(finding_of(results), figure_of(results), results)


if __name__ == "__main__":
    study_command(SlidersOptions, study)
