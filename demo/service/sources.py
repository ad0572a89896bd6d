"""The source of a guide, as the visitor chose it: a line of text, small enough for a link.

example    the file name of an example's image
gallery    the id of a shape of the gallery
text       a caption
pixels     a picture, exactly as the towers were given it: lossless WebP in base64
shape      R:bits, the packed occupancy of a grid (`demo.service.frames.pack`)
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from demo.service.examples import Example
from demo.service.frames import Guide, pack, unpack
from demo.service.models import Models
from diffusion.grids.from_mesh import distance_values

KINDS = ("example", "gallery", "text", "pixels", "shape")
LONGEST = 390_000  # characters of a value: a view has some 20,000 (of 224 pixels 150,000)
SIDES = (8, 128)  # smallest and largest resolution of a shape


@dataclass(frozen=True)
class Source:
    """A choice: `kind` is one of `KINDS`, `value` as described above.

    Raises:
        ValueError: it is not a possible choice; one sentence.
    """

    kind: str
    value: str

    def __post_init__(self):
        if self.kind not in KINDS or not isinstance(self.value, str):
            raise ValueError(f"A source is one of {', '.join(KINDS)}, with text.")
        if not 0 < len(self.value) <= LONGEST:
            raise ValueError(f"The {self.kind} is empty or too long.")
        if not _is_text(self.value):
            raise ValueError(f"The {self.kind} holds characters that are none.")


def _is_text(value: str) -> bool:
    """Whether a text can be written down: JSON may hold halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def pixels_source(pixels: np.ndarray) -> Source:
    """What a tower is given of a picture, uint8 (S, V S, 3)."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "webp", lossless=True, exact=True)
    return Source("pixels", base64.b64encode(buffer.getvalue()).decode("ascii"))


def shape_source(occupancy: np.ndarray) -> Source:
    """A shape, bool (R, R, R)."""
    return Source("shape", f"{len(occupancy)}:{pack(occupancy)}")


def guide_of(source: Source, service: Models, examples: Sequence[Example]) -> Guide:
    """The guide from a choice.

    Raises:
        ValueError: what it names is missing here, or cannot be read; one sentence.
    """
    if source.kind == "example":
        for example in examples:
            if example.image.name == source.value:
                return service.image_guide(example.image)
        raise ValueError(f"There is no example “{source.value[:80]}”.")
    if source.kind == "gallery":
        ids = service.gallery.ids if service.gallery else ()
        if source.value not in ids:
            raise ValueError(f"The gallery has no shape “{source.value[:80]}”.")
        return service.gallery_guide(ids.index(source.value))
    if source.kind == "text":
        return service.text_guide(source.value)
    if source.kind == "pixels":
        return service.pixels_guide(read_pixels(source.value))
    # Distances, as the shape tower was trained on: a grid of -1 and +1 embeds differently.
    return service.shape_guide(distance_values(read_shape(source.value)))


def read_pixels(value: str) -> np.ndarray:
    """The pixels, uint8 (S, V S, 3), behind a value of kind "pixels".

    Raises:
        ValueError: it cannot be read; one sentence.
    """
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(value, validate=True)), formats=["webp"])
        if max(picture.size) > 1024:
            raise ValueError
        return np.array(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("The picture in this recipe cannot be read.") from error


def read_shape(value: str) -> np.ndarray:
    """The shape, bool (R, R, R), behind a value of kind "shape".

    Raises:
        ValueError: it cannot be read; one sentence.
    """
    resolution, _, bits = value.partition(":")
    try:
        side = int(resolution)
        if not SIDES[0] <= side <= SIDES[1]:
            raise ValueError
        if len(base64.b64decode(bits, validate=True)) != -(-(side**3) // 8):
            raise ValueError
        return unpack(bits, side)
    except (ValueError, binascii.Error) as error:
        raise ValueError("The shape in this recipe cannot be read.") from error
