"""What came of a soak, in a sentence or two each, as the Results tab shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


def of_fuzz(report: Mapping[str, Any]) -> str:
    """What became of strange inputs."""
    ends = _ends(report["readers"], report["page"])
    before, after = (report["measures"][at]["memory_mb"] for at in (1, -1))
    return (
        f"Of {report['inputs']:,} strange inputs, half to the readers alone and half to a page, "
        f"{ends['used']:,} were used, {ends['refused']:,} refused in a sentence each, and "
        f"{len(report['faults'])} ended in a fault; the page's log holds {report['tracebacks']} "
        f"tracebacks, its memory went from {before:,.0f} to {after:,.0f} MB."
    )


def of_visitors(report: Mapping[str, Any]) -> str:
    """How a page fared under many visitors."""
    ends, before, after = _ends(report["outcomes"]), report["before"], report["after"]
    growth = report["memory_growth"]
    moved = "" if growth is None else f"After five minutes memory moved by {growth:+.1%}. "
    return (
        f"{report['visitors']} visitors for {report['minutes']:g} minutes got "
        f"{ends['answered']:,} answers, each its own, and {ends['refused']:,} refusals in a "
        f"sentence; {ends['left']:,} left in the middle; {len(report['faults'])} faults, and at "
        f"most {report['peak_heavy_work']} heavy events at a time, as they saw it. {moved}"
        f"Open files: {before['open_files']} before, {after['open_files']} after; threads: "
        f"{before['threads']} and {after['threads']}."
    )


def of_faults(report: Mapping[str, Any]) -> str:
    """What was lost to damaged weights, full disks and killed commands."""
    weights, killed, disks = report["weights"], report["killed"], report["full_disk"]
    named = _ends(weights["outcomes"])["named"]
    right = [name for name, one in disks.items() if isinstance(one, dict) and one["is_right"]]
    ended = "ended with all its results" if killed["ended"] else "did not end"
    return (
        f"Of {weights['faults_injected']} damages to the weights {named} were named in a "
        f"sentence. A full disk was one in {', '.join(right) or 'nothing'}. The pipeline, killed "
        f"{killed['kills']} times at random moments and resumed, {ended}."
    )


def _ends(*outcomes: Mapping[str, int]) -> Counter[str]:
    """How often each end was met, over all kinds: "kind: end" -> count."""
    ends: Counter[str] = Counter()
    for counts in outcomes:
        for what, count in counts.items():
            ends[what.rpartition(": ")[2]] += count
    return ends
