"""Small pieces of text and picture that several tabs show."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from demo import strings
from demo.service.frames import Frame, Settings
from demo.service.models import Models
from demo.strings.compare import TIME_LEFT
from diffusion.presets import PRESETS


def cutout_card(pixels: np.ndarray | None, text: str = "", *, is_error: bool = False) -> str:
    """Render what a tower is given, uint8 (S, V S, 3), with a caption, or the text in its place."""
    if pixels is None:
        kind = "error" if is_error else "hint"
        return f'<div class="cutout"><i></i><p class="{kind}">{escape(text)}</p></div>'
    views = np.split(pixels, pixels.shape[1] // len(pixels), axis=1)
    images = "".join(
        f'<img src="{_png_source(view)}" alt="{strings.CUTOUT_TITLE}">' for view in views
    )
    caption = strings.CUTOUT_TEXT if len(views) == 1 else strings.CUTOUTS_TEXT
    caption = caption.format(size=len(pixels))
    return f'<div class="cutout">{images}<p><b>{strings.CUTOUT_TITLE}</b>{caption}</p></div>'


def _png_source(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def say_seconds(seconds: float) -> str:
    """Round a time for display."""
    if seconds < 10:
        return f"{max(seconds, 0.1):.1f} s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def note_fields(frame: Frame) -> dict[str, Any]:
    """The values of the line under a finished result."""
    settings = frame.settings
    return {
        "seconds": say_seconds(frame.seconds),
        "seed": settings.seed,
        "how": how(settings),
    }


def how(settings: Settings) -> str:
    """Say how a result was sampled."""
    text = strings.HOW + (strings.HOW_STRONG if settings.strength != 1 else "")
    return text.format(
        steps=settings.num_steps,
        s="" if settings.num_steps == 1 else "s",
        guidance=f"{settings.guidance_scale:g}",
        strength=f"{settings.strength:g}",
    )


def left_line(elapsed: float, done: int, whole: int) -> str:
    """Say how much time is left, when `done` of `whole` took `elapsed` seconds."""
    if not 0 < done < whole:
        return ""
    return TIME_LEFT.format(seconds=say_seconds(elapsed * (whole - done) / done))


def quality_line(service: Models, quality: str) -> str:
    """Say how long one shape per column of a named quality takes here, as measured."""
    preset = PRESETS[quality]
    return estimate_line(service, strings.ESTIMATE, preset.num_steps, preset.guidance_scale)


def estimate_line(
    service: Models, text: str, num_steps: int, guidance_scale: float, **count: int
) -> str:
    """Say how long shapes take here, as measured.

    Args:
        service: the models.
        text: with {seconds}, {device} and the name of the count, where there is one.
        num_steps: of each shape.
        guidance_scale: of each shape.
        count: how many shapes a column, by the name that the text has for them; one by default.
    """
    seconds = service.estimate(num_steps, guidance_scale, next(iter(count.values()), 1))
    if seconds is None:
        return strings.ESTIMATE_UNKNOWN
    device = service.wait(0).device.split(":")[0].upper()
    return text.format(seconds=say_seconds(seconds), device=device, **count)
