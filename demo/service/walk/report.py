"""The results of a walk: curves for the page, sentences, and numbers for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from demo.service.walk.curves import Curves, smoothest, smoothness_of
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import WalkLog
from demo.strings import interpolate as words
from demo.strings import space_text


def report_value(log: WalkLog) -> dict[str, Any]:
    """The data of the curves under the viewer; a grid has sentences only."""
    curves = log.curves()
    return {
        "is_path": log.lattice.rows == 1,
        "labels": log.lattice.labels,
        "curves": {s: asdict(c) for s, c in curves.items()} if log.lattice.rows == 1 else {},
        "words": sentences(log.lattice, curves, is_complete=log.is_complete)
        + _warning(sum(log.guessed), len(log.lattice)),
    }


def _warning(num_guessed: int, num_frames: int) -> list[dict[str, str]]:
    text = words.GUESSED.format(guessed=num_guessed, frames=num_frames)
    return [{"space": "", "text": text}] if num_guessed else []


def sentences(
    lattice: Lattice, curves: Mapping[str, Curves], *, is_complete: bool
) -> list[dict[str, str]]:
    """How smooth each column is, and, once the walk is complete, which is smoother.

    Returns:
        {space, text} each; `space` is "" for a sentence about all.
    """
    said = []
    for space, one in curves.items():
        smooth = smoothness_of(lattice, one)
        if smooth is None:
            continue
        a, b = (lattice.labels[index] for index in lattice.steps[smooth.where])
        text = words.SMOOTHNESS.format(
            space=space_text(space).title, mean=smooth.mean, largest=smooth.largest, a=a, b=b
        )
        if smooth.detour is not None:
            text += words.DETOUR.format(detour=smooth.detour)
        if smooth.known < len(lattice.steps):
            text += words.PARTLY.format(known=smooth.known, steps=len(lattice.steps))
        said.append({"space": space, "text": text})
    if is_complete and len(said) > 1:
        winner = smoothest(curves)
        verdict = words.NO_SMOOTHEST
        if winner is not None:
            verdict = words.SMOOTHEST.format(space=space_text(winner).title)
        said.append({"space": "", "text": verdict})
    return said


def summary_of(log: WalkLog) -> dict[str, Any]:
    """The curves and the smoothness of a complete walk, for a program."""
    curves, lattice = log.curves(), log.lattice
    ends = [name.lower() for name in lattice.names]
    smoothness = {}
    for space, one in curves.items():
        smooth = smoothness_of(lattice, one)
        smoothness[space] = {
            "mean_iou": round(smooth.mean, 5),
            "largest_jump": {
                "iou": round(smooth.largest, 5),
                "between": [lattice.labels[index] for index in lattice.steps[smooth.where]],
            },
            "detour": smooth.detour and round(smooth.detour, 5),
        }
    return {
        "curves": {
            space: {
                "iou_neighbours": _rounded(one.steps),
                **_to_ends("iou", ends, one.iou),
                **_to_ends("cosine", ends, one.cosine),
            }
            for space, one in curves.items()
        },
        "smoothness": smoothness,
        "smoothest": smoothest(curves),
    }


def _to_ends(
    measure: str, ends: Sequence[str], curves: Sequence[list[float]]
) -> dict[str, list[float]]:
    return {f"{measure}_to_{end}": _rounded(to) for end, to in zip(ends, curves, strict=True)}


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 5) for value in values]
