"""The shapes of the gallery that each space finds nearest to an image, to reveal memorisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
import numpy as np

from cisp.gallery import Gallery
from demo.service.frames import pack
from demo.service.palette import columns
from demo.service.retrieval import name_of
from demo.strings import compare as words
from demo.web.modules import mount_script
from demo.web.templates import fill_template
from diffusion.grids.frame import iou

COUNT = 5


def find_neighbours(
    gallery: Gallery | None, embeds: Mapping[str, np.ndarray]
) -> dict[str, list[dict[str, Any]]] | None:
    """Find the shapes nearest to an image, the nearest first.

    Args:
        gallery: the known shapes.
        embeds: column name -> (D,), a unit vector.

    Returns:
        column name -> {row, name, similarity} each; a column that the gallery was made without is
        absent. None without a gallery.
    """
    if gallery is None:
        return None
    found = {}
    for space, embed in embeds.items():
        try:
            rows, similarity = gallery.nearest(embed[None], space, min(COUNT, len(gallery)))
        except ValueError:
            continue
        found[space] = [
            {
                "row": int(row),
                "name": name_of(gallery, row),
                "similarity": float(cosine),
            }
            for row, cosine in zip(rows[0], similarity[0], strict=True)
        ]
    return found


def neighbours_value(
    gallery: Gallery | None,
    found: Mapping[str, Sequence[Mapping[str, Any]]] | None,
    occupancy: Mapping[str, np.ndarray] | None = None,
    missing: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what the rows show.

    Args:
        gallery: the known shapes.
        found: what `find_neighbours` returned.
        occupancy: column name -> bool (R, R, R), once there is a result to compare them with.
        missing: column name -> why it has none.
    """
    if gallery is None or found is None:
        return {"columns": None, "missing": True}
    columns = {}
    for space, shapes in found.items():
        made = (occupancy or {}).get(space)
        columns[space] = [
            {
                **shape,
                "bits": pack(known := gallery.occupancy(shape["row"])),
                "iou": iou(known, made) if made is not None and made.shape == known.shape else None,
            }
            for shape in shapes
        ]
    return {"resolution": gallery.resolution, "columns": columns, "missing": missing or {}}


def build_neighbours(spaces: Sequence[str]) -> gr.HTML:
    """Create a row for each space, empty."""
    rows = columns(spaces)
    return gr.HTML(
        value={},
        html_template=fill_template("tabs/compare/neighbours.html", rows=rows, words=words),
        js_on_load=mount_script("tabs/compare/neighbours.js"),
        rows=rows,
        text={
            "similarity": words.NEIGHBOUR_SIMILARITY,
            "iou": words.NEIGHBOUR_IOU,
            "closest": words.NEIGHBOUR_CLOSEST,
            "not_known": words.NEIGHBOURS_NOT_KNOWN,
            "empty": words.NEIGHBOURS_EMPTY,
            "missing": words.NEIGHBOURS_NO_GALLERY,
        },
        elem_id="neighbours",
        apply_default_css=False,
    )
