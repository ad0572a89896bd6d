"""One contact sheet of shapes, renderings and drawings per category.

    python -m training.gallery --out assets/gallery

Every row shows two shapes: the grid of each, two renderings, two drawings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from tqdm import tqdm

from training.data.pictures import contact_sheet, look
from training.data.procedural import FIRST_SEED, draw_item
from training.shapes import CATEGORIES, FAMILIES, make_shape
from training.tools.command import atomic_path, run_command

SHOWN = ("r2n2", "wide", "drawing", "drawing")  # views of a shape, beside its grid
SIDE = 96  # pixels of a picture on the sheet
MOST_DRAWN = 5000  # shapes tried until every sub-type has come up often enough


@dataclass(frozen=True)
class GalleryOptions:
    """Draw the contact sheets.

    Attributes:
        out: The folder for CATEGORY.webp.
        shapes: Shapes on a sheet; sub-types take turns.
    """

    out: Path = Path("assets/gallery")
    shapes: int = 28


def chosen(category: str, count: int) -> list[int]:
    """Numbers of `count` shapes of the validation split, every sub-type in turn."""
    waiting = {name: [] for name in FAMILIES[category].SUBTYPES}
    wanted = -(-count // len(waiting))
    for number in range(MOST_DRAWN):
        shape = make_shape(category, FIRST_SEED["val"] + number)
        waiting[shape.subtype].append(number)
        if min(map(len, waiting.values())) >= wanted:
            break
    turns = [
        numbers[turn]
        for turn in range(count)
        for numbers in waiting.values()
        if turn < len(numbers)
    ]
    return turns[:count]


def row(category: str, number: int) -> list[Image.Image]:
    """The pictures of one shape."""
    drawn = draw_item("val", number * len(CATEGORIES) + CATEGORIES.index(category), SHOWN)
    return [look(drawn.grid), *(Image.fromarray(picture, "RGBA") for picture in drawn.pictures)]


def main(options: GalleryOptions) -> None:
    """Draw every sheet."""
    if options.shapes < 1:
        raise ValueError(f"--shapes must be positive, not {options.shapes}.")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # faster than several for such small pictures
    for category in tqdm(CATEGORIES, desc="sheets", unit="sheet"):
        rows = [row(category, number) for number in chosen(category, options.shapes)]
        sheet = contact_sheet(rows, columns=2, side=SIDE)
        with atomic_path(options.out / f"{category}.webp") as temporary:
            sheet.save(temporary, quality=80)
    torch.set_num_threads(threads)


if __name__ == "__main__":
    run_command(GalleryOptions, main)
