"""Names in options, recipes and on disk. Needs no torch, which the page loads later."""

from __future__ import annotations

import re
from typing import Literal, get_args

SPACES = ("clip", "cisp")  # the bundled spaces, in the order of columns and differences
PUBLISHED = "openclip:"  # prefix of the name of a published CLIP
# Ways to cut a picture out: by alpha, ink or a plain ground, else both whole and by a learned mask;
# by these alone, else whole; by the mask alone; not at all.
Way = Literal["automatic", "plain", "mask", "whole"]
WAYS: tuple[str, ...] = get_args(Way)
AUTOMATIC = WAYS[0]


def space_folder(space: str) -> str:
    """The name of a space as part of a file name: "openclip:A/b" becomes "openclip-A-b"."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", space)
