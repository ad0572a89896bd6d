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


@dataclass
class Opened:
    """A picture's guide, and the guess of it as it is, once it was asked for."""

    guide: Guide
    still: dict[str, np.ndarray] | None = None


class Steering:
    """The pictures that are open, by keys that their visitors' browsers keep."""

    def __init__(self, service: Models):
        self.service = service
        self._open: Kept[Opened] = Kept(words.GONE)
        self._guess = guesses_together(service)

    def open(self, guide: Guide) -> str:
        """Keep a picture's guide and return its key.

        Raises:
            ValueError: these weights have no directions; one sentence.
        """
        steered(guide, {}, self.service.attributes)
        return self._open.put(Opened(guide))

    def guessed(self, key: str, category: str, moves: Mapping[int, float]) -> Steered:
        """The guess of a picture with attributes moved.

        Raises:
            ValueError: the picture is forgotten, or the weights have no guess; one sentence.
            Busy: too many are waiting.
        """
        opened = self._open[key]
        if opened.still is None:
            opened.still = self._guessed(opened.guide, {})
        moved = self._guessed(opened.guide, moves) if moves else opened.still
        return told(self.service.attributes, category, opened.still, moved)

    def made(
        self, key: str, category: str, moves: Mapping[int, float], settings: Settings
    ) -> Steered:
        """The same by diffusion, both from one noise.

        Raises:
            ValueError: the picture is forgotten, or the models are not there; one sentence.
        """
        return steer(self.service, self._open[key].guide, category, moves, settings)

    def _guessed(self, guide: Guide, moves: Mapping[int, float]) -> dict[str, np.ndarray]:
        moved = steered(guide, moves, self.service.attributes)
        return self._guess({space: embed[None] for space, embed in moved.embeds.items()})


def steer(
    service: Models,
    guide: Guide,
    category: str,
    moves: Mapping[int, float],
    settings: Settings | None,
) -> Steered:
    """Shapes of a guide as it is and moved, from one noise; guesses, without settings.

    Raises:
        ValueError: there are no directions, no guesses, or no models; one sentence.
    """
    before, after = (steered(guide, m, service.attributes).embeds for m in ({}, moves))
    embeds = {space: np.stack([before[space], after[space]]) for space in after}
    if settings is None:
        guesses = service.guess(embeds)
        pair = [{space: grids[at] for space, grids in guesses.items()} for at in (0, 1)]
    else:
        pair = list(service.shapes(embeds, settings))
    return told(service.attributes, category, *pair)


def told(
    attributes: Attributes,
    category: str,
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
) -> Steered:
    """What readers find changed between grids, in spreads of each attribute of the category."""
    rows = attributes.of(category)
    changes = {}
    for space, grid in after.items():
        old, new = attributes.read(np.stack([before[space], grid]) > 0)[:, rows]
        changes[space] = [round(float(change), 3) for change in new - old]
    return Steered({space: grid > 0 for space, grid in after.items()}, changes)
