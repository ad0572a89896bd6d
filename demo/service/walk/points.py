"""The end points A, B, C and D of a walk, and the shelf of pictures to choose them from.

A point is plain data, as the browser keeps it: the kind and value of a
`demo.service.sources.Source`, a label, and a picture: `src`, an address, or `bits` and
`resolution`, a grid to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import numpy as np

from cisp.gallery import Gallery
from demo.service.examples import Example
from demo.service.frames import pack
from demo.service.retrieval import name_of
from demo.service.sources import Source, pixels_source
from demo.strings import interpolate as words

Point = dict[str, Any]
EXAMPLES = "examples"  # the shelf of examples; the others are "category" or "category/subtype"
SHELF_SIZE = 12


def empty_box() -> dict[str, Any]:
    """Nothing chosen yet: `count` of the four points are in use, `active` is being chosen."""
    return {"points": [None] * 4, "active": 0, "count": 2}


def example_point(example: Example) -> Point:
    """An example as a point."""
    return {
        "kind": "example",
        "value": example.image.name,
        "label": example.label,
        "src": f"gradio_api/file={quote(str(example.image.resolve()))}",
    }


def gallery_point(gallery: Gallery, row: int) -> Point:
    """A shape of the gallery as a point."""
    return {
        "kind": "gallery",
        "value": gallery.ids[row],
        "label": name_of(gallery, row).capitalize(),
        "bits": pack(gallery.occupancy(row)),
        "resolution": gallery.resolution,
    }


def upload_point(pixels: np.ndarray, label: str) -> Point:
    """What a tower is given of a picture, uint8 (S, V S, 3), as a point."""
    source = pixels_source(pixels)
    src = f"data:image/webp;base64,{source.value}"
    return {"kind": source.kind, "value": source.value, "label": label, "src": src}


def point_of(source: Source, examples: Sequence[Example], gallery: Gallery | None) -> Point | None:
    """An example or a shape of the gallery as a point; None if it is not here."""
    if source.kind == "gallery":
        known = gallery is not None and source.value in gallery.ids
        return gallery_point(gallery, gallery.ids.index(source.value)) if known else None
    return next((example_point(e) for e in examples if e.image.name == source.value), None)


def put(box: dict[str, Any], point: Point) -> dict[str, Any]:
    """Choose the active point, and turn to the next that is still empty."""
    points = [point if i == box["active"] else old for i, old in enumerate(box["points"])]
    empty = [i for i in range(box["count"]) if points[i] is None]
    return {**box, "points": points, "active": empty[0] if empty else box["active"]}


def chosen(box: dict[str, Any], count: int) -> list[tuple[Source, str]]:
    """The first `count` points: source and label of each.

    Raises:
        ValueError: some are missing, or not as this page made them; one sentence.
    """
    points = box["points"][:count]
    missing = [letter for letter, point in zip(words.LETTERS, points, strict=False) if not point]
    if missing:
        raise ValueError(words.NO_POINTS.format(letters=" and ".join(missing)))
    try:
        return [(Source(point["kind"], point["value"]), str(point["label"])) for point in points]
    except (KeyError, TypeError) as error:
        raise ValueError(words.BAD_POINT) from error


def shelves(gallery: Gallery | None) -> list[tuple[str, str]]:
    """All shelves and their names on the page: examples, categories, subtypes."""
    names = [(words.SHELF_EXAMPLES, EXAMPLES)]
    if gallery is not None:
        kinds = set(zip(gallery.categories, gallery.subtypes, strict=True))
        for category in sorted({category for category, _ in kinds}):
            title = category.capitalize()
            names.append((title, category))
            for subtype in sorted(sub for of, sub in kinds if of == category and sub):
                text = words.SUBTYPE.format(category=title, subtype=subtype)
                names.append((text, f"{category}/{subtype}"))
    return names


def shelf(
    name: str, examples: Sequence[Example], gallery: Gallery | None, draw: np.random.Generator
) -> dict[str, Any]:
    """The items of a shelf: the examples, or some shapes of the gallery, resampled each time."""
    if name == EXAMPLES or gallery is None:
        return {"points": [example_point(example) for example in examples]}
    category, _, subtype = name.partition("/")
    rows = [
        row
        for row, (of, sub) in enumerate(zip(gallery.categories, gallery.subtypes, strict=True))
        if of == category and subtype in ("", sub)
    ]
    rows = draw.permutation(rows)[:SHELF_SIZE]
    return {"points": [gallery_point(gallery, int(row)) for row in rows]}
