"""Names of spaces, in options and on disk. Needs no torch, which the page loads later."""

from __future__ import annotations

import re

SPACES = ("clip", "cisp")  # the bundled spaces, in the order of columns and differences
PUBLISHED = "openclip:"  # prefix of the name of a published CLIP


def space_folder(space: str) -> str:
    """The name of a space as part of a file name: "openclip:A/b" becomes "openclip-A-b"."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", space)
