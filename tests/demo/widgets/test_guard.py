"""What nobody foresaw in a handler is one sentence to the visitor."""

from __future__ import annotations

import errno
from types import SimpleNamespace

import gradio as gr
import pytest

from demo import strings
from demo.widgets.guard import faults_told


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (TypeError("a path of the server"), strings.BROKEN_REQUEST),
        (OSError(errno.EACCES, "not allowed", "/secret"), strings.BROKEN_REQUEST),
        (OSError(errno.ENOSPC, "No space left on device", "/secret"), strings.DISK_FULL),
        (gr.Error("said by the handler"), "said by the handler"),
    ],
)
def test_a_fault_is_one_sentence_that_names_no_path(fault, sentence, caplog):
    event = SimpleNamespace(name="compare")
    with pytest.raises(gr.Error) as caught, faults_told(event):
        raise fault
    assert caught.value.message == sentence
    assert "secret" not in caplog.text
