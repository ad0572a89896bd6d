"""The Interpolate tab: a walk between two or four end points through both embedding spaces."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from demo import strings
from demo.service.examples import Example
from demo.service.models import Models
from demo.service.palette import columns
from demo.service.walk import points
from demo.service.walk.pairs import Pair, load_pair, read_pairs
from demo.service.zero_gpu import borrow
from demo.strings import interpolate as words
from demo.tabs.interpolate.endpoint import build_endpoint
from demo.tabs.interpolate.handlers import FRAMES, TAB_ID, WalkHandlers
from demo.tabs.interpolate.outputs import WalkOutputs
from demo.tabs.interpolate.roam import build_roam
from demo.tabs.interpolate.square import build_square
from demo.tabs.interpolate.walking import Walking
from demo.web.modules import mount_script
from demo.web.templates import fill_template
from demo.widgets.controls import (
    FAST,
    SOON,
    estimate_box,
    image_box,
    long_job,
    seed_row,
)
from demo.widgets.outputs import wired
from demo.widgets.recipe_card import build_recipe_card
from demo.widgets.viewer.viewer import build_viewer, stop_script
from diffusion.presets import PRESETS, STANDARD

WALKS = Path(__file__).resolve().parents[3] / "assets" / "examples" / "walks"
SIDE = 5
SECONDS_KEPT = 1800  # how long a visitor's walk stays in memory
ENDS = "#walk-points button:not([hidden]) .picture > *"  # pictures of the end points
AROUND = f"#{TAB_ID}"  # within it, viewer, curves and pad exchange events


def build_interpolate(
    service: Models,
    examples: list[Example],
    loaded: gr.events.Dependency,
    link: gr.Textbox,
    tabs: gr.Tabs,
    walks: Path = WALKS,
) -> gr.HTML:
    """Lay out the tab and wire its events, inside the gr.Blocks that is being built.

    Returns the box of the end points, which other tabs may fill.

    Args:
        service: the models.
        examples: pictures to choose from.
        loaded: the event after which the models are ready, or have failed.
        link: takes the recipe that the page was opened with.
        tabs: of the page; a link shows this one.
        walks: the folder of the precomputed walks.
    """
    pairs = read_pairs(walks)
    handlers = WalkHandlers(service, examples, pairs)
    finished = _strip(pairs, examples)
    with gr.Row(elem_id=AROUND.removeprefix("#")):
        with gr.Column(elem_id="walk-inputs"):
            kind = gr.Radio(
                words.KINDS + [words.ROAM] * service.guesses,
                value="path",
                label=words.KIND,
                show_label=False,
            )
            box = _box()
            with gr.Row(elem_id="walk-actions"):
                run = gr.Button(words.RUN, variant="primary", elem_id="walk-run", scale=3)
                stop = gr.Button(strings.STOP, elem_id="walk-stop", scale=1, min_width=72)
                swap = gr.Button(words.SWAP, elem_id="walk-swap", scale=1, min_width=92)
            estimate = estimate_box("walk-estimate")
            square = build_square(handlers.square, AROUND)
            with gr.Row(elem_id="walk-choose"):
                name = gr.Dropdown(
                    points.shelves(service.gallery),
                    value=points.EXAMPLES,
                    label=words.SHELF,
                    info=words.SHELF_INFO,
                    elem_id="walk-shelves",
                )
                others = gr.Button(words.OTHERS, size="sm", min_width=90, elem_id="walk-others")
            shelf = _shelf(handlers.show_shelf(None), "walk-shelf", words.SHELF)
            upload = image_box(
                label=words.UPLOAD,
                sources=["upload", "clipboard", "webcam"],
                height=150,
                buttons=[],
                elem_id="walk-upload",
            )
        with gr.Column(elem_id="walk-settings"):
            frames = gr.Radio(list(FRAMES), value=FRAMES[0], label=words.FRAMES)
            side = gr.Radio(words.SIDES, value=SIDE, label=words.SIDE, visible=False)
            mode = gr.Radio(words.MODES, value="slerp", label=words.MODE)
            preset = gr.Radio(list(PRESETS), value=STANDARD.name, label=strings.QUALITY)
            seed = seed_row("walk-seed")
        with gr.Column(elem_id="walk-result"):
            viewer = build_viewer(service.spaces, "walk", words.VIEWER, sources=ENDS)
            pad = _pad(service.spaces)
            curves = _curves(service.spaces)
            download = gr.DownloadButton(
                words.ZIP, size="sm", interactive=False, elem_id="walk-download"
            )
            recipe = build_recipe_card("walk-recipe")

    shown = {"viewer": viewer, "curves": curves, "pad": pad}
    shown |= {"recipe": recipe, "downloads": download}
    kinds = {"box": box, "swap": swap, "frames": frames, "side": side, "square": square}
    chosen = WalkOutputs(**kinds, kind=kind, mode=mode, preset=preset, seed=seed)
    # Of the browser's viewer and square, filled in when an event asks for them.
    place = gr.Number(0, visible=False)
    trace, asked = gr.Textbox(visible=False), gr.Textbox(visible=False)
    linked = wired(handlers.open_link, chosen._replace(tabs=tabs, trace=trace))
    opened = link.change(inputs=[link, box], **linked, **SOON)
    walking, walk = gr.State(Walking()), gr.State(None, time_to_live=SECONDS_KEPT)
    start = [box, kind, frames, side, mode, preset, seed, place, trace, walking]
    of_link = {"inputs": start, **wired(handlers.begin, WalkOutputs(walk=walk, **shown)), **SOON}
    begin = of_link | {"js": _PLACE_AND_TRACE}
    followed = wired(handlers.follow, WalkOutputs(walk=walk, square=square, **shown))
    follow = {"inputs": start, "js": _PLACE_AND_TRACE, **followed, **SOON}
    job = walk.change(  # outside the lane it was begun; here it is run
        inputs=[walk, walking],
        **wired(borrow(handlers.run), WalkOutputs(**shown)),
        **long_job(estimate),
    )
    resting = square.input(
        borrow(handlers.square.rest),
        [asked, preset, seed, walking],
        square,
        js=_ASKED,
        **long_job(estimate),
    )
    resting.failure(None, None, None, js=_UNREFINED)
    viewer.select(handlers.look, walking, None, **FAST)
    # The server ends the job; the page updates the viewer, since a stopped job sends no more.
    stop.click(None, None, None, cancels=[job, resting], js=stop_script("walk"))
    job.then(handlers.say_estimate, [kind, frames, side, preset], estimate, **FAST)
    pair = wired(handlers.show_pair, chosen._replace(**shown))
    finished.select(inputs=[box, walking], **pair, cancels=job, **SOON)

    taken = gr.State(None)  # a preprocessed upload
    seen = wired(handlers.see_upload, WalkOutputs(taken=taken, upload=upload))
    uploaded = upload.input(inputs=[box, upload], **seen, **SOON)
    chosen_ends = [
        shelf.select(handlers.take, [box, shelf], box, **FAST),
        uploaded.success(handlers.take_upload, [box, taken], box, **FAST),
        swap.click(handlers.swap, box, box, **FAST),
    ]
    begun = [run.click(**begin), opened.success(**of_link)]
    begun += [event.success(**follow) for event in chosen_ends]
    for event in [*begun, job]:
        event.failure(None, None, None, js=stop_script("walk"))
    box.select(handlers.activate, box, box, **FAST)
    turned = wired(handlers.choose_kind, WalkOutputs(**kinds))
    kinds_chosen = kind.input(inputs=[kind, box], **turned, **FAST)
    open_square = {
        "inputs": [box, kind, mode, walking],
        **wired(handlers.open_square, WalkOutputs(square=square, **shown)),
        **SOON,
    }
    kinds_chosen.success(**open_square)
    mode.input(**open_square)
    loaded.then(handlers.show_kinds, None, kind, **FAST)
    name.input(handlers.show_shelf, name, shelf, **FAST)
    others.click(handlers.show_shelf, name, shelf, **FAST)
    costs = [kind, frames, side, preset]  # what the time depends on
    for control in costs:
        control.change(handlers.say_estimate, costs, estimate, **FAST)
    loaded.then(handlers.say_estimate, costs, estimate, **FAST)
    loaded.then(handlers.show_shelves, None, name, **FAST)
    build_endpoint(service)
    build_roam(service)
    return box


_PLACE_AND_TRACE = """(...inputs) => {
  inputs[7] = Number(document.querySelector("#walk .steps").value);
  inputs[8] = document.querySelector("#walk-square .square").dataset.trace ?? "[]";
  return inputs;
}"""
_UNREFINED = """() => {
  document.querySelector("#walk-square .told").textContent = "";
  return [];
}"""
_ASKED = """(...inputs) => {
  inputs[0] = document.querySelector("#walk-square .square").dataset.asked ?? "";
  return inputs;
}"""


def _box() -> gr.HTML:
    """The cards of the end points; its value is a box of demo/service/walk/points.py."""
    cards = "".join(
        f"""<button type="button" aria-pressed="false"><b>{letter}</b>
          <span class="picture"></span><span class="name"></span></button>"""
        for letter in words.LETTERS
    )
    return gr.HTML(
        points.empty_box(),
        html_template=f"""<div class="points" role="group" aria-label="{words.POINTS}"
          >{cards}</div>""",
        js_on_load=mount_script("tabs/interpolate/points.js"),
        text={
            "point": words.POINT,
            "empty": words.POINT_EMPTY,
            "active": words.POINT_ACTIVE,
            "letters": words.LETTERS,
        },
        elem_id="walk-points",
        apply_default_css=False,
    )


def _shelf(value: dict[str, Any], elem_id: str, label: str, **options: Any) -> gr.HTML:
    return gr.HTML(
        value,
        html_template=f"""<div class="shelf" role="group" aria-label="{escape(label)}">
          <div class="items"></div><p class="none">{words.SHELF_EMPTY}</p></div>""",
        js_on_load=mount_script("tabs/interpolate/shelf.js"),
        elem_id=elem_id,
        apply_default_css=False,
        **options,
    )


def _strip(pairs: Sequence[Pair], examples: Sequence[Example]) -> gr.HTML:
    """The precomputed walks, two pictures each."""
    items = []
    for pair in pairs:
        found = load_pair(pair, None, examples)
        items.append({"label": pair.label, "points": found.points if found else []})
    with gr.Column(elem_id="walk-pairs", visible=bool(pairs)):
        gr.HTML(f"<p>{words.PAIRS}</p>", apply_default_css=False)
        return _shelf({"points": items}, "walk-finished", words.PAIRS)


def _curves(spaces: Sequence[str]) -> gr.HTML:
    described = columns(spaces)
    return gr.HTML(
        value={},
        html_template=fill_template(
            "tabs/interpolate/curves.html", spaces=described, text=words.CURVES
        ),
        js_on_load=mount_script("tabs/interpolate/curves.js"),
        around=AROUND,
        spaces=described,
        elem_id="walk-curves",
        apply_default_css=False,
    )


def _pad(spaces: Sequence[str]) -> gr.HTML:
    return gr.HTML(
        value={},
        html_template=f"""<div class="pad" hidden><p><b class="title"></b> {words.PAD["help"]}</p>
          <div role="grid" aria-label="{words.PAD["help"]}"></div></div>""",
        js_on_load=mount_script("tabs/interpolate/pad.js"),
        around=AROUND,
        spaces=columns(spaces),
        text=words.PAD,
        elem_id="walk-pad",
        apply_default_css=False,
    )
