"""Make a result again from the recipe.json of its archive, and check whether it is the same.

    python -m demo.replay --recipe recipe.json --out shapes.npz

For any source (a picture, a drawing, a caption, a shape, a point of the gallery), and walks too.
OUT.npz: `spaces` and `occupancy`, bool (spaces, samples or frames, R, R, R).
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demo.service.comparison import ComparisonService
from demo.service.examples import Example, read_examples
from demo.service.recipes import Recipe, result_hash
from demo.service.sources import guide_of
from demo.service.steering import steered_as_told
from demo.service.walk.exports import lattice_of, walk_shapes
from demo.service.walk.log import walk

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SAME = "the very shapes of the recipe"
DIFFERENT = "not the shapes of the recipe: other weights, or another kind of device"


@dataclass(frozen=True)
class ReplayOptions:
    """Make a result again from its recipe."""

    recipe: Path
    """The recipe.json of the archive that came with the result."""
    out: Path
    """The npz file to write."""
    weights: Path = ASSETS / "weights"
    """Folder with clip, cisp, diffusion-clip and diffusion-cisp."""
    spaces: str = "clip,cisp"
    """The columns of the page that made it, separated by commas."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 or mps."""


def shapes_of(
    recipe: Recipe, service: ComparisonService, examples: Sequence[Example]
) -> dict[str, np.ndarray]:
    """The shapes of the recipe: column name -> (samples or frames, R, R, R), positive inside.

    Raises:
        ValueError: it names what is not here, or the models are not there; one sentence.
    """
    guides = [guide_of(source, service, examples) for source in recipe.sources]
    if recipe.kind == "attributes":
        guides = [steered_as_told(guides[0], recipe.options.get("moves", ""), service)]
    if recipe.kind != "walk":
        samples = recipe.options.get("samples", 1)
        *_, last = service.compare(guides[0], recipe.settings, num_samples=samples)
        return last.samples
    lattice, mode = lattice_of(recipe)
    *_, log = walk(service, guides, lattice, mode, recipe.settings)
    return walk_shapes(log)


def main(options: ReplayOptions) -> bool:
    """Read, make, save, compare; whether the shapes are those of the recipe.

    Raises:
        ValueError: the file is no recipe, or what it needs is not here; one sentence.
    """
    try:
        data = json.loads(options.recipe.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"'{options.recipe}' cannot be read as a recipe.") from error
    recipe = Recipe.from_json(data)
    service = ComparisonService(options.weights, options.device, options.spaces.split(","))
    service.load()
    shapes = shapes_of(recipe, service, read_examples(ASSETS / "examples"))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    occupancy = np.array([grids > 0 for grids in shapes.values()])
    np.savez_compressed(options.out, spaces=np.array(list(shapes)), occupancy=occupancy)
    made = result_hash(shapes, recipe.spaces)
    is_same = made == data.get("hash")
    print(
        f"{options.out}: {occupancy[:, :, 0, 0, 0].size} shapes, {SAME if is_same else DIFFERENT}"
    )
    return is_same


if __name__ == "__main__":
    import tyro

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        sys.exit(0 if main(tyro.cli(ReplayOptions)) else 1)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
