"""The square to roam: its element, and the answers to a hand that moves in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from demo.service.examples import Example
from demo.service.frames import pack
from demo.service.live import Busy
from demo.service.models import Models
from demo.service.sources import guide_of
from demo.service.walk import points
from demo.service.walk.lattice import MODES
from demo.service.walk.square import Squares
from demo.service.walk.trace import read_places
from demo.strings import interpolate as words
from demo.tabs.interpolate.walking import Walking
from demo.web.modules import mount_script
from demo.web.templates import fill_template
from demo.widgets.inputs import error_of, errors_told, read_json, settings_of

CORNERS = 4


class SquareHandlers:
    """What happens in the square."""

    def __init__(self, service: Models, examples: Sequence[Example]):
        self.service, self.examples = service, examples
        self.squares = Squares(service)

    def open(self, box: dict, mode: str) -> dict[str, Any]:
        """The value of the square between the four end points; without a key as long as some lack.

        Raises:
            gr.Error: the end points cannot be used, or there is no such way.
        """
        if mode not in MODES:
            raise error_of(words.BAD_MODE.format(modes=", ".join(MODES)))
        corners = box["points"][:CORNERS]
        if None in corners:
            return {"kind": "square"}
        with errors_told():
            sources = [source for source, _ in points.chosen(box, CORNERS)]
            guides = [guide_of(source, self.service, self.examples) for source in sources]
            key = self.squares.open(guides, mode)
        return {"kind": "square", "key": key, "corners": corners}

    def roam(self, question: Any) -> dict[str, Any]:
        """Both shapes at a place, guessed: `bits` by column, or what is in the way, in words."""
        try:
            key, place = _read(question)
            grids = self.squares.guess(self.squares.embeds(key, place))
        except Busy:
            return {"busy": words.SQUARE["busy"]}
        except ValueError as error:
            return {"error": str(error)}
        bits = {space: pack(grid) for space, grid in grids.items()}
        return {"bits": bits, "resolution": len(next(iter(grids.values())))}

    def rest(self, asked: str, preset: str, seed: float | None, walking: Walking) -> dict[str, Any]:
        """Make the shapes at a place by diffusion, and end a walk; a value of the square.

        Raises:
            gr.Error: there is no such place, or no such quality.
        """
        walking.run = ""
        settings = settings_of(preset, seed)
        with errors_told():
            key, place = _read(read_json(asked))
            (grids,) = self.service.shapes(self.squares.embeds(key, place), settings)
        bits = {space: pack(grid > 0) for space, grid in grids.items()}
        return {"key": key, "refined": {"place": place, "bits": bits}}


def build_square(handlers: SquareHandlers, around: str) -> gr.HTML:
    """Create the square, hidden; `input` is sent when the hand rests."""

    # Gradio marks server functions, which methods do not allow, and names them to the browser.
    def roam(question: Any) -> dict[str, Any]:
        return handlers.roam(question)

    return gr.HTML(
        {},
        html_template=fill_template("tabs/interpolate/square.html", text=words.SQUARE),
        js_on_load=mount_script("tabs/interpolate/square.js"),
        server_functions=[roam],
        around=around,
        text=words.SQUARE,
        elem_id="walk-square",
        apply_default_css=False,
    )


def _read(question: Any) -> tuple[str, tuple[int, int]]:
    """The key and the place of a question.

    Raises:
        ValueError: there is no place in it; one sentence.
    """
    asked = question if isinstance(question, dict) else {}
    (place,) = read_places([asked.get("place")])
    return str(asked.get("key")), place
