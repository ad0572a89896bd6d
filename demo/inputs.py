"""What all tabs share of asking: the image box, the lanes of work, and checks of what comes in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gradio as gr

from demo import strings
from demo.frames import Settings
from demo.recipes import BOUNDS, OPTIONS
from demo.strings import compare as words
from diffusion.presets import PRESETS

MAX_SEED, MAX_SAMPLES = BOUNDS["seed"][1], OPTIONS["samples"][1]
SECONDS_BETWEEN_UPDATES = 0.1  # the browser needs up to half of that to draw one
# One lane for everything that runs a model: requests wait in line instead of for each other.
LANE = {"concurrency_id": "models", "concurrency_limit": 1}
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


def error_of(sentence: str) -> gr.Error:
    """What is raised to tell a visitor, in one sentence, why something cannot be done."""
    return gr.Error(sentence, duration=8, print_exception=False)


def seed_of(seed: float | None) -> int:
    """Check a seed.

    Raises:
        gr.Error: it is none.
    """
    if seed is None or seed != int(seed) or not 0 <= seed <= MAX_SEED:
        raise error_of(strings.BAD_SEED)
    return int(seed)


def settings_of(preset: str, seed: float | None) -> Settings:
    """The settings of a named quality."""
    chosen = PRESETS[preset]
    return Settings(seed_of(seed), chosen.sampler, chosen.num_steps, chosen.guidance_scale)


def count_of(samples: float | None) -> int:
    """Check a number of samples.

    Raises:
        gr.Error: it is none, or too large.
    """
    if samples is None or samples != int(samples) or not 1 <= samples <= MAX_SAMPLES:
        raise error_of(words.BAD_SAMPLES.format(most=MAX_SAMPLES))
    return int(samples)


def stem_of(path: Path) -> str:
    """Keep letters, digits and dashes of a file name: visitors upload all sorts."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", path.stem).strip("-")[:40] or "shape"
