"""What all tabs are built of: boxes for what comes in, and the lanes in which it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import gradio as gr

from demo import strings
from demo.widgets.inputs import MAX_SEED

Box = TypeVar("Box", gr.Number, gr.Slider)
# One lane for everything that runs a model: requests wait in line instead of for each other.
LANE = {"concurrency_id": "models", "concurrency_limit": 1}
# What answers soon, but may be overtaken by what a visitor does next, which then cancels it.
SOON = {
    "concurrency_limit": None,
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "always_last",
}
# What answers at once and stays out of the API; of several wishes the last one is answered.
FAST = {
    "queue": False,
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "always_last",
}


def long_job(estimate: gr.HTML) -> dict[str, Any]:
    """Options of what a visitor starts and may stop; its progress shows on the estimate.

    A second press is answered after the first. By itself Gradio ignores it, even one that comes
    when the shapes are there and only their files are still being made.
    """
    return {
        "api_visibility": "private",
        "show_progress": "minimal",
        "show_progress_on": [estimate],
        "trigger_mode": "always_last",
        **LANE,
    }


def image_box(**options: Any) -> gr.Image:
    """Create a gr.Image that hands over the file as it came, so that one function judges it.

    By itself gr.Image opens the file and lets the exception for a broken one escape.
    """
    box = gr.Image(type="filepath", **options)
    box.preprocess = lambda payload: payload and payload.path
    return box


def number_box(*args: Any, **options: Any) -> gr.Number:
    """Create a gr.Number that hands over what was sent, so that one function judges it.

    By itself it rounds, and stumbles over the emptiness of a box that is being typed in.
    """
    return _as_sent(gr.Number(*args, precision=0, **options))


def slider_box(*args: Any, **options: Any) -> gr.Slider:
    """Create a gr.Slider that hands over what was sent, as `number_box` does."""
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
    """Lay out where it says how long shapes take here, and how many visitors wait before."""
    return gr.HTML(
        strings.ESTIMATE_UNKNOWN,
        elem_id=elem_id,
        elem_classes="estimate",
        apply_default_css=False,
    )


def last_act_wins(answers: Mapping[Callable[..., Any], gr.events.Dependency]) -> None:
    """Have each act cancel what is being answered of the others, which would come too late.

    Args:
        answers: the event (`image.input`) to its listener, one of `SOON`.
    """
    for act in answers:
        others = [answer for other, answer in answers.items() if other is not act]
        act(None, None, None, cancels=others)
