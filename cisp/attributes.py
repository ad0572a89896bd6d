"""Attributes of shapes as directions: what changes in an embedding when a chair's back gets taller.

A file of A attributes, each of the shapes of one category:

    names, categories    A names each: "back_height", "chair"
    means, spreads       (A,) mean and standard deviation over shapes of the category
    gains                (A,) share of a change of the attribute that its reader reports
    readings             (A,) R^2 of the reader on shapes that it was not fitted on
    readers              (A, F + 1) a linear reader of `shape_features`, and its intercept
    directions/<space>   (A, D) the change of the embedding for a spread of the attribute
    scores/<space>       (A, 3) R^2 of a probe from pictures' embeddings, and its 95 % interval
    towers/<space>       digest of the image tower that the directions are of

`training.studies.sliders` writes it. Needs numpy alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from cisp.gallery import towers_fit
from cisp.pointers import refuse_pointer

POOLED = 8  # cells of the coarse grid's side
FARTHEST = 3.0  # spreads that a slider may ask for, up or down
HELD = 0.3  # R^2 from which on a space is said to know an attribute
DECIMALS = 2  # of a move: recipes write so many, and shapes are made from these
MAPS = ("directions", "scores", "towers")


def shape_features(occupancy: np.ndarray) -> np.ndarray:
    """What readers see of shapes: a coarse grid, and each slice's filled share and whether any is.

    Args:
        occupancy: (N, R, R, R) bool, R a multiple of `POOLED`.

    Returns:
        (N, F) float32, F = 8^3 + 6 R.
    """
    count, side = len(occupancy), occupancy.shape[-1]
    cells = occupancy.astype(np.float32)
    cube = (POOLED, side // POOLED)
    coarse = cells.reshape(count, *cube, *cube, *cube).mean((2, 4, 6))  # (N, 8, 8, 8)
    slices = [np.moveaxis(cells, axis, 1).reshape(count, side, -1) for axis in (1, 2, 3)]
    shares = [one.mean(2) for one in slices]  # (N, R) each
    reached = [one.max(2) for one in slices]
    return np.concatenate([coarse.reshape(count, -1), *shares, *reached], axis=1)


@dataclass(frozen=True)
class Attributes:
    """See the module's docstring; maps are by space."""

    names: tuple[str, ...]
    categories: tuple[str, ...]
    means: np.ndarray
    spreads: np.ndarray
    gains: np.ndarray
    readings: np.ndarray
    readers: np.ndarray
    directions: Mapping[str, np.ndarray]
    scores: Mapping[str, np.ndarray]
    towers: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.names)

    def of(self, category: str) -> list[int]:
        """The attributes of a category, by number."""
        return [at for at, one in enumerate(self.categories) if one == category]

    def moved(self, embed: np.ndarray, space: str, moves: Mapping[int, float]) -> np.ndarray:
        """Move an embedding along directions.

        Args:
            embed: (D,) a unit vector of the space.
            space: whose directions.
            moves: the number of an attribute -> spreads of it, up or down.

        Returns:
            (D,) float32, a unit vector.
        """
        shift = sum(share * self.directions[space][at] for at, share in moves.items())
        result = embed + np.asarray(shift, np.float32)
        return (result / np.linalg.norm(result)).astype(np.float32)

    def read(self, occupancy: np.ndarray) -> np.ndarray:
        """Read all attributes off shapes, in spreads from the mean.

        Args:
            occupancy: (N, R, R, R) bool.

        Returns:
            (N, A); it means something for the attributes of the shapes' category.
        """
        read = shape_features(occupancy) @ self.readers[:, :-1].T + self.readers[:, -1]
        return (read - self.means) / (self.spreads * self.gains)

    def fits(self, weights: str | Path) -> bool:
        """Whether the directions are those of these weights."""
        return towers_fit(self.towers, weights)


