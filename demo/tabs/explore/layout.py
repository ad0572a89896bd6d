"""The Explore tab: the gallery on a map of each space, and three ways to search it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from demo import strings
from demo.service.examples import Example
from demo.service.models import Models
from demo.service.palette import columns
from demo.service.shape_files import SUFFIXES
from demo.service.zero_gpu import borrow
from demo.strings import explore as words
from demo.tabs.explore.handlers import ExploreHandlers
from demo.tabs.explore.outputs import ExploreOutputs
from demo.web.modules import mount_script
from demo.web.templates import fill_template
from demo.widgets.controls import (
    FAST,
    LANE,
    SOON,
    estimate_box,
    image_box,
    last_act_wins,
    long_job,
    number_box,
    seed_row,
)
from demo.widgets.outputs import wired
from demo.widgets.strip import build_gallery
from demo.widgets.viewer.viewer import build_viewer, stop_script
from diffusion.presets import PRESETS, STANDARD

# One a category. As far apart as thirteen colours can be, for people with red-green blindness too,
# neither too light for a white page nor too dark for a black one; found by a search in OKLab.
COLOURS = (
    "#79ceff",
    "#9e2455",
    "#4f46ff",
    "#f3790c",
    "#6d6db6",
    "#e755ff",
    "#8600b6",
    "#ff246d",
    "#00c987",
    "#c292c2",
    "#926100",
    "#009279",
    "#d4b800",
)


def build_explore(service: Models, examples: list[Example], loaded: gr.events.Dependency) -> None:
    """Lay out the tab and wire its events, inside the gr.Blocks that is being built.

    After the event `loaded` the models are ready, or have failed.
    """
    handlers = ExploreHandlers(service, examples)
    source = gr.State(None)
    gr.HTML(f"<p>{escape(words.INTRO)}</p>", elem_id="explore-intro", apply_default_css=False)
    with gr.Row(elem_id="explore"):
        with gr.Column(elem_id="explore-inputs"):
            with gr.Tabs(elem_id="explore-ask"):
                with gr.Tab(words.ASK_IMAGE, id="explore-by-image"):
                    image = image_box(
                        label=strings.IMAGE,
                        sources=["upload", "clipboard", "webcam"],
                        height=170,
                        buttons=[],
                        elem_id="explore-image",
                    )
                    strip = build_gallery(examples, "explore-examples", words.EXAMPLES)
                with gr.Tab(words.ASK_WORDS, id="explore-by-words"):
                    _note(words.WORDS_NOTE)
                    text = gr.Textbox(
                        label=words.WORDS,
                        placeholder=words.WORDS_PLACEHOLDER,
                        max_length=words.LONGEST_WORDS,
                        elem_id="explore-words",
                    )
                    ask = gr.Button(words.WORDS_ASK, elem_id="explore-find")
                with gr.Tab(words.ASK_SHAPE, id="explore-by-shape"):
                    _note(words.SHAPE_NOTE)
                    file = gr.File(
                        label=words.SHAPE,
                        file_types=list(SUFFIXES),
                        type="filepath",
                        height=120,
                        elem_id="explore-file",
                    )
                    up = gr.Radio(words.UPS, value="y", label=words.UP, interactive=False)
                    turns = gr.Radio(
                        words.TURN_CHOICES, value=0, label=words.TURNS, interactive=False
                    )
            seen = _seen()
            with gr.Row(elem_id="explore-actions"):
                run = gr.Button(words.RUN, variant="primary", elem_id="explore-run", scale=3)
                stop = gr.Button(strings.STOP, elem_id="explore-stop", scale=1, min_width=72)
            estimate = estimate_box("explore-estimate")
            quality = gr.Radio(list(PRESETS), value=STANDARD.name, label=strings.QUALITY)
            seed = seed_row("explore-seed")
        with gr.Column(elem_id="explore-result"):
            atlas = _atlas(handlers, service.spaces)
            viewer = build_viewer(
                service.spaces, "explore-twin", words.VIEWER, sources="#explore-seen .stage > *"
            )
            leaving = handlers.downloads.build("explore")

    made = ExploreOutputs(viewer=viewer, **leaving)
    job = run.click(
        inputs=[source, quality, seed],
        **wired(borrow(handlers.run), made),
        js=_SHOW_VIEWER,
        **long_job(estimate),
    )
    job.then(handlers.say_estimate, quality, estimate, **FAST)
    stop.click(None, None, None, cancels=[job], js=stop_script("explore-twin"))
    job.failure(None, None, None, js=stop_script("explore-twin"))

    asked = made._replace(seen=seen, atlas=atlas, source=source)
    options = {"cancels": [job], **SOON}
    shape_changes = [file.upload, file.clear, up.input, turns.input]
    asks = {image.input: (handlers.ask_image, image), atlas.select: (handlers.ask_gallery, None)}
    asks |= dict.fromkeys([text.submit, ask.click], (handlers.ask_words, text))
    asks |= dict.fromkeys(shape_changes, (handlers.ask_shape, [file, up, turns]))
    answers = {
        act: act(inputs=given, **wired(ask, asked), **options) for act, (ask, given) in asks.items()
    }
    for act in asks:
        act(None, None, strip, js="() => null")  # no example is the query any more
    example = wired(handlers.ask_example, asked._replace(example=strip))
    answers[strip.select] = strip.select(**example, **options)
    last_act_wins(answers)
    file.change(  # without a file there is nothing to turn
        lambda path: (gr.Radio(interactive=path is not None),) * 2, file, [up, turns], **FAST
    )

    quality.change(handlers.say_estimate, quality, estimate, **FAST)
    loaded.then(handlers.say_estimate, quality, estimate, **FAST)
    _build_endpoint(handlers)


_SHOW_VIEWER = """(...inputs) => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector("#explore-twin").scrollIntoView(
    { block: "nearest", behavior: still ? "auto" : "smooth" });
  return inputs;
}"""


def _note(text: str) -> None:
    gr.HTML(f"<p>{escape(text)}</p>", elem_classes="explore-note", apply_default_css=False)


def _seen() -> gr.HTML:
    """The card of the query."""
    return gr.HTML(
        value={},
        html_template=f"""<div class="seen"><div class="stage bare">
            <canvas width="300" height="300" tabindex="0" role="img"
              aria-label="{escape(words.SEEN["help"])}" hidden></canvas><img alt="" hidden></div>
          <p class="label" role="status"></p></div>""",
        js_on_load=mount_script("tabs/explore/seen.js"),
        text=words.SEEN,
        elem_id="explore-seen",
        apply_default_css=False,
    )


def _atlas(handlers: ExploreHandlers, spaces: Sequence[str]) -> gr.HTML:
    """The maps, their legend, and the nearest shapes under each."""

    # Gradio marks server functions, which methods do not allow, and names them to the browser.
    def atlas_data(_: Any) -> dict[str, Any]:
        return handlers.atlas()

    def atlas_grids(rows: list[int]) -> dict[str, Any]:
        return handlers.grids(rows)

    described = columns(spaces)
    return gr.HTML(
        value={},
        html_template=fill_template("tabs/explore/atlas.html", spaces=described, text=words.ATLAS),
        js_on_load=mount_script("tabs/explore/atlas.js"),
        server_functions=[atlas_data, atlas_grids],
        spaces=described,
        colours=COLOURS,
        text=words.ATLAS,
        elem_id="explore-atlas",
        apply_default_css=False,
    )


def _build_endpoint(handlers: ExploreHandlers) -> None:
    """Offer the search to programs; its components are never drawn."""
    with gr.Group(visible=False):
        image = image_box(label="image")
        k = number_box(10, label="k")
        embeddings = gr.Checkbox(False, label="embeddings")
        found = gr.JSON(label="found")
        gr.Button().click(
            handlers.api,
            [image, k, embeddings],
            found,
            api_name="retrieve",
            api_description=words.API_RETRIEVE,
            **LANE,
        )
