"""The paper's claims: the verdict follows from the interval, whichever way it fell."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.strings import claims as strings
from demo.tabs.results.claims import CLAIMS, Claim, claims_text
from demo.tabs.results.files import FOLDER, Result, read_results


@pytest.mark.parametrize(
    ("sign", "interval", "verdict"),
    [
        (1, (0.1, 0.2), strings.HOLDS),
        (1, (-0.1, 0.2), strings.NOT_SHOWN),
        (1, (-0.2, -0.1), strings.FAILS),
        (-1, (-0.2, -0.1), strings.HOLDS),
        (-1, (0.1, 0.2), strings.FAILS),
        (0, (-0.1, 0.2), strings.ALIKE_HOLDS),
        (0, (0.1, 0.2), strings.FAILS),
    ],
)
def test_a_verdict_follows_from_the_interval(sign, interval, verdict):
    low, high = interval
    data = {"a": {"b": {"mean": (low + high) / 2, "low": low, "high": high}}}
    claim = Claim("text", "file", ("a", "b"), sign)
    assert claim.verdict(claim.measured(data)) == verdict


def test_only_what_was_measured_is_told():
    broken = {"differences": {"cisp minus clip": {"overall": {"iou": 3}}}, "sets": []}
    assert claims_text([]) == claims_text([Result(Path("procedural.json"), broken)]) == ""
    words = {
        "differences": {
            "cisp minus clip": {"overall": {"iou": dict.fromkeys(("mean", "low", "high"), "much")}}
        }
    }
    assert claims_text([Result(Path("procedural.json"), words)]) == ""
    gap = {"mean": 0.02, "low": 0.01, "high": 0.03}
    data = {"differences": {"cisp minus clip": {"overall": {"iou": gap}}}}
    *_, head, _, row = claims_text([Result(Path("procedural.json"), data)]).splitlines()
    assert head.startswith("| The paper")
    assert row == f"| {strings.IOU} | +0.020 [+0.010, +0.030] | {strings.HOLDS} |"


def test_every_claim_is_answered_by_the_files_of_the_repository():
    studies, others = read_results(FOLDER)
    told = claims_text([*studies, *others])
    assert all(claim.text in told for claim in CLAIMS)
