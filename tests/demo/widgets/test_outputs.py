"""An event names what it changes, and Gradio gets it in its order."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from demo.widgets.outputs import SKIP, wired


class Outputs(NamedTuple):
    seed: Any = SKIP
    viewer: Any = SKIP
    buttons: Any = SKIP


def test_each_component_is_given_what_has_its_name():
    event = wired(
        lambda: Outputs(buttons=[1, 2], viewer="v"), Outputs("Seed", "Viewer", ["A", "B"])
    )
    assert event["outputs"] == ["Seed", "Viewer", "A", "B"]
    assert event["fn"]() == [SKIP, "v", 1, 2]


def test_one_update_does_for_a_list_of_components():
    event = wired(lambda update: Outputs(buttons=update), Outputs(viewer="V", buttons=["A", "B"]))
    assert event["fn"]("off") == [SKIP, "off", "off"]
    assert event["fn"](SKIP) == [SKIP] * 3


def test_a_handler_that_streams_streams_and_is_ended_with_the_event():
    ended = []

    def stream(last):
        try:
            for seed in range(last):
                yield Outputs(seed=seed)
        finally:
            ended.append(last)

    updates = wired(stream, Outputs(seed="S", viewer="V"))["fn"](9)
    assert [next(updates), next(updates)] == [[0, SKIP], [1, SKIP]]
    updates.close()
    assert ended == [9]


def test_a_change_of_what_the_event_does_not_name_is_a_fault():
    event = wired(lambda: Outputs(seed=3), Outputs(viewer="V", buttons=["A"]))
    with pytest.raises(ValueError, match="does not name: 3"):
        event["fn"]()
