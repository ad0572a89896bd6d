"""The paper's claims beside the measurements here, for or against.

A claim is about a difference, CISP minus CLIP, given with its interval in a file of results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.strings import claims as strings
from demo.tabs.results.evaluations import PAIR, interval_text, markdown_table

if TYPE_CHECKING:
    from demo.tabs.results.files import Result


@dataclass(frozen=True)
class Claim:
    """A claim of the paper.

    Args:
        text: in words.
        file: the name of the file with the measurement.
        keys: path in it to the interval of the difference.
        sign: of the claimed difference: 1, -1, or 0 for none.
    """

    text: str
    file: str
    keys: tuple[str, ...]
    sign: int

    def measured(self, results: Mapping[str, Any]) -> Mapping[str, float] | None:
        """The interval in a file's data; None where it is missing or damaged."""
        found: Any = results
        for key in self.keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            return None
        numbers = [found.get(key) for key in ("mean", "low", "high")]
        return found if all(isinstance(number, int | float) for number in numbers) else None

    def verdict(self, found: Mapping[str, float]) -> str:
        """Whether the interval supports the claim, in words."""
        sign = (found["low"] > 0) - (found["high"] < 0)
        if sign == self.sign:
            return strings.HOLDS if sign else strings.ALIKE_HOLDS
        return strings.NOT_SHOWN if sign == 0 else strings.FAILS


CLAIMS = (
    Claim(strings.IOU, "procedural", ("differences", PAIR, "overall", "iou"), 1),
    Claim(strings.F_SCORE, "procedural", ("differences", PAIR, "overall", "f_score"), 1),
    Claim(strings.ALIKE, "procedural", ("sets", "differences", PAIR, "overall", "1nna_cd"), 0),
    Claim(strings.SMOOTH, "procedural", ("paths", "differences", PAIR, "overall", "smoothness"), 1),
    Claim(strings.DETOUR, "procedural", ("paths", "differences", PAIR, "overall", "detour"), -1),
    Claim(strings.SKETCHES, "wild-sketches", ("results", "right_category", "cisp_minus_clip"), 1),
    Claim(strings.PHOTOS, "wild-photos", ("results", "right_category", "cisp_minus_clip"), 1),
)


def claims_text(results: Sequence[Result]) -> str:
    """A table of the claims that were measured, as Markdown; "" without any."""
    data = {result.name: result.data for result in results}
    rows = []
    for claim in CLAIMS:
        found = claim.measured(data.get(claim.file, {}))
        if found is not None:
            rows.append([claim.text, interval_text(found, sign="+"), claim.verdict(found)])
    return f"{strings.INTRO}\n\n{markdown_table([strings.HEAD, *rows])}" if rows else ""
