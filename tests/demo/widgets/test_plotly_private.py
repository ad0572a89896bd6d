"""What the viewer uses of Plotly's private fields: it is there, in one file, and still works."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from demo.web.modules import MODULES
from demo.widgets.viewer.viewer import PLOTLY_JS
from tests.demo.driving.modules import open_modules

PRIVATE = re.compile(r"\._\w+|\bglplot\b|\bpickSlots\b")
START = """async () => {
  Object.assign(window, await import("/widgets/viewer/plotly_private.js"));
  window.reads = 0; // how often a browser's drawing was asked for
  const { readPixels } = WebGLRenderingContext.prototype;
  WebGLRenderingContext.prototype.readPixels = function (...options) {
    reads++;
    return readPixels.apply(this, options);
  };
  document.body.innerHTML = '<div style="width: 240px; height: 240px"></div>';
  window.plot = document.querySelector("div");
  const faces = { i: [0, 0, 0, 1], j: [1, 1, 2, 2], k: [2, 3, 3, 3] };
  window.meshes = [0.3, 1].map((x) => ({
    ...faces, x: [0, x, 0, 0], y: [0, 0, 1, 0], z: [0, 0, 0, 1], intensity: [0, x, 1, 0.5] }));
  window.draw = (mesh, colorscale) => Plotly.newPlot(plot,
    [{ type: "mesh3d", ...mesh, colorscale, cmin: 0, cmax: 1, showscale: false, hoverinfo: "skip" },
     { type: "scatter3d", mode: "lines", x: [0, 1], y: [0, 1], z: [0, 1], hoverinfo: "skip" }],
    { hovermode: false, margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false });
  window.rest = () => new Promise((done) => setTimeout(done, 300));
}"""
READS = """async () => {
  await draw(meshes[0], [[0, "#800"], [1, "#ff0"]]);
  await rest();
  reads = 0;
  for (const x of [0.8, 1, 1.2]) {
    await Plotly.relayout(plot, { "scene.camera.eye.x": x });
    await rest();
  }
  return reads;
}"""


@pytest.fixture
def page(chromium):
    page = open_modules(chromium)
    page.add_script_tag(path=str(PLOTLY_JS))
    page.evaluate(START)
    yield page
    page.close()


def shown(page) -> np.ndarray:
    page.evaluate("rest()")
    return np.asarray(
        Image.open(io.BytesIO(page.locator("div").first.screenshot())).convert("RGB"), float
    )


def test_no_other_file_names_them():
    name = "widgets/viewer/plotly_private.js"
    assert PRIVATE.findall(MODULES[name].decode())
    for other, source in MODULES.items():
        assert other == name or not PRIVATE.findall(source.decode()), other


@pytest.mark.browser
def test_picking_stops(page):
    assert page.evaluate(READS) > 0  # else there is nothing to stop
    page.evaluate("stopPicking(plot); Plotly.purge(plot)")
    assert page.evaluate(READS) == 0


@pytest.mark.browser
def test_an_exchanged_mesh_shows_as_one_that_was_drawn_anew(page):
    page.evaluate("draw(meshes[0], [[0, '#800'], [1, '#ff0']])")
    before = shown(page)
    size = page.evaluate("exchangeMesh(plot, meshes[1], [[0, '#008'], [1, '#0ff']]).width")
    assert size >= 240  # the canvas it was drawn on
    exchanged = shown(page)
    assert page.evaluate("plot.data[0].x.join()") == "0,1,0,0"
    page.evaluate("draw(meshes[1], [[0, '#008'], [1, '#0ff']])")
    np.testing.assert_allclose(exchanged, shown(page), atol=2)
    assert np.abs(exchanged - before).mean() > 5


@pytest.mark.browser
def test_without_such_a_mesh_nothing_is_exchanged(page):
    page.evaluate("draw({ visible: false }, [[0, '#800'], [1, '#ff0']])")
    assert page.evaluate("exchangeMesh(plot, meshes[1], [[0, '#800'], [1, '#ff0']])") is None
