"""What happens on the Explore tab: plain functions from a query to what is shown."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from cisp.gallery import Gallery
from demo import strings
from demo.service.aside import READERS
from demo.service.examples import Example
from demo.service.frames import Frame, Guide, Settings, pack
from demo.service.models import Models
from demo.service.retrieval import gallery_embeds, name_of, place, retrieve
from demo.service.shape_files import open_shape_file
from demo.service.sources import Source, guide_of, pixels_source, read_shape, shape_source
from demo.service.zero_gpu import result_folder
from demo.strings import explore as words
from demo.strings.recipes import why_missing
from demo.tabs.explore.outputs import ExploreOutputs
from demo.widgets.cards import quality_line
from demo.widgets.downloads import Downloads, no_downloads
from demo.widgets.inputs import (
    error_of,
    errors_told,
    is_whole,
    settings_of,
)
from demo.widgets.streaming import streamed
from demo.widgets.viewer.viewer import FrameLog

COUNT = 5  # nearest shapes shown in each space
MOST = 100  # that a program may request
MOST_GRIDS = 24  # fetched at once


class ExploreHandlers:
    """The events of the tab.

    Each kind of query returns its card, what the atlas shows, the source to generate from, and an
    empty viewer.
    """

    def __init__(self, service: Models, examples: list[Example]):
        self.service = service
        self.examples = examples
        self.downloads = Downloads(service)

    def atlas(self) -> dict[str, Any]:
        """The data of the maps, or a `state` that says why there is none."""
        status = self.service.wait(0)
        if status.state != "ready":
            return {"state": status.state, "message": status.message}
        gallery = self.service.gallery
        if gallery is None:
            return {"state": "missing"}
        maps = {s: gallery.maps[s] for s in self.service.spaces if s in gallery.maps}
        if not maps:
            return {"state": "no_maps"}
        categories = sorted(set(gallery.categories))
        subtypes = sorted(set(gallery.subtypes))
        return {
            "state": "ready",
            "categories": categories,
            "subtypes": subtypes,
            "category": [categories.index(one) for one in gallery.categories],
            "subtype": [subtypes.index(one) for one in gallery.subtypes],
            "ids": list(gallery.ids),
            "maps": {space: _pack_places(places) for space, places in maps.items()},
        }

    def grids(self, rows: list[int]) -> dict[str, Any]:
        """The shapes of some rows: `resolution`, and `bits` by row."""
        gallery = self._gallery()
        known = [row for row in rows[:MOST_GRIDS] if _is_row(gallery, row)]
        bits = {str(row): pack(gallery.occupancy(row)) for row in known}
        return {"resolution": gallery.resolution, "bits": bits}

    def ask_image(self, path: str | None) -> ExploreOutputs:
        """Query with an upload."""
        if path is None:
            return self._nothing({})
        try:
            guide = self.service.image_guide(path)
        except ValueError as error:
            return self._nothing({"error": str(error)})
        return self._answer(pixels_source(guide.pixels), guide)

    def ask_example(self, event: gr.SelectData) -> ExploreOutputs:
        """Query with an example, which the strip marks."""
        source = Source("example", self.examples[event.index].image.name)
        return self._ask(source)._replace(example=event.index)

    def ask_words(self, text: str) -> ExploreOutputs:
        """Query with a caption."""
        text = (text or "").strip()
        if not text:
            return self._nothing({"error": words.NO_WORDS})
        if len(text) > words.LONGEST_WORDS:
            sentence = words.TOO_MANY_WORDS.format(most=words.LONGEST_WORDS)
            return self._nothing({"error": sentence})
        return self._ask(Source("text", text))

    def ask_shape(self, path: str | None, up: str, turns: int) -> ExploreOutputs:
        """Query with a mesh or voxel file."""
        if path is None:
            return self._nothing({})
        try:
            resolution = self._gallery().resolution
            shape = READERS.call(Path(path).name, open_shape_file, path, resolution, up, turns)
        except ValueError as error:
            return self._nothing({"error": str(error)})
        answer = self._ask(shape_source(shape.grid))
        if shape.note and "label" in answer.seen:
            answer.seen["label"] += f" ({shape.note})"
        return answer

    def ask_gallery(self, event: gr.SelectData) -> ExploreOutputs:
        """Query with a point of a map."""
        gallery = self._gallery()
        if not _is_row(gallery, event.index):
            return self._nothing({"error": words.BROKEN_POINT})
        return self._ask(Source("gallery", gallery.ids[event.index]))

    def run(
        self, source: Source | None, quality: str, seed: float | None
    ) -> Iterator[ExploreOutputs]:
        """Stream the shapes that the columns make from the query."""
        if source is None:
            raise error_of(words.NOTHING_ASKED)
        settings = settings_of(quality, seed)
        truth = self._truth(source)
        log = FrameLog(uuid.uuid4().hex, settings.num_steps, truth)

        def missing(frame: Frame) -> dict[str, str]:
            mute = [space for space in self.service.spaces if space not in frame.occupancy]
            return {space: why_missing(source.kind, space) for space in mute}

        for frame, value in streamed(self._compare(source, settings, truth), log, missing):
            yield ExploreOutputs(viewer=value, **({} if frame.step else no_downloads()))
        with result_folder() as folder:
            yield ExploreOutputs(**self.downloads.of(frame, source, folder))

    def say_estimate(self, quality: str) -> str:
        """Say how long generating takes here, as measured."""
        return quality_line(self.service, quality)

    def api(self, path: str | None, k: float | None, embeddings: bool) -> dict[str, Any]:
        """Answer the `retrieve` endpoint."""
        if path is None:
            raise error_of(strings.NO_IMAGE)
        if not is_whole(k, 1, MOST):
            raise error_of(words.BAD_K)
        with errors_told():
            embeds = self.service.image_guide(path).embeds
        gallery = self._gallery()
        spaces = {}
        for space, hits in retrieve(gallery, embeds, int(k)).items():
            nearest = [
                {
                    "id": gallery.ids[hit.row],
                    "category": gallery.categories[hit.row],
                    "subtype": gallery.subtypes[hit.row],
                    "similarity": round(hit.similarity, 5),
                    "ranks": hit.ranks,
                }
                for hit in hits
            ]
            spaces[space] = {"nearest": nearest}
            if embeddings:
                spaces[space]["embedding"] = [float(one) for one in embeds[space]]
        return {"gallery": len(gallery), "spaces": spaces}

    def _ask(self, source: Source) -> ExploreOutputs:
        try:
            guide = guide_of(source, self.service, self.examples)
        except ValueError as error:
            return self._nothing({"error": str(error)})
        return self._answer(source, guide)

    def _answer(self, source: Source, guide: Guide) -> ExploreOutputs:
        gallery = self.service.gallery
        atlas = {} if gallery is None else self._nearest(gallery, source, guide.embeds)
        return ExploreOutputs(
            seen=self._seen(source, guide),
            atlas=atlas,
            source=source,
            viewer={"state": "empty"},
            **no_downloads(),
        )

    def _nothing(self, seen: dict[str, Any]) -> ExploreOutputs:
        """No query, or an invalid one: earlier shapes stay."""
        return ExploreOutputs(seen=seen, atlas={}, source=None)

    def _nearest(
        self, gallery: Gallery, source: Source, embeds: Mapping[str, np.ndarray]
    ) -> dict[str, Any]:
        """What the atlas shows: the nearest shapes in each space, and the query's places."""
        row = gallery.ids.index(source.value) if source.kind == "gallery" else None
        if row is not None:  # by its searched embeddings, not those of its pictures
            embeds = gallery_embeds(gallery, row)
        found = retrieve(gallery, embeds, COUNT, without=row)
        places, notes = {}, {}
        for space in self.service.spaces:
            if row is not None and space in gallery.maps:
                places[space] = [float(one) for one in gallery.maps[space][row]]
            elif space in found:
                places[space] = place(gallery, space, found[space])
            elif space in gallery.spaces:
                notes[space] = why_missing(source.kind, space)
            else:
                notes[space] = words.UNKNOWN_SPACE.format(space=_title(space))
        nearest = {
            space: [{"row": h.row, "similarity": h.similarity, "ranks": h.ranks} for h in hits]
            for space, hits in found.items()
            if space in self.service.spaces
        }
        return {"row": row, "nearest": nearest, "places": places, "notes": notes}

    def _seen(self, source: Source, guide: Guide) -> dict[str, Any]:
        """What the card beside the maps shows of a query."""
        if source.kind == "text":
            return {"label": words.SEEN["text"].format(text=source.value)}
        if guide.pixels is not None:
            src = f"data:image/webp;base64,{pixels_source(guide.pixels).value}"
            return {"src": src, "label": words.SEEN["image"]}
        truth = self._truth(source)
        label = words.SEEN["shape"]
        if source.kind == "gallery":
            row = self._gallery().ids.index(source.value)
            label = words.SEEN["gallery"].format(name=name_of(self._gallery(), row))
        return {"bits": pack(truth), "resolution": len(truth), "label": label}

    def _truth(self, source: Source) -> np.ndarray | None:
        """The true shape of a query, bool (R, R, R), where it is known."""
        if source.kind == "gallery":
            gallery = self._gallery()
            return gallery.occupancy(gallery.ids.index(source.value))
        if source.kind == "shape":
            return read_shape(source.value)
        named = [e for e in self.examples if e.image.name == source.value]
        return named[0].truth() if source.kind == "example" and named else None

    def _compare(
        self, source: Source, settings: Settings, truth: np.ndarray | None
    ) -> Iterator[Frame]:
        with errors_told():
            guide = guide_of(source, self.service, self.examples)
            yield from self.service.compare(guide, settings, truth)

    def _gallery(self) -> Gallery:
        status = self.service.wait()
        if self.service.gallery is None:
            raise error_of(status.message or words.NO_GALLERY)
        return self.service.gallery


def _is_row(gallery: Gallery, row: Any) -> bool:
    return isinstance(row, int) and not isinstance(row, bool) and 0 <= row < len(gallery)


def _title(space: str) -> str:
    return strings.space_text(space).title


def _pack_places(places: np.ndarray) -> str:
    """Places (N, 2) in [-1, 1] as base64 of little-endian int16, 32,767 for 1."""
    steps = np.round(places.clip(-1, 1) * 32767).astype("<i2")
    return base64.b64encode(steps.tobytes()).decode("ascii")
