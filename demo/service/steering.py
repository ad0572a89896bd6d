"""Pictures whose attributes visitors move: how the embeddings change, and what the shapes say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cisp.attributes import Attributes, moves_of
from cisp.gallery import Gallery
from demo.service.frames import Guide, Settings
from demo.service.live import Kept, guesses_together
from demo.service.models import Models
from demo.service.retrieval import retrieve
from demo.strings import attributes as words

VOTES = 10  # nearest shapes that say what a picture shows


def steered(guide: Guide, moves: Mapping[int, float], attributes: Attributes | None) -> Guide:
    """The guide with attributes moved by so many spreads; columns without directions stay silent.

    Raises:
        ValueError: these weights have no directions, or none for these columns; one sentence.
    """
    if attributes is None:
        raise ValueError(words.NO_ATTRIBUTES)
    spaces = [space for space in guide.embeds if space in attributes.directions]
    if not spaces:
        raise ValueError(words.NO_ATTRIBUTES)
    moved = {space: attributes.moved(guide.embeds[space], space, moves) for space in spaces}
    return Guide(moved, guide.pixels)


def steered_as_told(guide: Guide, text: str, service: Models) -> Guide:
    """The guide with attributes moved as a text says (`cisp.attributes.moves_of`), if it does.

    Raises:
        ValueError: it names what these weights do not have; one sentence.
    """
    known = service.attributes
    return steered(guide, moves_of(text, known) if text and known else {}, known)


def category_of(guide: Guide, gallery: Gallery | None, attributes: Attributes) -> str:
    """The category that most of the nearest known shapes have, in all spaces together."""
    known = sorted(set(attributes.categories))
    if gallery is None:
        return known[0]
    found = retrieve(gallery, guide.embeds, VOTES)
    votes = Counter(gallery.categories[hit.row] for hits in found.values() for hit in hits)
    return max(known, key=lambda category: votes[category])


@dataclass(frozen=True)
class Steered:
    """Shapes as they are and moved, by column: bool (R, R, R), and what their readers say."""

    shapes: dict[str, np.ndarray]
    changes: dict[str, list[float]]


class Steering:
    """The pictures that are open, by keys that their visitors' browsers keep."""

    def __init__(self, service: Models):
        self.service = service
        self._guides: Kept[Guide] = Kept(words.GONE)
        self._guess = guesses_together(service)

    def open(self, guide: Guide) -> str:
        """Keep a picture's guide and return its key.

        Raises:
            ValueError: these weights have no directions; one sentence.
        """
        steered(guide, {}, self.service.attributes)
        return self._guides.put(guide)

    def guessed(self, key: str, category: str, moves: Mapping[int, float]) -> Steered:
        """The guess of a picture with attributes moved.

        Raises:
            ValueError: the picture is forgotten, or the weights have no guess; one sentence.
            Busy: too many are waiting.
        """
        rows = [{s: e[None] for s, e in self._guide(key, m).embeds.items()} for m in ({}, moves)]
        as_it_is, moved = (self._guess(embeds) for embeds in rows)
        return told(self.service.attributes, category, as_it_is, moved)

    def made(
        self, key: str, category: str, moves: Mapping[int, float], settings: Settings
    ) -> Steered:
        """The same by diffusion, both from one noise.

        Raises:
            ValueError: the picture is forgotten, or the models are not there; one sentence.
        """
        as_it_is, moved = (self._guide(key, m).embeds for m in ({}, moves))
        return steer(self.service, as_it_is, moved, category, settings)

    def _guide(self, key: str, moves: Mapping[int, float]) -> Guide:
        return steered(self._guides[key], moves, self.service.attributes)


def steer(
    service: Models,
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    category: str,
    settings: Settings,
) -> Steered:
    """Shapes of embeddings (D,) before and after a move, from one noise, and what changed."""
    embeds = {space: np.stack([before[space], after[space]]) for space in after}
    shapes = [{s: grid > 0 for s, grid in g.items()} for g in service.shapes(embeds, settings)]
    return told(service.attributes, category, *shapes)


def told(
    attributes: Attributes,
    category: str,
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
) -> Steered:
    """What readers find changed between shapes, in spreads of each attribute of the category."""
    rows = attributes.of(category)
    changes = {}
    for space, grid in after.items():
        old, new = attributes.read(np.stack([before[space], grid]))[:, rows]
        changes[space] = [round(float(change), 3) for change in new - old]
    return Steered(dict(after), changes)
