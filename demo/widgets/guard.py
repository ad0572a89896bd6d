"""Restrict the files that a request may name to uploads and examples."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from demo import strings
from demo.widgets.inputs import error_of


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
            gr.Error: a named file is not allowed; the same sentence for all of them.
        """
        folders = [Path(get_upload_folder()), *self.examples]
        if not all(may_be_read(path, folders) for path in named_files(inputs)):
            raise error_of(strings.NOT_UPLOADED)
        return await super().preprocess_data(block_fn, inputs, *args, **options)


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
