"""The Attributes tab: sliders along the directions that attributes have in both spaces."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from cisp.attributes import HELD
from demo import strings
from demo.service.examples import Example
from demo.service.models import Models
from demo.service.palette import columns
from demo.service.zero_gpu import borrow
from demo.strings import attributes as words
from demo.tabs.attributes.handlers import GUESS, QUALITIES, TAB_ID, AttributeHandlers
from demo.tabs.attributes.outputs import AttributeOutputs
from demo.web.modules import mount_script
from demo.web.templates import fill_template
from demo.widgets.cards import cutout_card
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

AROUND = f"#{TAB_ID}"


def build_attributes(
    service: Models,
    examples: list[Example],
    loaded: gr.events.Dependency,
    link: gr.Textbox,
    tabs: gr.Tabs,
) -> None:
    """Lay out the tab and wire its events, inside the gr.Blocks that is being built.

    Args:
        service: the models.
        examples: pictures to choose from.
        loaded: the event after which the models are ready, or have failed.
        link: takes the recipe that the page was opened with.
        tabs: of the page; a link shows this one.
    """
    handlers = AttributeHandlers(service, examples)
    source = gr.State(None)
    gr.HTML(f"<p>{escape(words.INTRO)}</p>", elem_id="attributes-intro", apply_default_css=False)
    strip = build_gallery(examples, "attributes-examples", words.EXAMPLES)
    with gr.Row(elem_id=TAB_ID):
        with gr.Column(elem_id="attributes-inputs"):
            image = image_box(
                label=strings.IMAGE,
                sources=["upload", "clipboard", "webcam"],
                height=150,
                buttons=[],
                elem_id="attributes-image",
            )
            card = gr.HTML(cutout_card(None, strings.CUTOUT_EMPTY), apply_default_css=False)
            category = gr.Dropdown(
                [],
                label=words.CATEGORY,
                info=words.CATEGORY_INFO,
                interactive=False,
                elem_id="attributes-category",
            )
            sliders = _sliders(handlers, service.spaces)
            with gr.Row(elem_id="attributes-actions"):
                run = gr.Button(words.RUN, variant="primary", elem_id="attributes-run", scale=3)
                stop = gr.Button(strings.STOP, elem_id="attributes-stop", scale=1, min_width=72)
            estimate = estimate_box("attributes-estimate")
            quality = gr.Radio(list(PRESETS), value=STANDARD.name, label=strings.QUALITY)
            seed = seed_row("attributes-seed")
        with gr.Column(elem_id="attributes-result"):
            viewer = build_viewer(
                service.spaces, "attributes-twin", words.VIEWER, sources=".cutout img"
            )
            leaving = handlers.downloads.build("attributes")

    asked = gr.Textbox(visible=False)  # of the browser's sliders, when an event asks for them
    made = AttributeOutputs(viewer=viewer, **leaving)
    resting = sliders.input(
        borrow(handlers.rest),
        [asked, quality, seed],
        sliders,
        js=_ASKED.format(place=0, also=""),
        **long_job(estimate),
    )
    make = {
        "inputs": [source, asked, quality, seed],
        **wired(borrow(handlers.run), made),
        **long_job(estimate),
    }
    linked = link.change(
        inputs=link,
        **wired(
            handlers.open_link,
            made._replace(
                card=card,
                category=category,
                sliders=sliders,
                source=source,
                asked=asked,
                quality=quality,
                seed=seed,
                tabs=tabs,
            ),
        ),
        **SOON,
    )
    by_hand = make | {"js": _ASKED.format(place=1, also=_HOLD)}
    jobs = [run.click(**by_hand), linked.success(**make)]  # a link says itself what it asks for
    run.click(None, None, None, cancels=[resting])
    # Shapes that a slider has moved on from are finished no more, and their files go.
    sliders.select(**wired(handlers.forget, AttributeOutputs(**leaving)), cancels=jobs, **SOON)
    resting.failure(None, None, None, js=f"() => {{ {_UNTOLD} return []; }}")
    for job in jobs:
        job.then(handlers.say_estimate, quality, estimate, **FAST)
        job.failure(None, None, None, js=stop_script("attributes-twin"))
    stop.click(None, None, None, cancels=[*jobs, resting], js=stop_script("attributes-twin"))
    stop.click(None, None, None, js=f"() => {{ {_UNTOLD} return []; }}")

    opened = made._replace(card=card, category=category, sliders=sliders, source=source)
    options = {"cancels": [*jobs, resting], **SOON}
    chosen = wired(handlers.open_example, opened._replace(example=strip, image=image))
    answers = {
        image.input: image.input(inputs=image, **wired(handlers.open_image, opened), **options),
        strip.select: strip.select(**chosen, **options),
        category.input: category.input(
            inputs=[category, source], **wired(handlers.choose_category, opened), **options
        ),
    }
    image.input(None, None, strip, js="() => null")  # no example is shown any more
    last_act_wins(answers)
    quality.change(handlers.say_estimate, quality, estimate, **FAST)
    loaded.then(handlers.say_estimate, quality, estimate, **FAST)
    _build_endpoint(handlers)


# What the sliders ask for now.
_ASKED = """(...inputs) => {{
  const sliders = document.querySelector("#attributes-sliders .sliders");
  inputs[{place}] = sliders.dataset.asked ?? "";
  {also}
  return inputs;
}}"""
_HOLD = 'sliders.dispatchEvent(new Event("sliders:hold"));'
_UNTOLD = 'document.querySelector("#attributes-sliders .told").textContent = "";'


def _sliders(handlers: AttributeHandlers, spaces: Sequence[str]) -> gr.HTML:
    """The sliders; `input` is sent when the hand rests."""

    # Gradio marks server functions, which methods do not allow, and names them to the browser.
    def follow(question: Any) -> dict[str, Any]:
        return handlers.follow(question)

    return gr.HTML(
        {},
        html_template=fill_template("tabs/attributes/sliders.html", text=words.SLIDERS),
        js_on_load=mount_script("tabs/attributes/sliders.js"),
        server_functions=[follow],
        around=AROUND,
        spaces=columns(spaces),
        held=HELD,
        note=words.NOTE,
        text=words.SLIDERS,
        elem_id="attributes-sliders",
        apply_default_css=False,
    )


def _build_endpoint(handlers: AttributeHandlers) -> None:
    """Offer the tab to programs; its components are never drawn."""
    with gr.Group(visible=False):
        image = image_box(label="image")
        category = gr.Textbox("", label="category")
        moves = gr.Textbox("", label="moves")
        seed = number_box(0, label="seed")
        preset = gr.Radio(QUALITIES, value=GUESS, label="preset")
        summary = gr.JSON(label="summary")
        file = gr.File(label="grids")
        gr.Button().click(
            borrow(handlers.api),
            [image, category, moves, seed, preset],
            [summary, file],
            api_name="attributes",
            api_description=words.API_ATTRIBUTES,
            **LANE,
        )
