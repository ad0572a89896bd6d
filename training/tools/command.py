"""What every command line shares: options, devices, errors in one line, files written whole."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Options = TypeVar("Options")


def run_command(
    options_type: type[Options], main: Callable[[Options], None], argv: list[str] | None = None
) -> None:
    """Parses `options_type` (a dataclass) from the command line and calls `main` with it.

    Bad input (ValueError, OSError) and a full device become one line on stderr and exit status 2,
    an interruption exit status 130. An unknown option ends in tyro with status 2.
    """
    import tyro  # only command lines need it

    print_anything()
    options = tyro.cli(options_type, args=argv)
    try:
        main(options)
    except (ValueError, OSError) as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        raise SystemExit(2) from error
    except RuntimeError as error:
        if type(error).__name__ != "OutOfMemoryError":  # torch's, which not every command imports
            raise
        print("error: The device has too little free memory for this.", file=sys.stderr)
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise SystemExit(130) from None


def print_anything() -> None:
    """Have what the console cannot show, such as names from other systems, printed as "?"."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test's or a notebook's has none
            stream.reconfigure(errors="replace")


def one_line(error: Exception) -> str:
    """The message of an error without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__


def parse_spaces(text: str) -> list[str]:
    """Splits "clip,cisp" into names; each at least once, none twice."""
    spaces = [name.strip() for name in text.split(",") if name.strip()]
    if not spaces or len(set(spaces)) < len(spaces):
        raise ValueError(f"--spaces needs different names separated by commas, not '{text}'.")
    return spaces


def check_seed(seed: int) -> None:
    """Refuses a seed that some generator would not take."""
    if not 0 <= seed < 2**32:  # of more torch's generator on a CPU takes the lowest 32 bits
        raise ValueError(f"--seed must be at least 0 and below 2^32, not {seed}.")


def resolved_config(options: Any) -> dict[str, Any]:
    """A dataclass of options as plain JSON data."""
    return json.loads(json.dumps(dataclasses.asdict(options), default=str))


def command_line(module: str) -> str:
    """The command that runs now, as a person would type it; `module` if it was not started by -m.

    A command can run as a part of another one: then it is the other one that is named.
    """
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return shlex.join(["python", "-m", spec.name if spec else module, *sys.argv[1:]])


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yields a temporary path beside `path` and renames it there once the block has succeeded.

    A reader never sees half a file, and a failure leaves an older file as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes it private
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def new_memmap(path: str | Path, dtype: Any, shape: tuple[int, ...]) -> np.memmap:
    """A new .npy file of zeros as a writable memory map, with its room on the disk.

    A map is written without a call that could fail: where the disk is full, the system ends the
    process in the middle of it (SIGBUS).

    Raises:
        OSError: there is no room for all of it.
    """
    made = np.lib.format.open_memmap(path, "w+", dtype, shape)
    if hasattr(os, "posix_fallocate"):
        try:
            with Path(path).open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, Path(path).stat().st_size)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.EOPNOTSUPP):
                return made  # this file system cannot tell
            Path(path).unlink()
            raise
    return made


def save_json(path: str | Path, data: Any) -> None:
    """Writes JSON whole or not at all, numpy numbers included. NaN is an error: JSON has none."""
    text = json.dumps(data, indent=1, allow_nan=False, default=lambda value: value.tolist()) + "\n"
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def save_npz(path: str | Path, **arrays: np.ndarray) -> None:
    """Writes a compressed npz whole or not at all; no array may need pickle."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
