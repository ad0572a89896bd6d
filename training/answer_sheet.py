"""A contact sheet of results: pictures, their true shapes, and the shapes of each space.

    python -m training.answer_sheet --view 3 --out assets/gallery/answers-to-drawings.webp

The pictures are of held-out procedural shapes, not chosen: the first of the split.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diffusion.devices import pick_device
from training.tools.command import atomic_path, check_seed, parse_spaces, run_command


@dataclass(frozen=True)
class AnswerSheetOptions:
    """Show what the models make of held-out shapes.

    Attributes:
        out: The picture to write.
        data: procedural:test, r2n2:ROOT, meshes:DIR or cache:DIR.
        count: Shapes; the categories take turns.
        view: Which picture of each; of procedural ones 0 to 2 are renderings, 3 and 4 drawings.
        spaces: Names separated by commas.
        quality: preview, standard or full.
        weights: The folder of the trained weights.
        seed: Of the first shape's noise; the next has the next seed.
        device: auto, cpu, cuda or mps.
    """

    out: Path
    data: str = "procedural:test"
    count: int = 52
    view: int = 0
    spaces: str = "clip,cisp"
    quality: str = "standard"
    weights: Path = Path("assets/weights")
    seed: int = 0
    device: str = "auto"


def main(options: AnswerSheetOptions) -> None:
    """Embed, generate, draw."""
    from cisp.spaces import load_space
    from diffusion.presets import Sampling
    from training.data.inputs import encode_images
    from training.data.pictures import contact_sheet, look, picture
    from training.data.sources import open_source
    from training.measure.answers import diffusion_answers
    from training.measure.sampling import load_diffusion

    check_seed(options.seed)
    if options.count < 1 or options.view < 0:
        raise ValueError("--count must be positive and --view not negative.")
    device = pick_device(options.device)
    sampling = Sampling.resolve(options.quality)
    source = open_source(options.data, split="test", count=options.count)
    items = [source[index] for index in range(len(source))]
    pictures = [picture(item, options.view, seed=index) for index, item in enumerate(items)]
    columns = [pictures, [look(item.grid) for item in items]]
    spaces = [load_space(s, options.weights, device) for s in parse_spaces(options.spaces)]
    for name, embeds in encode_images(spaces, pictures, device).items():
        model = load_diffusion(options.weights, name, device)
        answer = diffusion_answers(model, embeds, sampling, 1, options.seed)
        columns.append([look(grid) for grid in answer(range(len(items)))[:, 0]])
    with atomic_path(options.out) as temporary:
        contact_sheet([list(row) for row in zip(*columns, strict=True)]).save(temporary)


if __name__ == "__main__":
    run_command(AnswerSheetOptions, main)
