"""What the page says on all tabs, and in a module each what a tab says beyond that.

Why a picture, a shape, a link or a model cannot be used is worded where that is found out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SpaceText:
    """How a column is called.

    Args:
        title: the short name.
        guide: what its embedding learned from, a few words.
    """

    title: str
    guide: str


SPACES = {
    "clip": SpaceText("CLIP", "learned from images and captions"),
    "cisp": SpaceText("CISP", "learned from images and 3D shapes"),
}


def space_text(space: str) -> SpaceText:
    """How a column is called; any but the two trained here is a published CLIP."""
    name = space.removeprefix("openclip-")
    return SPACES.get(space) or SpaceText("Published CLIP", f"{name}, from images and captions")


TITLE = "CISP vs CLIP: one image, two shapes"
MASTHEAD = """
<header class="masthead">
  <h1>One image, one noise, <b class="clip">two ideas</b> <b class="cisp">of shape</b></h1>
  <p>The same 3D diffusion model, twice. One is told about your image by <b class="clip">CLIP</b>,
  which learned from captions; the other by <b class="cisp">CISP</b>, which learned from shapes.
  Everything else is identical.</p>
</header>
"""

TAB_COMPARE = "Compare"
TAB_RESULTS = "Results"
TAB_ABOUT = "About"

IMAGE = "Image"
EXAMPLES = "Start from an example, or bring your own image"
SEED = "Seed"
DICE = "⚄ Random"
QUALITY = "Quality"
ADVANCED = "Advanced"
STEPS = "Denoising steps"
GUIDANCE = "Guidance scale (1 = off)"
STRENGTH = "Strength (1 = from pure noise)"
STRENGTH_INFO = "Below 1, the shape starts at the model’s guess with that share of the noise."
SAMPLER = "Sampler"
SAMPLERS = [("DDIM", "ddim"), ("DPM-Solver++ (2M)", "dpmpp_2m"), ("DDPM", "ddpm")]
RUN = "Generate"
STOP = "Stop"

CUTOUT_TITLE = "What both models see"
CUTOUT_EMPTY = "The object, cut out of your image, appears here."
CUTOUT_TEXT = "{size} × {size} pixels, on grey. Nothing else of the image is used."
CUTOUTS_TEXT = (
    "A photograph is given twice, by its ground or whole, and by a learned mask: {size} × {size} "
    "pixels each, on grey. The embedding is the mean of both."
)

GLB_VOXELS = "{space} voxels .glb"
GLB_SMOOTH = "{space} smooth .glb"

LOADING = "Loading the models…"
READY = "Ready on {device}"
ESTIMATE = "About {seconds} on this {device}"
ESTIMATE_UNKNOWN = "Time on this device: not measured yet"
DONE = "{seconds} · seed {seed} · {how}"
PRECOMPUTED = "Computed beforehand · seed {seed} · {how} · “Generate” makes it anew"
HOW = "{steps} step{s} · guidance {guidance}"
HOW_STRONG = " · strength {strength}"
RUNNING = "Generating…"

TOO_LONG = "That is more than this page takes at once."
BROKEN_REQUEST = "That failed: the page does not send such requests, or it is at fault itself."
DISK_FULL = "The disk of this page is full: try it again later."
NOT_UPLOADED = "That file was not uploaded here: upload it again."
NO_IMAGE = "Choose an image first: upload one, paste one, or click an example."
BAD_SEED = "The seed has to be a whole number from 0 to 2147483647."
BAD_PRESET = "The quality has to be one of {presets}."
BAD_STEPS = "The number of steps has to be a whole number from 1 to {most}."
BAD_GUIDANCE = "The guidance has to be a number from {least:g} to {most:g}."
BAD_STRENGTH = "The strength has to be a number from {least:g} to {most:g}."

SERVING = "The page is at {url} (Ctrl+C ends it)."
SHARED = "It is also at {url} for a few days."
NOT_SHARED = (
    "No public link could be made; is there a network? The page is served here all the same."
)
PORT_TAKEN = (
    "Nothing can be served at {host}:{port}: choose a free port with --port, or another --host."
)
BAD_PORT = "GRADIO_SERVER_PORT is “{port}” and has to be a whole number: change it, or unset it."
NO_UPLOAD_FOLDER = (
    "Uploads cannot be kept in {folder}: name a folder that can be written to by GRADIO_TEMP_DIR."
)

# Headings of the files in assets/results, by their names; they are shown in this order.
STUDIES = {
    "retrieval": "Finding the shape in an image",
    "categories": "People's drawings and photographs",
    "probes": "What an embedding knows about a shape",
    "occlusion": "When part of the object is hidden",
    "viewpoints": "From every side",
    "hard-pictures": "Shapes made of hidden objects, and from every side",
    "masks": "How well the object is cut out",
    "photographs": "What a learned mask is worth on photographs",
    "wild-photos": "Shapes made of photographs",
    "wild-sketches": "Shapes made of drawings by people",
    "guidance": "How strongly the embedding guides",
    "sampling": "How many steps, of which sampler, and from where",
    "ambiguity": "Where the shapes of one picture differ",
    "paths": "From one image to another",
    "sliders": "Which space obeys a slider",
    "ablations": "What the shape tower and the batch are worth",
    "scaling": "More shapes, more steps",
    "image-towers": "Which image tower",
    "design": "Which diffusion model",
}
MEASUREMENTS = {
    "procedural": "Image to shape, on shapes not trained on",
    "real-meshes": "Image to shape, on furniture made by people",
    "sketch-study": "How much our drawings resemble people's",
    "coverage": "How near the procedural shapes come to real ones",
    "shape-world": "Checks of 10,000 procedural shapes",
    "benchmark": "Speed",
    "roofline": "What a large GPU would take, on paper",
    "page-speed": "How soon the page answers",
    "fuzz": "What strange inputs do",
    "visitors": "Many visitors at once",
    "faults": "Faults in the middle of things",
}
RESULTS_INTRO = (
    "Each study in one sentence, one figure, and the command that makes it again. Brackets and "
    "error bars are 95 % intervals. What did not work out is shown as well."
)
NO_STUDIES = "There is no study to show yet: {command} makes the first."
FIRST_STUDY = "python -m training.studies.retrieval --out assets/results/retrieval.json"
COPY = "Copy"
COPIED = "Copied"
MADE_BY = "Seed {seed} · {device}"
LISTING = "All other measurements"
LISTING_HEAD = ("Measured", "Command", "Device", "File")
NO_DEVICE = "not recorded"

ABOUT = """
## What you are looking at

