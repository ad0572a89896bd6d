"""Faults in the middle of things: killed commands, full disks, damaged weights."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from safetensors.numpy import load, save_file

from demo.service.comparison import ComparisonService
from demo.soak.fuzz import Tally, is_one_sentence
from demo.soak.server import ROOT, Page, sound_request

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 123\n"
PATIENCE = 3600.0  # seconds that a whole command may take
PIPELINE = ["training.pipeline", "--preset", "tiny", "--minutes", "0.5", "--device", "cpu"]


def kill_and_resume(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Run the pipeline, which draws the cache, trains, evaluates and exports, and kill it again.

    Each time it is started with `--resume` and killed (SIGKILL) after a random share of a sixth of
    the time that the uninterrupted command took, so that twenty kills meet every stage; then it may
    end. What ends before is started anew.

    Args:
        folder: an empty one.
        kills: how often.
        seed: of the moments.
    """
    rng, started = np.random.default_rng(seed), time.monotonic()
    whole = _pipeline(folder / "whole", "--out", str(folder / "whole"))
    if whole.wait(PATIENCE):
        raise ValueError("The pipeline does not run here even undisturbed.")
    lasts, moments, broken = time.monotonic() - started, [], []
    command = ["--out", str(folder / "killed"), "--resume"]
    while len(moments) < kills and not broken:
        moment = float(rng.uniform(0, lasts / 6))
        process = _pipeline(folder / f"log-{len(moments)}", *command)
        try:
            code = process.wait(moment)
            if code:
                broken.append(f"after {len(moments)} kills it ended with status {code}")
            shutil.rmtree(folder / "killed")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            moments.append(round(moment, 1))
        _end_workers(folder)
    last = _pipeline(folder / "log-last", *command).wait(PATIENCE)
    made = (folder / "killed" / "results.json").is_file()
    return {
        "command": PIPELINE,
        "kills": len(moments),
        "moments": moments,
        "faults": [*broken, *([] if last == 0 and made else [f"it ended with status {last}"])],
        "ended": last == 0 and made,
    }


def _pipeline(log: Path, *more: str) -> subprocess.Popen:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.with_suffix(".log").open("w") as file:
        command = [sys.executable, "-m", *PIPELINE, *more]
        return subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)


def _end_workers(folder: Path) -> None:
    """End the processes that a killed command leaves behind: those that name our own folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(folder / "killed").encode() in words:
            subprocess.run(["kill", "-9", process.name], check=False)


def truncate(file: Path, rng: np.random.Generator) -> None:
    """Cut a file anywhere."""
    data = file.read_bytes()
    file.write_bytes(data[: int(rng.integers(len(data)))])


def flip(file: Path, rng: np.random.Generator) -> None:
    """Damage the header of a file of weights."""
    data = bytearray(file.read_bytes())
    for at in rng.integers(0, 200, 8):
        data[at] = int(rng.integers(256))
    file.write_bytes(data)


def poison(file: Path, rng: np.random.Generator) -> None:
    """Put NaN or infinity into one of the tensors."""
    state = {name: value.copy() for name, value in load(file.read_bytes()).items()}
    names = sorted(name for name, value in state.items() if value.dtype.kind == "f")
    tensor = state[str(rng.choice(names))].reshape(-1)  # a view
    tensor[int(rng.integers(tensor.size))] = [np.nan, np.inf][rng.integers(2)]
    save_file(state, file)


def resize(file: Path, rng: np.random.Generator) -> None:
    """Make one of the tensors larger."""
    state = load(file.read_bytes())
    name = str(rng.choice(sorted(state)))
    state[name] = np.concatenate([state[name].reshape(-1)] * 2)
    save_file(state, file)


def point(file: Path, _: np.random.Generator) -> None:
    """Leave what Git LFS leaves that has not fetched."""
    file.write_text(POINTER)


def swap(file: Path, _: np.random.Generator) -> None:
    """Exchange a file with that of the other space."""
    here, there = file.parts, {"clip": "cisp", "cisp": "clip", "text": "shape", "shape": "text"}
    names = ["-".join(there.get(word, word) for word in part.split("-")) for part in here[-4:]]
    other = Path(*here[:-4], *names)
    if other != file and other.is_file():
        data = file.read_bytes()
        file.write_bytes(other.read_bytes())
        other.write_bytes(data)


DAMAGE: dict[str, Callable[[Path, np.random.Generator], None]] = {
    one.__name__: one for one in (truncate, flip, poison, resize, point, swap)
}


def damage_weights(weights: Path, folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Load weights `count` times, each time damaged in one file and way; nothing may be believed.

    Args:
        weights: a sound folder, which is copied.
        folder: an empty one.
        count: of faults.
        seed: of them.
    """
    tally = Tally(Counter(), [])
    ways = list(DAMAGE)
    for index in range(count):
        rng, copy = np.random.default_rng([seed, index]), folder / "weights"
        shutil.copytree(weights, copy)
        files = sorted(copy.glob("c*/*/*.safetensors")) + sorted(copy.glob("diff*/*.safetensors"))
        way, file = ways[index % len(ways)], files[int(rng.integers(len(files)))]
        DAMAGE[way](file, rng)
        service = ComparisonService(copy, "cpu")
        service.load()
        said = service.status.message or _refusal_of_partners(service)
        where = f"{file.relative_to(copy)}, fault {index}"
        if not said:
            tally.note(way, "not noticed", f"{where}: not noticed")
        elif is_one_sentence(said) and str(folder) not in said:
            tally.note(way, "named")
        else:
            tally.note(way, "fault", f"{where}: {said[:200]!r}")
        shutil.rmtree(copy)
    return {"faults_injected": count, "outcomes": dict(tally.outcomes), "faults": tally.faults}


