"""What the events of the Interpolate tab change."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from demo.widgets.outputs import SKIP


class WalkOutputs(NamedTuple):
    """Components, or updates of them."""

    box: Any = SKIP
    upload: Any = SKIP
    taken: Any = SKIP  # a preprocessed upload
    kind: Any = SKIP
    swap: Any = SKIP
    frames: Any = SKIP
    side: Any = SKIP
    mode: Any = SKIP
    preset: Any = SKIP
    seed: Any = SKIP
    tabs: Any = SKIP
    walk: Any = SKIP  # one that was begun, to be run
    viewer: Any = SKIP
    curves: Any = SKIP
    square: Any = SKIP  # a message to it
    trace: Any = SKIP  # the places of a walk through it, as JSON
    pad: Any = SKIP
    recipe: Any = SKIP
    downloads: Any = SKIP


def turned(kind: str, box: dict) -> dict[str, Any]:
    """Updates for a switch between kinds of walks: the box, and which controls apply."""
    is_path = kind == "path"
    count = 2 if is_path else 4
    empty = [i for i in range(count) if box["points"][i] is None]
    return {
        "box": {**box, "count": count, "active": empty[0] if empty else 0},
        "swap": gr.Button(visible=is_path),
        "frames": gr.Radio(visible=kind != "grid"),
        "side": gr.Radio(visible=kind == "grid"),
        "square": {"kind": kind} if kind == "square" else {},
    }