def moves_of(text: str, attributes: Attributes) -> dict[int, float]:
    """The moves that a text names, "chair: back_height +0.50, has_arms -1.00".

    Raises:
        ValueError: it names none of these attributes, or moves one too far; one sentence.
    """
    category, _, rest = text.partition(":")
    known = {attributes.names[at]: at for at in attributes.of(category.strip())}
    if not known:
        raise ValueError(f"There are no attributes of “{category.strip()[:40]}”.")
    moves: dict[int, float] = {}
    for part in filter(None, map(str.strip, rest.split(","))):
        name, _, share = (word.strip() for word in part.rpartition(" "))
        if name not in known:
            raise ValueError(f"There is no attribute “{part[:60]}” of {category.strip()[:40]}.")
        try:
            moves[known[name]] = float(share)
        except ValueError as error:
            raise ValueError(f"“{part[:60]}” does not end in a number.") from error
    return checked_moves(moves, attributes)


def checked_moves(moves: Mapping[int, float], attributes: Attributes) -> dict[int, float]:
    """The moves that are none of zero, rounded as recipes write them.

    Raises:
        ValueError: there is no such attribute, or it would be moved too far; one sentence.
    """
    for at, share in moves.items():
        if not 0 <= at < len(attributes):
            raise ValueError("There is no such attribute.")
        if not math.isfinite(share) or abs(share) > FARTHEST:
            raise ValueError(f"An attribute moves by at most {FARTHEST:g} of its spreads.")
    rounded = {at: round(float(share), DECIMALS) for at, share in moves.items()}
    return {at: share for at, share in rounded.items() if share}


def text_of(moves: Mapping[int, float], attributes: Attributes) -> str:
    """The text that `moves_of` reads; "" for none."""
    if not moves:
        return ""
    category = attributes.categories[next(iter(moves))]
    parts = (f"{attributes.names[at]} {share:+.{DECIMALS}f}" for at, share in sorted(moves.items()))
    return f"{category}: {', '.join(parts)}"


def attribute_arrays(attributes: Attributes) -> dict[str, np.ndarray]:
    """The arrays of the npz."""
    arrays: dict[str, np.ndarray] = {}
    for field in fields(Attributes):
        value = getattr(attributes, field.name)
        parts = {f"{field.name}/{k}": v for k, v in value.items()} if field.name in MAPS else None
        arrays |= {field.name: value} if parts is None else parts
    made = {name: np.asarray(value) for name, value in arrays.items()}
    return {k: v.astype(np.float16) if v.dtype.kind == "f" else v for k, v in made.items()}


def load_attributes(path: str | Path) -> Attributes:
    """Read an npz of `attribute_arrays`; nothing in the file is unpickled.

    Raises:
        ValueError: in one sentence, if there is none, or it is damaged.
    """
    if not Path(path).is_file():
        raise ValueError(f"There are no attributes '{path}'.")
    refuse_pointer(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return _from_arrays(arrays)
    except Exception as error:  # parsers of a damaged npz may raise anything
        raise ValueError(f"'{path}' holds no attributes that can be read.") from error


def _from_arrays(arrays: Mapping[str, np.ndarray]) -> Attributes:
    values: dict[str, object] = {}
    for field in fields(Attributes):
        if field.name in MAPS:
            start = f"{field.name}/"
            found = {k.removeprefix(start): v for k, v in arrays.items() if k.startswith(start)}
            is_text = field.name == "towers"
            values[field.name] = {k: str(v) if is_text else _numbers(v) for k, v in found.items()}
        elif field.name in ("names", "categories"):
            values[field.name] = tuple(map(str, arrays[field.name].tolist()))
        else:
            values[field.name] = _numbers(arrays[field.name])
    made = Attributes(**values)
    columns: Sequence = (made.categories, made.means, made.spreads, made.gains, made.readings)
    columns = (*columns, made.readers, *made.directions.values(), *made.scores.values())
    if {len(column) for column in columns} != {len(made)} or not len(made):
        raise ValueError("The arrays disagree, or are empty.")
    if not made.directions or not (made.spreads * made.gains > 0).all():
        raise ValueError("There is no direction, or an attribute that does not vary.")
    return made


def _numbers(values: np.ndarray) -> np.ndarray:
    numbers = values.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise ValueError("A number is not finite.")
    return numbers
