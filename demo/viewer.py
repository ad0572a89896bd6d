"""The twin viewer: linked 3D panes and a scrubber, drawn by viewer.js from packed grids.

One gr.HTML holds both panes. Its value is plain data; a new value redraws the panes and leaves
the camera where the visitor put it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import plotly

from demo import strings
from demo.frames import pack
from demo.theme import shades

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
SCRIPT = Path(__file__).with_name("viewer.js")


def build_viewer(
    spaces: Sequence[str], elem_id: str, text: Mapping[str, str] | None = None
) -> gr.HTML:
    """Create the viewer with one pane for each space, empty.

    Entries of `text` take the place of those of `strings.VIEWER`. Each time it shows a frame the
    element sends `viewer:show` with `detail.index`; `viewer:goto` with the same makes it show one.
    """
    text = {**strings.VIEWER, **(text or {})}
    gr.set_static_paths([str(PLOTLY_JS)])
    return gr.HTML(
        value={"state": "empty"},
        html_template=_template(spaces, text),
        # Relative, so that the page also works behind a proxy that adds a path.
        head=f'<script src="gradio_api/file={PLOTLY_JS}"></script>',
        js_on_load=SCRIPT.read_text(encoding="utf-8"),
        panes=[{"id": space, "shades": shades(space)} for space in spaces],
        text=text,
        elem_id=elem_id,
        apply_default_css=False,
    )


class FrameLog:
    """Collects the frames of one comparison and packs them for the viewer.

    Args:
        run: any text that tells this comparison from the one before it.
        truth: bool (R, R, R) where the true shape is known.
    """

    def __init__(self, run: str, num_steps: int, truth: np.ndarray | None = None):
        self._value: dict[str, Any] = {"run": run, "num_steps": num_steps}
        self._truth = truth
        self._frames: dict[str, list[str]] = {}

    def add(self, occupancy: dict[str, np.ndarray]) -> None:
        """Append one frame: column name -> bool (R, R, R)."""
        for space, grid in occupancy.items():
            self._frames.setdefault(space, []).append(pack(grid))
            self._value["resolution"] = len(grid)
            if self._truth is not None and self._truth.shape == grid.shape:
                self._value["truth"] = pack(self._truth)

    def value(self, state: str, note: str = "") -> dict[str, Any]:
        """Return what the viewer shows: state is "running", "done" or "stopped"."""
        frames = {space: list(bits) for space, bits in self._frames.items()}
        num_frames = min(map(len, frames.values()), default=0)
        return {
            **self._value,
            "frames": frames,
            "num_frames": num_frames,
            "state": state,
            "note": note,
        }


def _template(spaces: Sequence[str], text: Mapping[str, str]) -> str:
    text = {key: escape(value) for key, value in text.items()}
    panes = "".join(
        f"""
        <section class="pane {space}" data-pane="{space}" style="--shade: {shades(space)[2]}">
          <h3><i></i>{strings.space_text(space).title}
            <small>{strings.space_text(space).guide}</small></h3>
          <div class="plot" tabindex="0" role="img"
               aria-label="{strings.space_text(space).title}: {text["pane_help"]}"></div>
          <p class="empty">{text["empty"]}</p>
          <p class="facts"></p>
        </section>"""
        for space in spaces
    )
    return f"""
    <div class="viewer" data-state="empty">
      <div class="bar"></div>
      <div class="panes" style="--columns: {len(spaces)}">{panes}</div>
      <div class="controls">
        <button class="play" type="button" aria-label="{text["play"]}" disabled>▶</button>
        <input class="steps" type="range" min="0" max="1" value="0" step="1" disabled
               aria-label="{text["scrubber"]}">
        <output class="step"></output>
        <span class="views">
          <button class="farther" type="button" aria-label="{text["farther"]}">−</button>
          <button class="closer" type="button" aria-label="{text["closer"]}">+</button>
          <button class="home" type="button" aria-label="{text["home"]}">⟲</button>
        </span>
      </div>
      <p class="footer"><span class="between"></span><span class="note" role="status"></span></p>
    </div>"""
