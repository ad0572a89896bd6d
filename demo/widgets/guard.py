"""Restrict the files that a request may name to uploads and examples."""

from __future__ import annotations

import errno
import json
import logging
import os
import stat
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from demo import strings
from demo.widgets.inputs import error_of

LOGGER = logging.getLogger(__name__)
LONGEST = 200  # characters of a sentence


class GuardedBlocks(gr.Blocks):
    """A gr.Blocks that checks the files named by a request before using them.

    Gradio's own check (6.31) accepts a path without `meta`, fetches URLs, and reveals by its errors
    which files exist.

    Attributes:
        examples: folders whose files may be named as well.
    """

    examples: Sequence[Path] = ()

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **options: Any):
        """Refuse the inputs of an event, or preprocess them as gr.Blocks does.

        Raises:
            gr.Error: a named file is not allowed; the same sentence for all of them. Or a text
                cannot be written as UTF-8.
        """
        folders = [Path(get_upload_folder()), *self.examples]
        try:
            # Half of a surrogate pair, quoted in an answer, would break off Gradio's stream (6.31).
            json.dumps(inputs, ensure_ascii=False, default=str).encode()
            is_allowed = all(may_be_read(path, folders) for path in named_files(inputs))
        except UnicodeEncodeError:
            raise error_of(strings.BROKEN_REQUEST) from None
        except RecursionError:
            is_allowed = False
        if not is_allowed:
            raise error_of(strings.NOT_UPLOADED)
        with faults_told(block_fn):
            try:
                return await super().preprocess_data(block_fn, inputs, *args, **options)
            except gr.Error as error:  # Gradio's own quote what was sent, whatever its length
                said = " ".join(str(error.message).split())
                said = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
                raise error_of(said) from None

    async def call_function(self, block_fn: Any, *args: Any, **options: Any):
        """Answer an event as gr.Blocks does; what nobody foresaw is one sentence too.

        Raises:
            gr.Error: the function's own, or that it failed.
        """
        with faults_told(block_fn):
            return await super().call_function(block_fn, *args, **options)

    async def postprocess_data(self, block_fn: Any, *args: Any, **options: Any):
        """Make an answer of what the function returned, which writes its files.

        Raises:
            gr.Error: that failed.
        """
        with faults_told(block_fn):
            return await super().postprocess_data(block_fn, *args, **options)


@contextmanager
def faults_told(block_fn: Any) -> Iterator[None]:
    """Turn what a request of wrong types does to components and functions into one sentence.

    The log has a line with the event and the fault, which names no input of the visitor.
    """
    try:
        yield
    except gr.Error:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        name = getattr(block_fn, "name", "an event")
        LOGGER.error("%s failed: %s at %s", name, type(error).__name__, place)
        LOGGER.debug("", exc_info=error)
        is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise error_of(strings.DISK_FULL if is_full else strings.BROKEN_REQUEST) from None


def named_files(data: Any) -> Iterator[Any]:
    """Everything in a request that names a file, as Gradio's components read it: path, else url."""
    if isinstance(data, dict):
        named = data.get("path") or data.get("url")
        if named is not None:
            yield named
        yield from named_files(list(data.values()))
    elif isinstance(data, list):
        for item in data:
            yield from named_files(item)


def may_be_read(path: Any, folders: Sequence[Path]) -> bool:
    """Whether that is the path of a regular file in one of the folders, links resolved.

    Nothing outside the folders is accessed, so that not even timing reveals what exists.
    """
    if not isinstance(path, str) or "\0" in path:
        return False
    written = Path(os.path.abspath(path))  # noqa: PTH100, without disk access
    if not any(written.is_relative_to(folder.absolute()) for folder in folders):
        return False
    try:
        real = written.resolve(strict=True)
        inside = any(real.is_relative_to(folder.resolve()) for folder in folders)
        return inside and stat.S_ISREG(real.stat().st_mode)
    except (OSError, RuntimeError):  # missing, or a cycle of links (until Python 3.12)
        return False
