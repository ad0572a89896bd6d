"""Make results again, each by the command that its own file records.

    python -m training.remeasure --log runs/remeasured sampling guidance procedural

New weights make every figure of the old ones stale. A result's JSON file has the command that made
it, so the files are the list of what to do. What has been done is noted in the log folder: the same
command, given again, goes on where it was interrupted, and tries again what failed.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from training.tools.command import run_command, save_json


@dataclass(frozen=True)
class RemeasureOptions:
    """Make results again.

    Attributes:
        names: Which, by the names of their files without ".json", in this order; all by default.
        log: A folder for what each command prints and for what is done.
        results: The folder of the JSON files.
    """

    names: Annotated[tuple[str, ...], tyro.conf.Positional] = ()
    log: Path = Path("runs/remeasured")
    results: Path = Path("assets/results")


def recorded_command(path: Path) -> list[str]:
    """The command that a result records, for this interpreter.

    Raises:
        ValueError: there is no such file, or it records no command of this project.
    """
    if not path.is_file():
        raise ValueError(f"There is no result '{path}'.")
    command = shlex.split(json.loads(path.read_text(encoding="utf-8")).get("command", ""))
    if command[:2] != ["python", "-m"] or not command[2].startswith(("training.", "demo.")):
        raise ValueError(f"'{path}' does not say which command made it.")
    return [sys.executable, *command[1:]]


def main(options: RemeasureOptions) -> None:
    """Run the command.

    Raises:
        ValueError: a name is wrong (before anything runs), or a command failed (after the others).
    """
    names = options.names or sorted(path.stem for path in options.results.glob("*.json"))
    commands = {name: recorded_command(options.results / f"{name}.json") for name in names}
    options.log.mkdir(parents=True, exist_ok=True)
    failed = []
    for name, command in commands.items():
        done = options.log / f"{name}.done.json"
        if done.exists():
            continue
        print(shlex.join(["python", *command[1:]]), flush=True)
        started = time.monotonic()
        with (options.log / f"{name}.txt").open("w", encoding="utf-8") as printed:
            status = subprocess.run(command, stdout=printed, stderr=subprocess.STDOUT).returncode
        if status:
            failed.append(name)
        else:
            save_json(done, {"seconds": round(time.monotonic() - started, 1)})
    if failed:
        raise ValueError(f"Not made: {', '.join(failed)}; the reasons are in '{options.log}'.")


if __name__ == "__main__":
    run_command(RemeasureOptions, main)
