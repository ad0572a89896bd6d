"""The twin viewer: linked 3D panes and a scrubber, drawn by viewer.js from packed grids.

One gr.HTML holds both panes. Its value is plain data; a new value redraws the panes and leaves
the camera where the visitor put it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import plotly

from demo.service.frames import pack
from demo.service.palette import columns
from demo.strings.viewer import VIEWER
from demo.web.modules import mount_script
from demo.web.templates import fill_template

PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_ADDRESS = f"gradio_api/file={PLOTLY_JS}"  # relative, for a proxy that adds a path
# For the head of the page: fetched while Gradio starts, run when the first viewer is mounted.
PRELOAD = f'<link rel="preload" as="script" href="{PLOTLY_ADDRESS}">'
MODES = ("voxels", "smooth", "difference")


def build_viewer(
    spaces: Sequence[str],
    elem_id: str,
    text: Mapping[str, str] | None = None,
    *,
    samples: bool = False,
    sources: str = "",
) -> gr.HTML:
    """Create the viewer with one pane for each space, empty.

    Each time it shows a frame the element sends `viewer:show` with `detail.index`; `viewer:goto`
    with the same makes it show one, and `viewer:stop` reports that its run was stopped. With
    `viewer:take` another element shows something of its own (`detail.value`, `detail.index`).

    Args:
        spaces: the columns' names.
        elem_id: its id on the page.
        text: replaces entries of `strings.viewer.VIEWER`.
        samples: whether to reserve a strip of samples under each pane.
        sources: CSS of the pictures on its tab that shapes are made from, for what is shared.
    """
    text = {**VIEWER, **(text or {})}
    panes = columns(spaces)
    gr.set_static_paths([str(PLOTLY_JS)])
    return gr.HTML(
        value={"state": "empty"},
        html_template=fill_template(
            "widgets/viewer/viewer.html",
            panes=panes,
            text=text,
            modes=MODES if len(panes) == 2 else MODES[:2],
            elem_id=elem_id,
            samples=samples,
        ),
        head=f'<script src="{PLOTLY_ADDRESS}"></script>',
        js_on_load=mount_script("widgets/viewer/viewer.js"),
        panes=panes,
        sources=sources,
        text=text,
        elem_id=elem_id,
        apply_default_css=False,
    )


def stop_script(elem_id: str) -> str:
    """JavaScript that marks a viewer as stopped, since a stopped run sends no more updates."""
    return f"""() => {{
      document.querySelector("#{elem_id} .viewer")
        .dispatchEvent(new CustomEvent("viewer:stop", {{ bubbles: true }}));
      return [];
    }}"""


def guess_value(occupancy: Mapping[str, np.ndarray], note: str = VIEWER["guess_note"]) -> dict:
    """What the viewer shows of a guess that diffusion will replace: column name -> bool grid."""
    return {
        "run": uuid.uuid4().hex,
        "labels": [VIEWER["guess_label"]],
        "guessed": [True],
        "num_frames": 1,
        "resolution": len(next(iter(occupancy.values()))),
        "frames": {space: [pack(grid)] for space, grid in occupancy.items()},
        "state": "running",
        "note": note,
    }


class FrameLog:
    """Collects the frames of one comparison and packs them for the viewer.

    Args:
        run: any text that differs from that of the previous comparison.
        truth: bool (R, R, R) where the true shape is known.
        num_samples: shapes a column to come; 0 where there is no strip of samples.
        seed: of the first sample.
    """

    def __init__(
        self,
        run: str,
        num_steps: int,
        truth: np.ndarray | None = None,
        num_samples: int = 0,
        seed: int = 0,
    ):
        self._value: dict[str, Any] = {
            "run": run,
            "num_steps": num_steps,
            "num_samples": num_samples,
            "seed": seed,
        }
        self._truth = truth
        self._frames: dict[str, list[str]] = {}
        self._samples: dict[str, list[str]] = {}

    def add(self, occupancy: Mapping[str, np.ndarray]) -> None:
        """Append one frame: column name -> bool (R, R, R)."""
        for space, grid in occupancy.items():
            self._frames.setdefault(space, []).append(pack(grid))
            self._value["resolution"] = len(grid)
            if self._truth is not None and self._truth.shape == grid.shape:
                self._value["truth"] = pack(self._truth)

    def add_samples(self, samples: Mapping[str, np.ndarray]) -> None:
        """Add new ones of the finished samples: column name -> (N, R, R, R)."""
        for space, grids in samples.items():
            known = self._samples.setdefault(space, [])
            known.extend(pack(grid > 0) for grid in grids[len(known) :])

    def value(self, state: str, note: str = "", **more: Any) -> dict[str, Any]:
        """Return what the viewer shows.

        Args:
            state: "running", "done" or "stopped".
            note: a line, also read out by screen readers.
            **more: `left`, the time left in words; `seconds`, the time taken; `missing`, by column
                the reason why it stays empty.
        """
        frames = {space: list(bits) for space, bits in self._frames.items()}
        num_frames = min(map(len, frames.values()), default=0)
        return {
            **self._value,
            "frames": frames,
            "num_frames": num_frames,
            "samples": {space: list(bits) for space, bits in self._samples.items()},
            "state": state,
            "note": note,
            **more,
        }
