"""The colours of the columns, on the page and in files.

Blue and vermilion of Okabe and Ito's palette (2008), which people with any common form of colour
blindness can tell apart, and its green for a published CLIP beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo.strings import space_text

# Dark to light: the shade of a voxel face is picked by the light it gets.
SHADES = {
    "clip": ["#001b2e", "#004a75", "#0072b2", "#56b4e9"],
    "cisp": ["#2e1200", "#8a3a00", "#d55e00", "#ffa25c"],
}
PUBLISHED_SHADES = ["#00251b", "#006349", "#009e73", "#5fd3b0"]


def shades(space: str) -> list[str]:
    """Return the shades of a column."""
    return SHADES.get(space, PUBLISHED_SHADES)


def columns(spaces: Sequence[str]) -> list[dict[str, Any]]:
    """What a script or a template gets about each column: id, title, guide, shades, shade."""
    return [
        {
            "id": space,
            "title": space_text(space).title,
            "guide": space_text(space).guide,
            "shades": shades(space),
            "shade": shades(space)[2],
        }
        for space in spaces
    ]
