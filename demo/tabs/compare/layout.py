"""The Compare tab: an image in, two shapes growing side by side."""

from __future__ import annotations

import gradio as gr

from cisp.naming import AUTOMATIC
from demo import strings
from demo.service.examples import Example
from demo.service.models import Models
from demo.service.recipes import BOUNDS
from demo.service.zero_gpu import borrow
from demo.strings import compare as words
from demo.tabs.compare.handlers import CompareHandlers
from demo.tabs.compare.neighbours import build_neighbours
from demo.tabs.compare.outputs import CompareOutputs
from demo.tabs.compare.part import build_part
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
    slider_box,
)
from demo.widgets.inputs import MAX_SAMPLES
from demo.widgets.outputs import wired
from demo.widgets.strip import build_gallery
from demo.widgets.viewer.viewer import build_viewer, stop_script
from diffusion.presets import PRESETS, STANDARD

NUM_SAMPLES = 2  # default: enough to see that one image allows several shapes, at twice the time


def build_compare(
    service: Models, examples: list[Example], loaded: gr.events.Dependency, link: gr.Textbox
) -> None:
    """Lay out the tab and wire its events, inside the gr.Blocks that is being built.

    After the event `loaded` the models are ready, or have failed. `link` takes the recipe that
    the page was opened with.
    """
    handlers = CompareHandlers(service, examples)
    gallery = build_gallery(examples)
    linked = gr.State(None)  # the source from a link, until there is another image
    corner, boxed = gr.State(None), gr.State(None)  # the first of a box; when there were two
    with gr.Row(elem_id="compare"):
        with gr.Column(elem_id="inputs"):
            image = image_box(
                label=strings.IMAGE,
                sources=["upload", "clipboard", "webcam"],
                height=230,
                buttons=[],
                elem_id="image",
            )
            with gr.Row(elem_id="actions"):
                run = gr.Button(strings.RUN, variant="primary", elem_id="run", scale=3)
                stop = gr.Button(strings.STOP, elem_id="stop", scale=1, min_width=72)
            estimate = estimate_box("estimate")
            cutout = gr.HTML(cutout_card(None, strings.CUTOUT_EMPTY), apply_default_css=False)
            cut_out = gr.Dropdown(
                words.WAYS, value=AUTOMATIC, label=words.CUT_OUT, elem_id="cut-out"
            )
            box, everything = build_part()
        with gr.Column(elem_id="settings"):
            quality = gr.Radio(list(PRESETS), value=STANDARD.name, label=strings.QUALITY)
            samples = slider_box(
                1,
                MAX_SAMPLES,
                NUM_SAMPLES,
                step=1,
                label=words.SAMPLES,
                info=words.SAMPLES_INFO,
                elem_id="samples",
            )
            seed = seed_row("compare-seed")
            with gr.Accordion(strings.ADVANCED, open=False):
                steps = slider_box(1, 100, STANDARD.num_steps, step=1, label=strings.STEPS)
                guidance = slider_box(
                    1, 6, STANDARD.guidance_scale, step=0.25, label=strings.GUIDANCE
                )
                strength = slider_box(
                    *BOUNDS["strength"],
                    STANDARD.strength,
                    step=0.05,
                    label=strings.STRENGTH,
                    info=strings.STRENGTH_INFO,
                    visible=False,  # until models have come that start from a guess
                )
                sampler = gr.Dropdown(
                    strings.SAMPLERS, value=STANDARD.sampler, label=strings.SAMPLER
                )
        with gr.Column(elem_id="result"):
            viewer = build_viewer(service.spaces, "twin", samples=True, sources=".cutout img")
            leaving = handlers.downloads.build("compare")
        neighbours = build_neighbours(service.spaces)

    preset = {"steps": steps, "guidance": guidance, "strength": strength, "sampler": sampler}
    chosen = {"example": gallery, "linked": linked}
    shown = {"card": cutout, "viewer": viewer, "neighbours": neighbours}
    controls = {"seed": seed, "quality": quality, "samples": samples, **preset}
    controls |= {"cut_out": cut_out, "box": box, "corner": corner}
    from_link = CompareOutputs(image=image, **chosen, **controls, **shown)
    made = CompareOutputs(**shown, **leaving)
    cutting = made._replace(cut_out=cut_out, box=box, corner=corner)
    uploads = cutting._replace(**chosen)
    costs = [steps, guidance, samples]  # what the time depends on
    opened = link.change(inputs=link, **wired(handlers.open_link, from_link), **SOON)
    make = {
        "inputs": [image, gallery, linked, seed, *preset.values(), samples, cut_out, box],
        **wired(borrow(handlers.run), made),
        **long_job(estimate),
    }
    jobs = [run.click(**make), opened.success(**make)]
    for job in jobs:
        job.then(handlers.say_estimate, costs, estimate, **FAST)
        job.failure(None, None, None, js=stop_script("twin"))
    stop.click(None, None, None, cancels=jobs, js=stop_script("twin"))

    uploaded = image.input(
        inputs=image, **wired(handlers.show_upload, uploads), cancels=jobs, **SOON
    )
    shown_example = gallery.select(
        **wired(handlers.show_example, uploads._replace(image=image)), cancels=jobs, **SOON
    )
    answers = {image.input: uploaded, gallery.select: shown_example}
    for act in (cut_out.input, box.submit, boxed.change):
        answers[act] = act(
            inputs=[image, cut_out, box],
            **wired(handlers.choose_way, cutting),
            cancels=jobs,
            **SOON,
        )
    answers[everything.click] = everything.click(
        inputs=[image, cut_out], **wired(handlers.choose_all, cutting), cancels=jobs, **SOON
    )
    last_act_wins(answers)
    clicked = CompareOutputs(box=box, corner=corner, boxed=boxed)
    image.select(inputs=[image, corner], **wired(handlers.choose_corner, clicked), **SOON)
    quality.input(
        inputs=quality, **wired(handlers.choose_quality, CompareOutputs(**preset)), **FAST
    )
    for control in preset.values():
        control.input(None, None, quality, js="() => null")  # no longer a preset
    for control in costs:
        control.change(handlers.say_estimate, costs, estimate, **FAST)

    loaded.then(handlers.say_estimate, costs, estimate, **FAST)
    loaded.then(handlers.show_strength, None, strength, **FAST)
    _build_endpoint(handlers)


def _build_endpoint(handlers: CompareHandlers) -> None:
    """Offer the comparison to programs; its components are never drawn."""
    with gr.Group(visible=False):
        image = image_box(label="image")
        seed = number_box(0, label="seed")
        preset = gr.Radio(list(PRESETS), value=STANDARD.name, label="preset")
        samples = number_box(1, label="samples")
        cut_out = gr.Textbox(AUTOMATIC, label="cut_out")
        box = gr.Textbox("", label="box")
        summary = gr.JSON(label="summary")
        files = gr.File(label="files", file_count="multiple")
        gr.Button().click(
            borrow(handlers.api),
            [image, seed, preset, samples, cut_out, box],
            [summary, files],
            api_name="compare",
            api_description=words.API_COMPARE,
            **LANE,
        )
