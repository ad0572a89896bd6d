"""Add a column to the page: train a diffusion model on a published CLIP, beside the bundled ones.

    python -m training.add_space openclip:ViT-B-32/laion2b_s34b_b79k --minutes 30
    python app.py

The space comes from the hub, its cache or a local file of weights, and stays as it is. Its model
is trained as those of `clip` and `cisp` were: the same preset on the same shapes, drawn at the
space's own size of pictures.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import tyro

from cisp.naming import PUBLISHED, space_folder
from cisp.spaces import load_space
from diffusion.devices import device_name, pick_device
from training.data.cache import DataCache
from training.data.procedural import build_cache
from training.loop.presets import named_preset
from training.loop.running import Running
from training.tools.command import (
    atomic_path,
    check_seed,
    command_line,
    resolved_config,
    run_command,
    save_json,
)
from training.tools.workers import default_workers
from training.train_diffusion import train_models

CARD = """---
license: mit
tags: [3d, diffusion, clip, image-to-3d]
---

# A diffusion model on {space}

Trained on {shapes} shapes, {views} pictures each of {size} pixels, for {minutes:.1f} minutes
({steps} steps of {batch} shapes{guess}) on {device}, from seed {seed}. The embedding space stayed
as it was published. Only this model was trained so: compare it with the columns `clip` and `cisp`
with their training in mind (`README.md` of the weights).

    {command}
"""
GUESS = ", after {steps} steps of {batch} for its guess"


@dataclass(frozen=True)
class Added:
    """What is added."""

    space: Annotated[str, tyro.conf.Positional]
    weights: Path = Path("assets/weights")
    run: Path = Path("runs/added")
    data: Path | None = None
    preset: str = "bundled-4"
    count: int | None = None
    workers: int | None = None


@dataclass(frozen=True)
class AddSpaceOptions(Running, Added):  # the fields of the last base come first
    """Train a diffusion model on a published CLIP and put it beside the others.

    Attributes:
        space: openclip:MODEL/TAG or openclip:MODEL/FILE.
        weights: The folder of the page's weights, to which the model is added.
        run: A folder for the shapes and the state of the training.
        data: A data cache to train on; by default the preset's shapes are drawn in the run folder.
        preset: Whose diffusion model, shapes and time.
        count: How many shapes are drawn; by default the preset's number.
        workers: Processes that draw; by default one a core.
    """


def draw(options: AddSpaceOptions, size: int) -> DataCache:
    """The shapes of the preset with pictures of `size` pixels, drawn or the rest of them."""
    preset = named_preset(options.preset)
    return build_cache(
        options.run / "data",
        "train",
        preset.train_shapes if options.count is None else options.count,
        size,
        first=preset.first_shape,
        views=preset.train_views,
        workers=default_workers() if options.workers is None else options.workers,
    )


def card(options: AddSpaceOptions, report: dict[str, Any]) -> str:
    """The model's own card, from the report of its training."""
    diffusion, guess = report["preset"], report["training"].get("guess")
    if guess:
        told = GUESS.format(steps=guess["steps"], batch=diffusion["guess"]["batch_size"])
    return CARD.format(
        space=options.space,
        minutes=sum(part["seconds"] for part in (report["training"], guess or {"seconds": 0})) / 60,
        steps=report["training"]["steps"],
        batch=diffusion["batch_size"],
        guess=told if guess else "",
        seed=options.seed,
        **{name: report[name] for name in ("shapes", "views", "size", "device", "command")},
    )


def main(options: AddSpaceOptions) -> None:
    """Run the command.

    Raises:
        ValueError: the space is none of open_clip's or cannot be had, its model is there already,
            or an earlier run is in the way.
    """
    if not options.space.startswith(PUBLISHED):
        raise ValueError(f"'{options.space}' is no published space: give openclip:MODEL/TAG.")
    name = f"diffusion-{space_folder(options.space)}"
    target = options.weights / name
    if target.exists():
        raise ValueError(f"'{target}' is there already: remove it to train it anew.")
    if options.run.exists() and not options.resume:
        raise ValueError(f"'{options.run}' holds an earlier run: add --resume, or choose another.")
    check_seed(options.seed)
    preset, device = named_preset(options.preset), pick_device(options.device)
    budget = options.budget(preset.minutes * preset.shares[1])
    space = load_space(options.space, options.weights, device)  # before hours of drawing
    data = options.data
    cache = draw(options, space.image_size) if data is None else DataCache.load(data)
    views, size = cache.cutouts.shape[1:3]
    diffusion = preset.diffusion.on(device)
    if diffusion.views and max(diffusion.views) >= views:
        diffusion = replace(diffusion, views=None)
    common = options.common(device)
    training = train_models([space], diffusion, cache, budget, options.run, **common)
    report = {
        "command": command_line("training.add_space"),
        "options": resolved_config(options),
        "device": device_name(device),
        "preset": resolved_config(diffusion),
        "shapes": len(cache),
        "views": views if diffusion.views is None else len(diffusion.views),
        "size": size,
        "training": training,
    }
    made = options.run / "weights" / name
    save_json(made / "training.json", report)
    with atomic_path(made / "README.md") as temporary:
        temporary.write_text(card(options, report), encoding="utf-8")
    shutil.copytree(made, target)
    where = "" if options.weights == AddSpaceOptions.weights else f" --weights {options.weights}"
    print(f"Done. The page has the column now: python app.py{where}")


if __name__ == "__main__":
    run_command(AddSpaceOptions, main)