Two diffusion models turn one image into 3D voxel shapes. They have the same architecture and the
same training data, and start from the **same noise**, bit for bit. They differ in one thing: the
list of numbers (the *embedding*) that tells them what is in the image.

| column | its embedding learned from | so it knows |
|---|---|---|
| **CLIP** | images and the captions that describe them | what people call things |
| **CISP** | images and the 3D shapes that they show | how things are built |

CISP (*contrastive image-shape pre-training*) was proposed by Sbrolli, Cudrano and Matteucci,
[*Can Shape-Infused Joint Embeddings Improve Image-Conditioned 3D Diffusion?*](https://arxiv.org/abs/2402.01241)
(IJCNN 2024). The paper reports that shape-infused embeddings give more faithful shapes. This page
lets you see for yourself.

## What is kept equal, and why that matters

- **The image towers** start from the same weights and see the same images in the same order, for
  the same number of steps. Only the partner changes: captions or shapes.
- **The picture.** One function cuts out the object for both; the page shows you its result.
- **The embedding size**, the diffusion model, its training and its settings.
- **The noise.** Both columns draw it from the seed that you choose. The first frame shows it.

The CLIP here was *trained here*, on captions of the same renderings, so that the comparison is
fair. It is not OpenAI's CLIP, which has seen a great deal more.

## How a shape is made

Each model first **guesses**: a small network reads the embedding into a grid, in a millisecond.
The guess is a mean of all that the embedding allows, so thin and uncertain parts are missing: a
diffusion model sees it beside the noise and **refines** it in a few steps, to a shape that differs
from seed to seed (predict and refine, [Whang et al. 2022](https://arxiv.org/abs/2112.02475)). The
paper's own form, diffusion from pure noise without a guess, can be trained as the preset `paper`.

## How to read the numbers

- **Filled**: the share of the grid's cells inside the shape.
- **IoU** (intersection over union): cells inside both shapes, divided by cells inside either.
  1 means equal, 0 means disjoint. One image has many plausible shapes, so one low number says
  little: try several seeds.
- **Guess**: since it takes a millisecond it can follow a hand: on walks, in the square between
  four end points, under the sliders of attributes, and while you draw. Diffusion replaces it, and
  only what diffusion made has a recipe and a hash.

## Honest limits

- The models are small and the grid is coarse (32 × 32 × 32), so that everything runs on a laptop
  without a graphics card.
- They know a few kinds of object, learned mostly from shapes that programs drew. Show them a
  giraffe and you get their best guess at furniture.
- The hidden side of an object is invented; any single image leaves it open.
- A photo is shown to the models twice unless it clearly has one object on a plain ground: as that
  lets it be cut out, or whole, and by a learned mask, which may pick the wrong thing. Look at “What
  both models see”; of several objects, two clicks on the image choose one.

## Reproduce it

The same seed and settings give the same shapes on the same device. From the command line:

```bash
python -m training.generate --images my.png --spaces clip,cisp \\
    --samples 1 --seed 0 --out out.npz
```

Training, from nothing to a working page:

```bash
python -m training.pipeline --preset tiny --out runs/tiny
```

From Python, while this page is running: see **Use via API** at the bottom of the page.

## Licence

Code and bundled weights: MIT, but for the mask of photographs (U-2-Net, Apache-2.0, see its
notice in `assets/weights/mask`). Your images stay on the machine that runs this page and its
temporary files are removed within a day.
"""

ARCHIVE = """The shapes in this archive

.stl         for 3D printing: +z up, the longest side {longest} mm (STL itself has no unit).
.glb         for viewers: +y up, the front towards +x, the longest side 1 m at most.
.npz         voxel grids [x, y, z], +y up, the front towards +x; the values are positive inside.
recipe.json  makes the same shapes again: see its "command".
"""
