"""Write the results that the examples and the example walks show on the first click.

    python -m demo.precompute [--weights DIR] [--examples DIR] [--preset standard] [--seed 0]

Run it after training new weights: results of other weights are never shown.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from demo.service.comparison import ComparisonService
from demo.service.examples import Example, read_examples, save_result
from demo.service.frames import Settings
from demo.service.sources import guide_of
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import walk
from demo.service.walk.pairs import Pair, read_pairs, save_pair
from demo.service.walk.points import point_of
from diffusion.presets import PRESETS

ASSETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True)
class PrecomputeOptions:
    """Compute what the examples show on the first click."""

    weights: Path = ASSETS / "weights"
    """Folder with clip, cisp, diffusion-clip and diffusion-cisp."""
    examples: Path = ASSETS / "examples"
    """Folder with examples.json, and walks/walks.json."""
    preset: str = "standard"
    """preview, standard or full."""
    seed: int = 0
    """Seed of the noise."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1 or mps."""
    samples: int = 2
    """Shapes a column of every example."""


def main(options: PrecomputeOptions) -> None:
    """Compare the columns on every example, make every example walk, and save the frames.

    Raises:
        ValueError: there is no such preset, no weights, or an example cannot be used.
    """
    if options.preset not in PRESETS:
        raise ValueError(f"There is no preset {options.preset!r}: take {', '.join(PRESETS)}.")
    settings = Settings(options.seed, **asdict(PRESETS[options.preset]))
    service = ComparisonService(options.weights, options.device)
    service.load()
    examples = read_examples(options.examples)
    for example in examples:
        frames = list(service.compare(example.image, settings, example.truth(), options.samples))
        print(save_result(example, frames, service.fingerprint))
    for pair in read_pairs(options.examples / "walks"):
        print(make_walk(pair, service, examples, settings))


def make_walk(
    pair: Pair, service: ComparisonService, examples: list[Example], settings: Settings
) -> Path:
    """Make all frames of an example walk and save them.

    Raises:
        ValueError: an end is neither an example nor in the gallery; one sentence.
    """
    guides = [guide_of(end, service, examples) for end in pair.ends]
    *_, log = walk(service, guides, Lattice(1, pair.num_frames), pair.mode, settings)
    points = [point_of(end, examples, service.gallery) for end in pair.ends]
    return save_pair(pair, log, points, settings, service.fingerprint, examples)


if __name__ == "__main__":
    import tyro

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        main(tyro.cli(PrecomputeOptions))
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
