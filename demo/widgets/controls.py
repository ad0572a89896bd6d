"""Input boxes that all tabs share, and the queues (lanes) in which events are processed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import gradio as gr

from demo import strings
from demo.widgets.inputs import MAX_SEED

Box = TypeVar("Box", gr.Number, gr.Slider)
# One lane for everything that makes shapes: requests run one after the other.
LANE = {"concurrency_id": "models", "concurrency_limit": 1}
# For quick answers, cancelled by what the visitor does next.
SOON = {
    "concurrency_limit": None,
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "always_last",
}
# For instant answers outside the API; of several requests the last one is answered.
FAST = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "always_last",
}


def long_job(estimate: gr.HTML) -> dict[str, Any]:
    """Options of a job that a visitor can stop; its progress shows on the estimate.

    A second click runs after the first. By default Gradio ignores it, even when the shapes are
    finished and only their files are still being made.
    """
    return {
        "api_visibility": "private",
        "show_progress": "minimal",
        "show_progress_on": [estimate],
        "trigger_mode": "always_last",
        **LANE,
    }


def image_box(**options: Any) -> gr.Image:
    """Create a gr.Image that passes on the file unopened, so that one function checks it.

    By default gr.Image opens the file and raises an unhandled error for a broken one.
    """
    box = gr.Image(type="filepath", **options)
    box.preprocess = lambda payload: payload and payload.path
    return box


def number_box(*args: Any, **options: Any) -> gr.Number:
    """Create a gr.Number that passes on what was sent, so that one function checks it.

    By default it rounds, and fails on a box that is still empty while being edited.
    """
    return _as_sent(gr.Number(*args, precision=0, **options))


def slider_box(*args: Any, **options: Any) -> gr.Slider:
    """Create a gr.Slider that passes on what was sent, as `number_box` does."""
    return _as_sent(gr.Slider(*args, **options))


def _as_sent(box: Box) -> Box:
    box.preprocess = lambda payload: payload
    return box


def seed_row(elem_id: str) -> gr.Number:
    """Lay out a seed and a button that draws another one."""
    with gr.Row(elem_id=elem_id, elem_classes="seed-row"):
        seed = number_box(0, label=strings.SEED, minimum=0, maximum=MAX_SEED)
        dice = gr.Button(strings.DICE, scale=0, min_width=104)
    dice.click(None, None, seed, js=f"() => Math.floor(Math.random() * {MAX_SEED})")
    return seed


def estimate_box(elem_id: str) -> gr.HTML:
    """Lay out the line on how long shapes take here, and how many visitors wait before."""
    return gr.HTML(
        strings.ESTIMATE_UNKNOWN,
        elem_id=elem_id,
        elem_classes="estimate",
        apply_default_css=False,
    )


def last_act_wins(answers: Mapping[Callable[..., Any], gr.events.Dependency]) -> None:
    """Let each action cancel pending answers to the others, which would come too late.

    Args:
        answers: the event (`image.input`) to its listener, one of `SOON`.
    """
    for act in answers:
        others = [answer for other, answer in answers.items() if other is not act]
        act(None, None, None, cancels=others)
