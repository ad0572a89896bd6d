"""Try the page and the commands for minutes or hours, and write down what was lost.

    python -m demo.soak fuzz     --out assets/results/fuzz.json     --count 10000
    python -m demo.soak visitors --out assets/results/visitors.json --minutes 30
    python -m demo.soak faults   --out assets/results/faults.json   --kills 20

The status is 1 if anything was lost: an input that was answered by a fault, an answer of another
visitor, a command that did not go on.
"""

from __future__ import annotations

import logging
import os
import platform
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tyro

from demo.soak.faults import (
    damage_weights,
    fill_disk,
    fill_disk_of_page,
    kill_and_resume,
    save,
)
from demo.soak.findings import of_faults, of_fuzz, of_visitors
from demo.soak.fuzz import fuzz_readers
from demo.soak.server import ROOT, Page, spare_folder

PICTURE = ROOT / "assets" / "examples" / "airliner-rendering.png"
GENERATE = ["training.generate", "--images", str(PICTURE)]
GENERATE += ["--preset", "preview", "--samples", "1", "--out", "{out}/a.npz", "--glb", "{out}/glb"]
TRAIN = ["training.pipeline", "--preset", "tiny", "--minutes", "0.2", "--out", "{out}"]


@dataclass(frozen=True)
class SoakOptions:
    """Strange inputs, many visitors, or faults.

    Attributes:
        what: fuzz, visitors or faults.
        out: The JSON file to write.
        weights: The folder of the weights.
        count: Inputs of "fuzz", half of them to the readers alone and half to a page; a hundredth
            as many times weights are damaged in "faults".
        visitors: At once.
        minutes: That they stay.
        kills: Of a training in "faults".
        seed: Of everything.
    """

    what: tyro.conf.Positional[Literal["fuzz", "visitors", "faults"]]
    out: Path
    weights: Path = ROOT / "assets" / "weights"
    count: int = 10_000
    visitors: int = 20
    minutes: float = 30.0
    kills: int = 20
    seed: int = 0


def fuzz(options: SoakOptions, folder: Path) -> dict[str, Any]:
    """Strange inputs to the readers, and to a page."""
    from demo.soak.asking import fuzz_page

    for name in ("readers", "page", "files"):
        (folder / name).mkdir()
    alone = fuzz_readers(folder / "readers", options.count // 2, options.seed)
    with Page(options.weights, folder / "page") as page:
        page.warm()
        half = options.count - options.count // 2
        asked, seen = fuzz_page(page, folder / "files", half, options.seed)
        tracebacks = page.tracebacks()
    return {
        "inputs": options.count,
        "readers": dict(alone.outcomes),
        "page": dict(asked.outcomes),
        "faults": [*alone.faults, *asked.faults],
        "tracebacks": tracebacks,
        "measures": seen,
    }


def visitors(options: SoakOptions, folder: Path) -> dict[str, Any]:
    """Many visitors of one page."""
    from demo.soak.visitors import Crowd

    (folder / "pictures").mkdir()
    with Page(options.weights, folder / "page") as page:
        page.warm()
        crowd = Crowd(page, folder / "pictures", options.visitors, options.seed)
        return crowd.stay(options.minutes)


def faults(options: SoakOptions, folder: Path) -> dict[str, Any]:
    """Damaged weights, full disks, killed commands."""
    for name in ("damaged", "full", "killed"):
        (folder / name).mkdir()
    damaged = damage_weights(
        options.weights, folder / "damaged", options.count // 100, options.seed
    )
    full = fill_disk(folder / "full", {"export": GENERATE, "training": TRAIN})
    full["page"] = fill_disk_of_page(options.weights, folder / "full" / "page", PICTURE)
    killed = kill_and_resume(folder / "killed", options.kills, options.seed)
    wrong = [
        name
        for name, one in full.items()
        if isinstance(one, dict) and not one.get("is_right", True)
    ]
    lost = [*damaged.pop("faults"), *killed.pop("faults"), *(f"full disk: {w}" for w in wrong)]
    return {"weights": damaged, "full_disk": full, "killed": killed, "faults": lost}


def main(options: SoakOptions) -> bool:
    """Run, write, say; returns whether nothing was lost."""
    started = time.monotonic()
    with spare_folder() as folder:
        run = {"fuzz": fuzz, "visitors": visitors, "faults": faults}[options.what]
        report = run(options, Path(folder))
    finding = {"fuzz": of_fuzz, "visitors": of_visitors, "faults": of_faults}[options.what]
    head = {
        "finding": finding(report),
        "command": shlex.join(["python", "-m", "demo.soak", *sys.argv[1:]]),
        "seed": options.seed,
        "device": f"{os.cpu_count()} cores ({platform.machine()})",
        "seconds": round(time.monotonic() - started),
    }
    save(options.out, head | report)
    for fault in report["faults"]:
        print(fault, file=sys.stderr)
    print(f"{len(report['faults'])} faults: {options.out}")
    return not report["faults"]


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        sys.exit(0 if main(tyro.cli(SoakOptions)) else 1)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
