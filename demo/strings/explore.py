"""What the Explore tab says."""

from __future__ import annotations

TAB = "Explore"
INTRO = (
    "Known shapes, laid out as each space sees them: near on a map means alike to that space. "
    "Ask with an image, with words or with a shape, or click a point."
)

ASK_IMAGE = "Image"
ASK_WORDS = "Words"
ASK_SHAPE = "Shape"
EXAMPLES = "Or ask with an example"
WORDS = "Describe one object"
WORDS_PLACEHOLDER = "an armchair with thick arms"
WORDS_ASK = "Look it up"
WORDS_NOTE = "CLIP learned from captions, so it understands words; CISP never saw any."
SHAPE = "A mesh or a voxel grid (.obj .glb .stl .ply .npz .binvox)"
SHAPE_NOTE = "CISP learned from 3D shapes, so it understands a shape itself; CLIP never saw any."
UP = "Up in the file"
UPS = [("y", "y"), ("z", "z")]
TURNS = "Turn so that the front meets the arrow"
TURN_CHOICES = [("0°", 0), ("90°", 1), ("180°", 2), ("270°", 3)]

SEEN = {
    "empty": "What you ask with appears here.",
    "image": "What both models see",
    "gallery": "A known shape: {name}",
    "text": "“{text}”",
    "shape": "Your shape, as the model sees it",
    "front": "front",
    "help": "The shape. Drag, or use the arrow keys, to turn it.",
}
NO_WORDS = "Write a few words first."
LONGEST_WORDS = 300
TOO_MANY_WORDS = "That is too long: at most {most} letters."
BROKEN_POINT = "That point is no shape of the gallery."

UNKNOWN_SPACE = "{space} has no map: the gallery was made without it."

ATLAS = {
    "loading": "The models are being loaded; then the maps appear.",
    "missing": "There is no gallery to explore beside these weights: "
    "“python -m training.gallery_index” makes one.",
    "no_maps": "The gallery has no maps yet: “python -m training.gallery_maps” draws them.",
    "failed": "The maps could not be fetched. Reload the page to try again.",
    "find": "Find",
    "find_placeholder": "armchair, car, …",
    "legend": "Show only",
    "count": "{count} of {total} shapes",
    "map": "{space}’s map",
    "map_help": "Map of {count} shapes. The arrow keys go to the next shape in that direction, "
    "Enter chooses it, + and − zoom.",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "zoom_reset": "Show the whole map",
    "nearest": "Nearest in {space}",
    "similarity": "alike",
    "rank": "{space} no. {rank}",
    "nothing_asked": "Ask with an image, words or a shape, or click a point of a map.",
}

RUN = "Generate from it"
NOTHING_ASKED = "Choose something first: a point of a map, an image, words or a shape file."
VIEWER = {"empty": "“Generate from it” makes shapes of what you ask with."}

API_RETRIEVE = """Find the known shapes that are nearest to an image, in each embedding space.

image: the picture (PNG, JPEG, WebP, GIF...). k: how many, 1 to 100. embeddings: whether to return
the image's embeddings too.

Returns {"gallery": number of shapes, "spaces": {space: {"nearest": [{"id", "category", "subtype",
"similarity" (cosine), "ranks": {other space: rank there, 1 = nearest}}, ...], "embedding":
[D numbers], a unit vector, where asked for}}}."""
BAD_K = "k has to be a whole number from 1 to 100."
NO_GALLERY = (
    "There is no gallery to search beside these weights: “python -m training.gallery_index” "
    "makes one."
)
