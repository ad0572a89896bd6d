"""The Sketch tab: a drawing in, two shapes that follow it."""

from __future__ import annotations

import json
from html import escape

import gradio as gr

from demo import strings
from demo.service.examples import Example
from demo.service.models import Models
from demo.service.zero_gpu import borrow
from demo.strings import sketch as words
from demo.tabs.sketch.handlers import SketchHandlers, Turn
from demo.tabs.sketch.outputs import SketchOutputs
from demo.tabs.sketch.pad import build_pad
from demo.widgets.cards import cutout_card
from demo.widgets.controls import (
    FAST,
    LANE,
    SOON,
    estimate_box,
    image_box,
    long_job,
    number_box,
    seed_row,
)
from demo.widgets.outputs import wired
from demo.widgets.strip import build_gallery
from demo.widgets.viewer.viewer import build_viewer, stop_script
from diffusion.presets import FULL, PRESETS, STANDARD


def build_sketch(
    service: Models,
    examples: list[Example],
    loaded: gr.events.Dependency,
    ends: gr.HTML,
    tabs: gr.Tabs,
) -> None:
    """Lay out the tab and wire its events, inside the gr.Blocks that is being built.

    Args:
        service: the models.
        examples: pictures to choose from.
        loaded: the event after which the models are ready, or have failed.
        ends: the end points of a walk, which the drawing may become.
        tabs: of the page, to switch to the walks.
    """
    handlers = SketchHandlers(service, examples)
    turn = gr.State(Turn())
    with gr.Row(elem_id="sketch"):
        with gr.Column(elem_id="sketch-inputs"):
            tip = gr.HTML(_line(words.TIP), elem_id="sketch-tip", apply_default_css=False)
            pad = build_pad()
            with gr.Row(elem_id="sketch-ideas"):
                gr.HTML(_line(words.IDEAS), apply_default_css=False)
                ideas = [gr.Button(idea, size="sm", min_width=90) for idea in words.PROMPTS]
            card = gr.HTML(cutout_card(None, words.SEEN_EMPTY), apply_default_css=False)
        with gr.Column(elem_id="sketch-settings"):
            with gr.Row(elem_id="sketch-actions"):
                run = gr.Button(words.FULL, variant="primary", elem_id="sketch-run", scale=3)
                stop = gr.Button(strings.STOP, elem_id="sketch-stop", scale=1, min_width=72)
            walk = gr.Button(words.WALK, size="sm", elem_id="sketch-walk")
            estimate = estimate_box("sketch-estimate")
            live = gr.Checkbox(True, label=words.LIVE, info=words.LIVE_INFO, elem_id="sketch-live")
            quality = gr.Radio([STANDARD.name, FULL.name], value=STANDARD.name, label=words.QUALITY)
            seed = seed_row("sketch-seed")
        with gr.Column(elem_id="sketch-result"):
            viewer = build_viewer(
                service.spaces, "sketch-twin", words.VIEWER, sources="#sketch-pad .paper canvas"
            )
            state = gr.HTML("", elem_id="sketch-state", apply_default_css=False)
            leaving = handlers.downloads.build("sketch")
            gallery = build_gallery(handlers.examples, "sketch-examples", words.EXAMPLES)

    shown = SketchOutputs(card=card, viewer=viewer, state=state, **leaving)
    changes = [pad.input, seed.change, live.input]
    gr.on(changes, None, live, state, js=_SAY_OUTDATED, trigger_mode="multiple")
    every = FAST | {"trigger_mode": "multiple"}
    gr.on(changes, handlers.note, [pad, live, turn], None, **every)
    glimpsed = gr.on(
        changes, inputs=[pad, live, seed, turn], **wired(handlers.glimpse, shown), **FAST
    )
    settled = glimpsed.then(handlers.settle, [pad, live, turn], None, **SOON)
    preview = settled.then(
        inputs=[pad, live, seed, turn],
        **wired(borrow(handlers.follow), shown),
        trigger_mode="always_last",
        api_visibility="private",
        show_progress="hidden",
        **LANE,
    )
    job = run.click(
        inputs=[pad, seed, quality, turn],
        **wired(borrow(handlers.run), shown),
        **long_job(estimate),
    )
    job.then(handlers.say_estimate, quality, estimate, **FAST)
    quality.change(handlers.say_estimate, quality, estimate, **FAST)
    loaded.then(handlers.say_estimate, quality, estimate, **FAST)
    # The server ends the job; the page updates the viewer, since a stopped job sends no more.
    stop.click(None, None, None, cancels=[job, preview], js=stop_script("sketch-twin"))
    job.failure(None, None, None, js=stop_script("sketch-twin"))
    preview.failure(None, None, state, js="() => ''")

    walked = wired(handlers.start_walk, SketchOutputs(ends=ends, tabs=tabs))
    walk.click(inputs=[pad, ends], **walked, **SOON)
    loaded_example = wired(handlers.load_example, SketchOutputs(pad=pad, example=gallery))
    gallery.select(**loaded_example, **FAST)
    for idea, text in zip(ideas, words.PROMPTS.values(), strict=True):
        idea.click(None, None, tip, js=f"() => {json.dumps(_line(text))}")
    _build_endpoint(handlers)


_SAY_OUTDATED = f"(live) => live ? {json.dumps(words.FOLLOWING)} : {json.dumps(words.OUTDATED)}"


def _line(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _build_endpoint(handlers: SketchHandlers) -> None:
    """Offer the tab to programs; its components are never drawn."""
    with gr.Group(visible=False):
        drawing = image_box(label="drawing")
        seed = number_box(0, label="seed")
        preset = gr.Radio(list(PRESETS), value=STANDARD.name, label="preset")
        summary = gr.JSON(label="summary")
        files = gr.File(label="files", file_count="multiple")
        gr.Button().click(
            borrow(handlers.api),
            [drawing, seed, preset],
            [summary, files],
            api_name="sketch",
            api_description=words.API_SKETCH,
            **LANE,
        )
