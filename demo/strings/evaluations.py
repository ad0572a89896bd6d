"""What the Results tab says about evaluations: `training.evaluate`."""

from __future__ import annotations

# Of its diffusion models: IoU over ten shapes an image, and F-Score.
PAPER_NUMBERS = {
    "clip": {"iou": 0.586, "f_score": 0.333},
    "cisp": {"iou": 0.649, "f_score": 0.414},
}
METHOD = "Method"
PAPER = "Paper: {measure}"
DIFFERENCE = "CISP minus CLIP"
MEASURES = {
    "iou": "Mean IoU",
    "iou_best": "Best IoU",
    "f_score": "F-Score",
    "named": "Right category",
    "coverage": "Surface covered",
    "normal_consistency": "Normals agree",
    "cd": "CD × 1000",
    "emd": "EMD",
    "1nna_cd": "1-NNA, CD",
    "1nna_emd": "1-NNA, EMD",
    "cov_cd": "COV, CD",
    "mmd_cd": "MMD, CD × 1000",
    "diversity": "Diversity",
    "smoothness": "Smoothness",
    "largest_jump": "Largest jump",
    "detour": "Detour",
}
MORE = """### Surface and variety

Of one shape an image: the share of the true surface with a made one within a cell; how far the
directions of both agree, 1 at best; and how far apart they are (CD, EMD), where less is better. The
row “resampled truth” is the best that can be reached. **Diversity** is 1 − IoU between two shapes
of one image."""
SETS = """### As sets

{shapes} made shapes against {shapes} true ones. **1-NNA** is how often the nearest neighbour tells
made from true; its best value is 0.5, and it is lower where made shapes lie nearer to true ones
than these to each other. **COV** is the share of true shapes that some made one comes nearest to;
**MMD** how far the nearest made one is."""
PATHS = """### On the way from image to image

Between the embeddings of {pairs} pairs of images, from one noise: the mean IoU from frame to frame,
the largest change in one step, and by how much the path is longer than the way between its ends."""
NOTE = (
    "Measured on {images} images of {data}; brackets are 95 % intervals. The paper's numbers are "
    "from **another data set**, ShapeNet with five categories: their values cannot be compared "
    "with these, only which of the two methods is ahead. **Right category** is what a voxel "
    "classifier says of one shape an image."
)
CISP_AHEAD = "**CISP is ahead of CLIP, as in the paper:** {difference} mean IoU, paired by image."
CISP_BEHIND = (
    "**CISP is behind CLIP, unlike in the paper:** {difference} mean IoU, paired by image."
)
CISP_LEVEL = (
    "**CISP and CLIP cannot be told apart; in the paper CISP is ahead:** {difference} mean IoU, "
    "paired by image."
)
