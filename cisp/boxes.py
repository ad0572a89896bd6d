"""A box in a picture, to choose among several objects: what lies outside is cropped away first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

LEAST = 2.0  # percent of a side; a smaller box was a slip of the hand


class Box(NamedTuple):
    """The edges of a box, in percent of the width and height of an upright picture."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, a: Sequence[float], b: Sequence[float]) -> Box:
        """The box between two opposite corners (x, y) in percent, in any order.

        Raises:
            ValueError: it is too small, or not inside of the picture; one sentence.
        """
        edges = [*map(min, a, b), *map(max, a, b)]
        box = cls(*(round(edge, 1) for edge in edges))
        for low, high in ((box.left, box.right), (box.top, box.bottom)):
            if not (low >= 0 and high <= 100 and round(high - low, 1) >= LEAST):
                raise ValueError(_complaint(box))
        return box

    @classmethod
    def from_text(cls, text: str) -> Box | None:
        """Read "left,top,right,bottom" as people type it; None for an empty text, all of a picture.

        Raises:
            ValueError: it is no box; one sentence.
        """
        words = re.split(r"[\s,;%]+", text.strip(" ,;%\t\n"))
        if words == [""]:
            return None
        try:
            left, top, right, bottom = map(float, words)
        except ValueError:
            raise ValueError(_complaint(text)) from None
        return cls.around((left, top), (right, bottom))

    def __str__(self) -> str:
        """The text that `from_text` reads back."""
        return ",".join(f"{edge:g}" for edge in self)

    def crop(self, image: Image.Image) -> Image.Image:
        """What a picture shows inside of the box."""
        width, height = image.size
        edges = (self.left * width, self.top * height, self.right * width, self.bottom * height)
        return image.crop([round(edge / 100) for edge in edges])


def _complaint(text: object) -> str:
    return (
        "A box is left, top, right and bottom in percent of the picture, at least "
        f"{LEAST:g} a side, such as 10,20,60,90, not “{str(text)[:40]}”."
    )
