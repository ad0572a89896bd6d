"""What the Attributes tab says."""

from __future__ import annotations

TAB = "Attributes"
INTRO = (
    "Move what a shape has, not the picture: a taller back, more legs, arms. Each slider goes "
    "along the direction that its attribute has in each space, by the same share; the marks under "
    "it show how far the two shapes followed, as measured on the shapes."
)
EXAMPLES = "Start from an example, or bring your own image"
CATEGORY = "What it is"
CATEGORY_INFO = "As its nearest known shapes say; change it if they are wrong."
RUN = "Generate"

SLIDERS = {
    "empty": "Choose an image: the attributes of its kind appear here.",
    "none": "No attributes are known of these shapes.",
    "reset": "All back to the picture",
    "known": "{space} knows it: {score} [{low}, {high}]",
    "unheld": "{space} hardly knows it: {score} [{low}, {high}]",
    "known_help": "How well a linear probe reads it off the embedding: R² with its 95 % interval. "
    "1 is perfect, 0 chance.",
    "followed": "{space} {change}",
    "followed_help": "The change measured on the shape, in the same units as the slider: spreads "
    "of its kind.",
    "value": "{share} spreads of its kind",
    "guess": "A guess: it is refined when you rest.",
    "refining": "Refining…",
    "refined": "Refined by diffusion.",
    "busy": "Many people are here: your turn comes.",
    "lost": "The server does not answer.",
}
NUMBERS = "number of {name}"
GONE = "The page has forgotten this picture: choose it again."
NO_ATTRIBUTES = (
    "No directions of attributes lie beside these weights: “python -m training.studies.sliders "
    "--out sliders.json” fits them."
)
BAD_CATEGORY = "There is no such kind of shape: choose from {categories}."
BROKEN = "A slider moves an attribute of this kind by at most {most} of its spreads."
NOTHING = "Choose an image first."
VIEWER = {"empty": "Choose an image: its shapes appear here, and follow the sliders."}
NOTE = "Guessed; rest to refine"
REFINED = "Seed {seed} · {how}"
SILENT = "{space} has no directions here, so it stays silent."
OTHER_SETTINGS = "This link was made with settings that this tab does not have."

API_ATTRIBUTES = """Move attributes of what an image shows, in both spaces by the same share.

image: the picture (PNG, JPEG, WebP, GIF...). category: "chair" and so on; "" for that of its
nearest known shapes. moves: the attributes and how many of their spreads each moves, as
"back_height +1, has_arms -0.5"; "" lists what can be moved. seed: 0 or more; the same seed gives
the same shapes. preset: "guess" (with weights that guess), "preview", "standard" or "full".

Returns {"category", "spaces", "attributes": [{"name", "known": {space: [R2, low, high]}, "moved",
"changed": {space: the change measured on the shape, in spreads}}, ...], settings, "hash"}, and an
NPZ of the moved shapes."""


def attribute_name(name: str) -> str:
    """An attribute as people say it: "number of legs", "arms", "back height"."""
    plain = name.replace("_", " ")
    if plain.startswith("num "):
        return NUMBERS.format(name=plain[4:])
    return plain.removeprefix("has ")
