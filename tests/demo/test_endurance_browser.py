"""A long visit: no canvas of the page is lost by 25 generations and 200 scrubs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.demo.driving.compare import open_page
from tests.demo.driving.sketch import ink, page_of, stroke, wait_for_preview

pytestmark = pytest.mark.browser

COUNT = """() => {
  const viewer = document.querySelector("#twin .viewer");
  window.finished = 0;
  new MutationObserver(() => { if (viewer.dataset.state === "done") window.finished++; })
    .observe(viewer, { attributeFilter: ["data-state"] });
}"""
SCRUB = """async (times) => {
  const slider = document.querySelector("#twin .steps");
  for (let i = 1; i <= times; i++) {
    const shown = new Promise((done) =>
      document.addEventListener("viewer:show", done, { once: true }));
    slider.value = i % (Number(slider.max) + 1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await shown;
  }
}"""
LOST = """[...document.querySelectorAll(".viewer canvas")].filter((canvas) =>
  ["webgl", "webgl2"].some((kind) => canvas.getContext(kind)?.isContextLost())).length"""


def test_after_200_scrubs_and_25_generations_nothing_is_lost(
    tab, fake_url, fake_service, picture, monkeypatch
):
    """The fixture `tab` refuses warnings of WebGL, too many contexts for example."""
    monkeypatch.setattr(fake_service, "seconds_per_step", 0.0)
    open_page(tab, fake_url)
    tab.get_by_role("tab", name="Sketch", exact=True).click()
    stroke(tab, (0.3, 0.1), (0.3, 0.9))
    wait_for_preview(tab)
    drawn = page_of(tab)
    tab.get_by_role("tab", name="Compare", exact=True).click()
    tab.set_input_files("#image input[type=file]", str(picture))
    tab.wait_for_selector("#inputs .cutout img")
    tab.click("text=preview")
    tab.evaluate(COUNT)
    for finished in range(1, 26):
        tab.click("#run")
        tab.wait_for_function(f"window.finished >= {finished}")
    tab.evaluate(SCRUB, 200)
    assert tab.evaluate(LOST) == 0
    tab.get_by_role("tab", name="Sketch", exact=True).click()
    tab.wait_for_selector("#sketch-pad canvas", state="visible")
    np.testing.assert_array_equal(page_of(tab), drawn)
    before = ink(tab)
    stroke(tab, (0.3, 0.5), (0.7, 0.5))
    assert ink(tab) > 1.3 * before
    wait_for_preview(tab)
