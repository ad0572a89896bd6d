"""The Compare tab in a browser."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from diffusion.presets import STANDARD

STATE = "document.querySelector('#twin .viewer').dataset.state"
LAST_STEP = f"Step {STANDARD.num_steps} of {STANDARD.num_steps}"
STEP = "document.querySelector('#twin .step').textContent"
EYES = """[...document.querySelectorAll('#twin .plot')].map(plot => {
  const { x, y, z } = plot._fullLayout.scene._scene.getCamera().eye; return [x, y, z]; })"""
PROJECT = """(points) => {
  const scene = document.querySelector('#twin .plot')._fullLayout.scene._scene;
  const { model, view, projection } = scene.glplot.cameraParams;
  const times = (m, v) => [0, 1, 2, 3].map(
    row => v.reduce((sum, value, column) => sum + m[4 * column + row] * value, 0));
  return points.map(p => {
    const v = [...p.map((e, axis) => e * scene.dataScale[axis]), 1];
    const c = [model, view, projection].reduce((point, matrix) => times(matrix, point), v);
    return [c[0] / c[3], c[1] / c[3], c[2] / c[3]];
  });
}"""


def open_page(tab, url):
    tab.goto(url)
    tab.wait_for_function("document.querySelectorAll('#twin .plot canvas').length >= 2")


def wait_for_state(tab, state):
    tab.wait_for_function(f"{STATE} === '{state}'")


def wait_for_step(tab, text):
    tab.wait_for_function(f"{STEP} === '{text}'")


def upload_and_run(tab, picture):
    tab.set_input_files("#image input[type=file]", picture)
    tab.wait_for_selector("#inputs .cutout img")
    tab.click("#run")


def drag(tab, pane: int):
    plot = tab.locator("#twin .plot").nth(pane)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    tab.mouse.move(box["x"] + 120, box["y"] + 150)
    tab.mouse.down()
    for step in range(1, 6):
        tab.mouse.move(box["x"] + 120 + 18 * step, box["y"] + 150 + 6 * step)
        tab.wait_for_timeout(40)
    tab.mouse.up()


def spread(tab, pane: int) -> float:
    """Standard deviation of what a pane shows: an empty one is a soft gradient."""
    data = tab.locator("#twin .plot").nth(pane).screenshot()
    return float(np.asarray(Image.open(io.BytesIO(data)).convert("L")).std())


def vertices(tab, pane: int) -> np.ndarray:
    """The corners of the faces that a pane was given, in the project's axes (x, y, z)."""
    z, x, y = tab.evaluate(
        f"""(() => {{ const mesh = document.querySelectorAll('#twin .plot')[{pane}].data[0];
        return [mesh.x, mesh.y, mesh.z].map(values => [...values]); }})()"""
    )
    return np.array([x, y, z]).T
