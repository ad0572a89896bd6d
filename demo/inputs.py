"""What all tabs share of asking: the image box, the lanes of work, and checks of what comes in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from demo import strings
from demo.frames import Settings
from demo.recipes import BOUNDS, OPTIONS, SAMPLERS
from demo.strings import compare as words
from diffusion.presets import PRESETS

Box = TypeVar("Box", gr.Number, gr.Slider)
MAX_SEED, MAX_SAMPLES = BOUNDS["seed"][1], OPTIONS["samples"][1]
SECONDS_BETWEEN_UPDATES = 0.1  # the browser needs up to half of that to draw one
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


def is_whole(number: Any, least: int, most: int) -> bool:
    """Whether that is a whole number of that range, and no text, truth value or nothing."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and least <= number <= most and number == int(number)


def last_act_wins(answers: Mapping[Callable[..., Any], gr.events.Dependency]) -> None:
    """Have each act cancel what is being answered of the others, which would come too late.

    Args:
        answers: the event (`image.input`) to its listener, one of `SOON`.
    """
    for act in answers:
        others = [answer for other, answer in answers.items() if other is not act]
        act(None, None, None, cancels=others)


def error_of(sentence: str) -> gr.Error:
    """What is raised to tell a visitor, in one sentence, why something cannot be done."""
    # The toast takes HTML, and a stranger's link or file name may be part of the sentence.
    return gr.Error(escape(sentence, quote=False), duration=8, print_exception=False)


def seed_of(seed: float | None) -> int:
    """Check a seed.

    Raises:
        gr.Error: it is none.
    """
    if not is_whole(seed, 0, MAX_SEED):
        raise error_of(strings.BAD_SEED)
    return int(seed)


def custom_settings(seed: Any, sampler: str, num_steps: Any, guidance_scale: Any) -> Settings:
    """The settings of the page's own controls.

    Raises:
        gr.Error: one of them is none, or out of its range.
    """
    if sampler not in SAMPLERS or not is_whole(num_steps, *BOUNDS["num_steps"]):
        raise error_of(strings.BAD_STEPS.format(most=BOUNDS["num_steps"][1]))
    least, most = BOUNDS["guidance_scale"]
    if not isinstance(guidance_scale, int | float) or not least <= guidance_scale <= most:
        raise error_of(strings.BAD_GUIDANCE.format(least=least, most=most))
    return Settings(seed_of(seed), sampler, int(num_steps), float(guidance_scale))


def settings_of(preset: str, seed: float | None) -> Settings:
    """The settings of a named quality.

    Raises:
        gr.Error: there is no such quality, or the seed is none.
    """
    if preset not in PRESETS:
        raise error_of(strings.BAD_PRESET.format(presets=", ".join(PRESETS)))
    chosen = PRESETS[preset]
    return Settings(seed_of(seed), chosen.sampler, chosen.num_steps, chosen.guidance_scale)


def count_of(samples: float | None) -> int:
    """Check a number of samples.

    Raises:
        gr.Error: it is none, or too large.
    """
    if not is_whole(samples, 1, MAX_SAMPLES):
        raise error_of(words.BAD_SAMPLES.format(most=MAX_SAMPLES))
    return int(samples)


def stem_of(path: Path) -> str:
    """Keep letters, digits and dashes of a file name: visitors upload all sorts."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", path.stem).strip("-")[:40] or "shape"
