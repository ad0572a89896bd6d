"""Checks of inputs, the same on every tab: an error is one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from cisp.boxes import Box
from cisp.naming import WAYS, Way
from demo import strings
from demo.service.frames import Settings
from demo.service.recipes import BOUNDS, OPTIONS
from demo.strings import compare as words
from diffusion.presets import PRESETS

MAX_SEED, MAX_SAMPLES = BOUNDS["seed"][1], OPTIONS["samples"][1]
SECONDS_BETWEEN_UPDATES = 0.1  # the browser needs up to half of that to draw


def is_whole(number: Any, least: int, most: int) -> bool:
    """Whether `number` is a whole number in that range, not a text, bool or None."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and least <= number <= most and number == int(number)


def error_of(sentence: str) -> gr.Error:
    """The error that shows a visitor one sentence."""
    # The toast renders HTML, and the sentence may contain an untrusted link or file name.
    return gr.Error(escape(sentence, quote=False), duration=8, print_exception=False)


@contextmanager
def errors_told() -> Iterator[None]:
    """Show a ValueError raised inside to the visitor: one sentence."""
    try:
        yield
    except ValueError as error:
        raise error_of(str(error)) from error


def seed_of(seed: float | None) -> int:
    """Check a seed.

    Raises:
        gr.Error: it is not a seed.
    """
    if not is_whole(seed, 0, MAX_SEED):
        raise error_of(strings.BAD_SEED)
    return int(seed)


def custom_settings(
    seed: Any, sampler: str, num_steps: Any, guidance_scale: Any, strength: Any
) -> Settings:
    """The settings of the page's own controls.

    Raises:
        gr.Error: one of them is invalid or out of range.
    """
    if not is_whole(num_steps, *BOUNDS["num_steps"]):
        raise error_of(strings.BAD_STEPS.format(most=BOUNDS["num_steps"][1]))
    numbers = {"guidance_scale": guidance_scale, "strength": strength}
    for name, text in (
        ("guidance_scale", strings.BAD_GUIDANCE),
        ("strength", strings.BAD_STRENGTH),
    ):
        number, (least, most) = numbers[name], BOUNDS[name]
        if not isinstance(number, int | float) or not least <= number <= most:
            raise error_of(text.format(least=least, most=most))
    return Settings(seed_of(seed), sampler, int(num_steps), float(guidance_scale), float(strength))


def settings_of(preset: str, seed: float | None) -> Settings:
    """The settings of a named quality.

    Raises:
        gr.Error: there is no such quality, or the seed is invalid.
    """
    if preset not in PRESETS:
        raise error_of(strings.BAD_PRESET.format(presets=", ".join(PRESETS)))
    return Settings(seed_of(seed), **asdict(PRESETS[preset]))


def count_of(samples: float | None) -> int:
    """Check a number of samples.

    Raises:
        gr.Error: it is not a count, or too large.
    """
    if not is_whole(samples, 1, MAX_SAMPLES):
        raise error_of(words.BAD_SAMPLES.format(most=MAX_SAMPLES))
    return int(samples)


def way_of(cut_out: Any) -> Way:
    """Check a way to cut out.

    Raises:
        gr.Error: there is no such way.
    """
    if cut_out not in WAYS:
        raise error_of(words.BAD_WAY)
    return cut_out


def box_of(text: Any) -> Box | None:
    """Check a box in a picture, "left,top,right,bottom" in percent; None for all of it.

    Raises:
        gr.Error: it is no box.
    """
    with errors_told():
        return Box.from_text(str(text or ""))


def read_json(text: str) -> Any:
    """What the browser wrote, or None where it is no JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None


def names_of(*paths: str) -> str:
    """The name of a file about several pictures."""
    return "-to-".join(stem_of(Path(path)) for path in paths)


def stem_of(path: Path) -> str:
    """Keep letters, digits and dashes of a file name, which may hold anything."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", path.stem).strip("-")[:40] or "shape"
