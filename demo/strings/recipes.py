"""Sentences about recipes: how to make a result again."""

from __future__ import annotations

from demo.strings import space_text

TITLE = "Make it again"
HASH = "Hash of the shapes:"
COPY_LINK = "Copy link"
COPY_COMMAND = "Copy command"
COPIED = "Copied"
ZIP = "Everything .zip"
OTHER_WEIGHTS = (
    "This link was made with other weights: the shapes will look different from the sender's."
)
TOLD = {
    "text": "No picture: CLIP is told “{value}”.",
    "shape": "No picture: CISP is told an uploaded shape.",
    "gallery": "No picture: both are told the gallery's pictures of {value}.",
}
# What a space says that cannot be told so.
SILENT = {
    "text": "{space} does not understand words, so it stays silent.",
    "shape": "{space} does not understand shapes, so it stays silent.",
}
SILENT_ELSE = "{space} was told nothing, so it stays silent."


def why_missing(kind: str, space: str) -> str:
    """Why a space has nothing to say about a source of that kind."""
    return SILENT.get(kind, SILENT_ELSE).format(space=space_text(space).title)


def told_in_words(kind: str, value: str) -> str:
    """What stands in the place of a cut-out where a source of that kind has none."""
    return TOLD.get(kind, "").format(value=value[:200])
