"""What the Results tab says about the paper's claims."""

from __future__ import annotations

INTRO = """## The paper's claims, here

Each difference is CISP minus CLIP, with its 95 % interval. The paper's numbers are from another
data set; what can be compared is which of the two is ahead."""
HEAD = ("The paper (arXiv 2402.01241)", "Measured here", "The claim")
IOU = "More faithful shapes: mean IoU 0.649 against 0.586"
F_SCORE = "More faithful surfaces: F-Score 0.414 against 0.333"
ALIKE = "As sets of shapes both are alike: 1-NNA"
SMOOTH = "Smoother interpolation: IoU from frame to frame"
DETOUR = "Smoother interpolation: length of the way, straight is 1"
SKETCHES = "Better on sketches: share of shapes of the right category"
PHOTOS = "Better on photographs: share of shapes of the right category"
HOLDS = "**holds**"
ALIKE_HOLDS = "not contradicted: the interval holds 0"
NOT_SHOWN = "cannot be told: the interval holds 0"
FAILS = "**does not hold**: it is the other way round"
