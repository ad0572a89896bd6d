"""What happens on the Attributes tab: plain functions from moves to what is shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import gradio as gr
import numpy as np

from cisp.attributes import FARTHEST, Attributes, checked_moves, moves_of, text_of
from demo import strings
from demo.service.examples import Example
from demo.service.frames import Guide, pack
from demo.service.live import Busy
from demo.service.models import Models
from demo.service.recipes import result_hash
from demo.service.sources import Source, guide_of, pixels_source
from demo.service.steering import Steered, Steering, category_of, steer, steered
from demo.service.zero_gpu import result_folder
from demo.strings import attributes as words
from demo.strings import space_text
from demo.strings.recipes import told_in_words
from demo.tabs.attributes.outputs import AttributeOutputs
from demo.widgets.cards import (
    cutout_card,
    how,
    quality_line,
)
from demo.widgets.downloads import Downloads, no_downloads
from demo.widgets.inputs import (
    error_of,
    errors_told,
    names_of,
    read_json,
    seed_of,
    settings_of,
)
from demo.widgets.links import open_link
from demo.widgets.streaming import streamed
from demo.widgets.viewer.viewer import FrameLog
from diffusion.presets import PRESETS

TAB_ID = "attributes"
GUESS = "guess"  # in the place of a quality: no diffusion, and so no seed
REACH = FARTHEST  # of a slider of the page


class AttributeHandlers:
    """The events of the tab."""

    def __init__(self, service: Models, examples: list[Example]):
        self.service, self.examples = service, examples
        self.steering = Steering(service)
        self.downloads = Downloads(service)

    def open_image(self, path: str | None) -> AttributeOutputs:
        """Take an upload."""
        if path is None:
            return self._nothing("")
        try:
            guide = self.service.image_guide(path)
            return self._opened(pixels_source(guide.pixels), guide)
        except ValueError as error:
            return self._nothing(str(error))

    def open_example(self, event: gr.SelectData) -> AttributeOutputs:
        """Take an example, which the strip marks."""
        example = self.examples[event.index]
        source = Source("example", example.image.name)
        try:
            opened = self._opened(source, guide_of(source, self.service, self.examples))
        except ValueError as error:
            return self._nothing(str(error))
        return opened._replace(example=event.index, image=str(example.image))

    def open_link(self, text: str) -> AttributeOutputs:
        """Restore a picture and its moves from a link; `run` makes the shapes.

        Raises:
            gr.Error: the link names what is not here.
        """
        self.service.wait()
        recipe = open_link(text, "attributes", self.service.fingerprint)
        if recipe.settings.name is None:
            raise error_of(words.OTHER_SETTINGS)
        [source] = recipe.sources
        with errors_told():
            guide = guide_of(source, self.service, self.examples)
            known = self._attributes()
            text = recipe.options.get("moves", "")
            moves = moves_of(text, known) if text else {}
            category = known.categories[min(moves)] if moves else None
            opened = self._opened(source, guide, category, moves)
        sliders = {**opened.sliders, "quiet": True}  # `run` follows
        asked = {"key": sliders["key"], "category": sliders["category"], "moves": moves}
        return opened._replace(
            sliders=sliders,
            asked=json.dumps(asked),
            quality=recipe.settings.name,
            seed=recipe.settings.seed,
            tabs=gr.Tabs(selected=TAB_ID),
        )

    def choose_category(self, category: str, source: Source | None) -> AttributeOutputs:
        """Show the attributes of another kind of shape."""
        if source is None:
            return AttributeOutputs()
        with errors_told():
            guide = guide_of(source, self.service, self.examples)
            return self._opened(source, guide, self._known(category))

    def follow(self, question: Any) -> dict[str, Any]:
        """Both shapes with attributes moved, guessed, or what is in the way, in words."""
        try:
            key, category, moves = self._read(question)
            return self._answer(self.steering.guessed(key, category, moves))
        except Busy:
            return {"busy": words.SLIDERS["busy"]}
        except ValueError as error:
            return {"error": str(error)}

    def rest(self, asked: str, quality: str, seed: float | None) -> dict[str, Any]:
        """Make them by diffusion; a value of the sliders.

        Raises:
            gr.Error: there is nothing to make, or no such quality.
        """
        settings = settings_of(quality, seed)
        question = read_json(asked)
        with errors_told():
            key, category, moves = self._read(question)
            made = self.steering.made(key, category, moves, settings)
        note = words.REFINED.format(seed=settings.seed, how=how(settings))
        answer = {"moves": question.get("moves"), "note": note, **self._answer(made)}
        return {"key": key, "refined": answer}

    def forget(self) -> AttributeOutputs:
        """A slider has been moved: the files and the recipe of earlier shapes are not of these."""
        return AttributeOutputs(**no_downloads())

    def run(
        self, source: Source | None, asked: str, quality: str, seed: float | None
    ) -> Iterator[AttributeOutputs]:
        """Stream the shapes of the moved picture, then their files."""
        if source is None:
            raise error_of(words.NOTHING)
        settings = settings_of(quality, seed)
        with errors_told():
            _, _, moves = self._read(read_json(asked))
            guide = guide_of(source, self.service, self.examples)
            guide = steered(guide, moves, self.service.attributes)
        mute = [space for space in self.service.spaces if space not in guide.embeds]
        missing = {space: words.SILENT.format(space=space_text(space).title) for space in mute}
        log = FrameLog(uuid.uuid4().hex, settings.num_steps)
        for frame, value in streamed(self._compare(guide, settings), log, lambda _: missing):
            yield AttributeOutputs(viewer=value, **({} if frame.step else no_downloads()))
        options = {"moves": text_of(moves, self._attributes())}
        with result_folder() as folder:
            files = self.downloads.of(frame, source, folder, kind="attributes", options=options)
            yield AttributeOutputs(**files)

    def say_estimate(self, quality: str) -> str:
        """Say how long generating takes here, as measured."""
        return quality_line(self.service, quality)

    def api(
        self, path: str | None, category: str, text: str, seed: float | None, preset: str
    ) -> Iterator[tuple[dict[str, Any], str | None]]:
        """Answer the `attributes` endpoint: a summary, and the grids as a file."""
        if path is None:
            raise error_of(strings.NO_IMAGE)
        settings = None if preset == GUESS else settings_of(preset, seed)
        told = {"preset": preset, "seed": seed_of(seed), **(asdict(settings) if settings else {})}
        with errors_told():
            guide = self.service.image_guide(path)
            known = self._attributes()
            category = self._known(category) if category else self._seen(guide)
            moves = moves_of(f"{category}: {text or ''}", known)
            made = steer(self.service, guide, category, moves, settings)
        spaces = list(made.shapes)
        shapes = {space: grid[None] for space, grid in made.shapes.items()}
        summary = {
            "category": category,
            "spaces": spaces,
            "attributes": [
                {
                    "name": known.names[at],
                    "known": _scores(known, at),
                    "moved": moves.get(at, 0.0),
                    "changed": {space: change[k] for space, change in made.changes.items()},
                }
                for k, at in enumerate(known.of(category))
            ],
            **told,
            "hash": result_hash(shapes, spaces),
        }
        with result_folder() as folder:
            file = folder / f"{names_of(path)}-attributes.npz"
            np.savez_compressed(
                file,
                spaces=np.array(spaces),
                occupancy=np.array(list(shapes.values())),
                moves=text_of(moves, known),
                **told,
            )
            yield summary, str(file)

    def _opened(
        self,
        source: Source,
        guide: Guide,
        category: str | None = None,
        moves: dict[int, float] | None = None,
    ) -> AttributeOutputs:
        """A picture with the sliders of its kind, and no shapes yet."""
        key, known = self.steering.open(guide), self._attributes()
        category = category or self._seen(guide)
        sliders = {
            "key": key,
            "category": category,
            "live": self.service.guesses,
            "reach": REACH,
            "attributes": [
                {
                    "at": at,
                    "name": words.attribute_name(known.names[at]),
                    "known": _scores(known, at),
                    "move": (moves or {}).get(at, 0.0),
                }
                for at in known.of(category)
            ],
        }
        return AttributeOutputs(
            card=cutout_card(guide.pixels, told_in_words(source.kind, source.value)),
            source=source,
            sliders=sliders,
            category=gr.Dropdown(
                choices=sorted(set(known.categories)), value=category, interactive=True
            ),
            viewer={"state": "empty"},
            **no_downloads(),
        )

    def _nothing(self, sentence: str) -> AttributeOutputs:
        card = cutout_card(None, sentence or strings.CUTOUT_EMPTY, is_error=bool(sentence))
        return AttributeOutputs(card=card, source=None, sliders={})

    def _compare(self, guide: Guide, settings: Any) -> Iterator[Any]:
        with errors_told():
            yield from self.service.compare(guide, settings)

    def _answer(self, made: Steered) -> dict[str, Any]:
        return {
            "bits": {space: pack(grid) for space, grid in made.shapes.items()},
            "resolution": len(next(iter(made.shapes.values()))),
            "changes": made.changes,
        }

    def _read(self, question: Any) -> tuple[str, str, dict[int, float]]:
        """The key, the category and the moves of a question.

        Raises:
            ValueError: it is none of the page's; one sentence.
        """
        asked, known = question if isinstance(question, dict) else {}, self._attributes()
        category, given = self._known(str(asked.get("category"))), asked.get("moves")
        try:
            moves = {int(at): float(share) for at, share in (given or {}).items()}
        except (AttributeError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(words.BROKEN.format(most=f"{FARTHEST:g}")) from error
        moves = checked_moves(moves, known)
        if not set(moves) <= set(known.of(category)):
            raise ValueError(words.BROKEN.format(most=f"{FARTHEST:g}"))
        return str(asked.get("key")), category, moves

    def _known(self, category: Any) -> str:
        categories = sorted(set(self._attributes().categories))
        if category not in categories:
            raise ValueError(words.BAD_CATEGORY.format(categories=", ".join(categories)))
        return category

    def _seen(self, guide: Guide) -> str:
        return category_of(guide, self.service.gallery, self._attributes())

    def _attributes(self) -> Attributes:
        """What can be moved.

        Raises:
            ValueError: nothing with these weights; one sentence.
        """
        status = self.service.wait(0)  # a hand must not wait for models: it asks again
        if self.service.attributes is None:
            raise ValueError(status.message or words.NO_ATTRIBUTES)
        return self.service.attributes


def _scores(known: Attributes, at: int) -> dict[str, list[float]]:
    """How well each space knows an attribute: R^2 and the ends of its interval."""
    return {space: [round(float(s), 3) for s in rows[at]] for space, rows in known.scores.items()}


QUALITIES = [GUESS, *PRESETS]
