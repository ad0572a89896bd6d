"""What the Compare tab says beyond the words that all tabs share."""

from __future__ import annotations

SAMPLES = "Samples in each column"
SAMPLES_INFO = "Each from another noise, the same in all columns"
ESTIMATE_SAMPLES = "About {seconds} for {samples} samples on this {device}"
TIME_LEFT = "About {seconds} left"
BAD_SAMPLES = "The number of samples has to be a whole number from 1 to {most}."

NEIGHBOURS = "Is it remembering?"
NEIGHBOURS_HELP = (
    "The five shapes of a gallery that each space finds nearest to this image. No model was "
    "trained on them. A result that was merely looked up would have an IoU near 1 to one of them."
)
NEIGHBOURS_EMPTY = "They appear here with the first result."
NEIGHBOURS_NO_GALLERY = (
    "There is no gallery beside these weights to compare with: "
    "“python -m training.gallery_index” makes one."
)
NEIGHBOURS_NOT_KNOWN = "The gallery was made without this space."
NEIGHBOURS_OF = "Nearest in {space}"
NEIGHBOUR_SIMILARITY = "similarity"
NEIGHBOUR_IOU = "IoU"
NEIGHBOUR_CLOSEST = "Closest of them to the generated shape: IoU {iou}"

CUT_OUT = "Cut out by"
WAYS = [
    ("whatever suits it", "automatic"),
    ("its plain ground", "plain"),
    ("a learned mask", "mask"),
    ("nothing", "whole"),
]
BAD_WAY = "There is no such way to cut out."

BOX = "Only this part"
BOX_INFO = "Of several objects, choose one: click two corners around it on the image."
BOX_EMPTY = "left, top, right, bottom in %"
BOX_HALF = "now click the opposite corner"
BOX_ALL = "All of it"

API_COMPARE = """Generate the CLIP-guided and the CISP-guided 3D shapes of an image from one noise.

image: the picture (PNG, JPEG, WebP, GIF...). seed: 0 or more; the same seed gives the same shapes.
preset: "preview", "standard" or "full". samples: 1 to 8 shapes in each space; sample i has the
seed `seed + i`. cut_out: "automatic", "plain", "mask" or "whole". box: what counts of the picture,
"left,top,right,bottom" in percent of it, such as "10,20,60,90"; all of it by default.

Returns a summary (settings, seconds, share of filled cells and IoU between the two shapes; under
`samples` the same for each of them, with its seed) and files: a voxel and a smooth GLB of the first
sample in each space, and an NPZ with `spaces`, `occupancy` (spaces, samples, R, R, R) bool and
`grid` float16, in the frame grid[x, y, z], +y up, front towards +x."""