def _refusal_of_partners(service: ComparisonService) -> str:
    """What is said when text and shape towers are asked, which are loaded then."""
    try:
        service.text_guide("a chair")
        service.shape_guide(np.zeros((32, 32, 32), np.float32))
    except ValueError as error:
        return str(error)
    return ""


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Mount an empty disk of that size at a new folder; whether it could be.

    It is a tmpfs, which only an administrator can mount.
    """
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    is_there = not subprocess.run(mount, check=False, capture_output=True).returncode
    try:
        yield is_there
    finally:
        if is_there:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _fill(filler: Path) -> Path:
    """Write a file until its disk is full."""
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65_536))
    return filler


def fill_disk(folder: Path, commands: dict[str, list[str]]) -> dict[str, Any]:
    """Run commands whose `{out}` lies on a disk that is too small; each has to say so in a line."""
    report = {}
    for name, words in commands.items():
        with small_disk(folder / name, 8) as is_there:
            if not is_there:
                return {"not tried": "no small disk can be mounted here"}
            _fill(folder / name / "filler")
            command = [sys.executable, "-m", *(w.format(out=folder / name / "out") for w in words)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            lines = [line for line in done.stderr.splitlines() if "error:" in line]
            report[name] = {
                "status": done.returncode,
                "says": lines[-1:] or done.stderr[-200:],
                "is_right": done.returncode == 2 and "Traceback" not in done.stderr,
            }
    return report


def fill_disk_of_page(weights: Path, folder: Path, picture: Path) -> dict[str, Any]:
    """Fill the disk of a page's temporary files, compare, give it back, compare again.

    Meanwhile the page has to refuse in a sentence, and afterwards to answer as before.
    """
    with small_disk(folder, 64) as is_there:
        if not is_there:
            return {"not tried": "no small disk can be mounted here"}
        with Page(weights, folder / "page") as page:
            page.warm()
            request = sound_request("compare", page.upload(picture), 0)
            filler = _fill(folder / "filler")
            full = page.ask("compare", request)
            try:
                uploaded = f"takes {len(page.upload(picture))} words"
            except httpx.HTTPStatusError as error:
                uploaded = f"status {error.response.status_code}: {error.response.text}"
            filler.unlink()
            again = page.ask("compare", request)
            said = full.error if full.output is None else "answered"
            is_right = full.output is not None or is_one_sentence(full.error)
            return {
                "says": said,
                "says_to_an_upload": uploaded,
                "answers_afterwards": again.output is not None,
                "is_right": is_right and again.output is not None,
            }


def save(path: Path, report: dict[str, Any]) -> None:
    """Write a report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
