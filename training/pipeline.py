"""From nothing to a working app: data, spaces, diffusion models, gallery, sliders, evaluation.

    python -m training.pipeline --preset tiny --out runs/tiny
    python app.py --weights runs/tiny/weights

RUN/data holds the shapes and pictures, RUN/weights what the app loads and how it was trained
(training.json, a report a round), RUN/results.json what was measured. The same command with
`--resume` goes on after an interruption: finished parts are kept.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from cisp.attributes import Attributes, attribute_arrays, load_attributes
from cisp.gallery import Gallery, load_gallery
from cisp.naming import SPACES
from cisp.spaces import load_space
from diffusion.devices import device_name
from training.loop.lockstep import Budget
from training.loop.presets import named_preset
from training.tools.command import (
    check_seed,
    command_line,
    resolved_config,
    run_command,
    save_json,
    save_npz,
)
from training.tools.distributed import process_group, rank, wait
from training.tools.record import RECORD, read_record
from training.tools.workers import default_workers


@dataclass(frozen=True)
class PipelineOptions:
    """Train and evaluate everything.

    Attributes:
        out: The run folder.
        preset: tiny, bundled, bundled-2 (a second round of bundled), bundled-3, bundled-4 and
            bundled-5 (of its diffusion models alone) or paper.
        start: The weights of an earlier run with towers and networks of the same sizes, to start
            from; its classifier is kept.
        batch_size: Shapes a step of the diffusion models, of all processes together; the preset's
            by default, which has larger ones for devices. The learning rate follows its square
            root.
        minutes: Training time of all models together; the preset's own by default. Drawing the
            data and evaluating come on top.
        resume: Go on where an interrupted run stopped.
        device: auto, cpu, cuda or mps.
        seed: Of every draw.
        workers: Processes that draw and compare shapes on a CPU; one a core by default.
    """

    out: Path
    preset: str = "bundled"
    start: Path | None = None
    batch_size: int | None = None
    minutes: float | None = None
    resume: bool = False
    device: str = "auto"
    seed: int = 0
    workers: int | None = None


def main(options: PipelineOptions) -> None:
    """Run every part in turn, alone or as one of the processes of torchrun."""
    with process_group(options.device) as device:
        run(options, device)


def run(options: PipelineOptions, device: torch.device) -> None:
    """Run every part; of several processes all train, the first does the rest."""
    from training.data.cache import DataCache
    from training.data.procedural import VIEWS, build_cache
    from training.evaluate import EvaluateOptions
    from training.evaluate import main as evaluate
    from training.gallery_index import build_gallery, save_gallery
    from training.measure.attributes import attributes_of
    from training.train_diffusion import train_models
    from training.train_embedding import train_embeddings

    preset, out, is_first = named_preset(options.preset), options.out, rank() == 0
    diffusion = preset.diffusion.on(device)
    if options.batch_size is not None:
        diffusion = preset.diffusion.with_batch(options.batch_size)
    preset = replace(preset, diffusion=diffusion)
    if is_first and (out / "data").exists() and not options.resume:
        raise ValueError(f"'{out}' holds an earlier run: add --resume, or choose another --out.")
    check_seed(options.seed)
    rounds = read_record(options.start) if options.start is not None else []
    minutes = preset.minutes if options.minutes is None else options.minutes
    towers, refining = (minutes * share for share in preset.shares)
    if not towers and options.start is None:
        raise ValueError(f"--preset {options.preset} goes on from trained towers: give --start.")
    started = time.monotonic()
    report = {"command": command_line("training.pipeline"), "options": resolved_config(options)}
    report |= {"device": device_name(device), "torch": torch.__version__}
    report["preset"] = resolved_config(preset)

    workers = default_workers() if options.workers is None else options.workers
    splits = {
        "train": (preset.train_shapes, preset.first_shape, preset.train_views, preset.masked),
        "test": (preset.test_shapes, 0, VIEWS, 0.0),
    }
    for split, (count, first, views, masked) in splits.items() if is_first else ():
        size = preset.embedding.image.image_size
        how = {"first": first, "views": views, "masked": masked}
        build_cache(out / "data" / split, split, count, size, workers=workers, **how)
    wait()
    caches = {split: DataCache.load(out / "data" / split) for split in splits}
    common = {"seed": options.seed, "resume": options.resume, "device": device}
    common["start"] = options.start
    if towers:
        report["embedding"] = train_embeddings(
            SPACES, preset.embedding, caches["train"], Budget(minutes=towers), out, **common
        )
    elif is_first:
        copy_weights(options.start, SPACES, out)
    wait()
    spaces = [load_space(name, out / "weights", device) for name in SPACES]
    if preset.anew:
        common["start"] = None
    report["diffusion"] = train_models(
        spaces, preset.diffusion, caches["train"], Budget(minutes=refining), out, **common
    )
    if not is_first:
        return
    if options.start is not None:
        copy_weights(options.start, ["classifier"], out)
    report["classifier"] = train_classifier(
        caches, out / "weights" / "classifier", preset.classifier_steps, options.seed, device
    )
    named = {space.name: space for space in spaces}
    index = out / "weights" / "gallery.npz"
    if not (options.resume and is_current(index, load_gallery)):
        gallery = build_gallery(caches["test"], named, out / "weights")
        report["gallery"] = {"shapes": len(gallery), "bytes": save_gallery(gallery, index)}
    sliders = out / "weights" / "attributes.npz"
    if not (options.resume and is_current(sliders, load_attributes)):
        attributes = attributes_of(caches["test"], named, out / "weights", options.seed)
        report["attributes"] = len(attributes)
        if len(attributes):  # of few shapes none can be read
            save_npz(sliders, **attribute_arrays(attributes))
    report["seconds"] = time.monotonic() - started
    save_json(out / "weights" / RECORD, [*rounds, report])
    evaluate(
        EvaluateOptions(
            data="procedural:test",
            out=out / "results.json",
            samples=preset.evaluate_samples,
            count=preset.evaluate_images,
            gallery=f"cache:{out / 'data' / 'train'}",
            classifier=out / "weights" / "classifier",
            weights=out / "weights",
            device=options.device,
            seed=options.seed,
            workers=options.workers,
            resume=options.resume,
        ),
        command_line("training.pipeline"),
    )
    print(f"Done. Start the app with: python app.py --weights {out / 'weights'}")


def is_current(file: Path, load: Callable[[Path], Gallery | Attributes]) -> bool:
    """Whether a file beside the weights is there and was made with their towers."""
    return file.exists() and load(file).fits(file.parent)


def copy_weights(start: Path, names: Sequence[str], out: Path) -> None:
    """Take over what an earlier round trained, by the names of its folders."""
    for name in names:
        shutil.copytree(start / name, out / "weights" / name, dirs_exist_ok=True)


def train_classifier(
    caches: dict, folder: Path, steps: int, seed: int, device: torch.device
) -> dict:
    """Fit the voxel classifier that judges generated shapes; report its accuracy on test shapes."""
    import numpy as np

    from cisp.checkpoints import save_tower
    from training.measure.classifier import fit, load_classifier

    if not (folder / "model.safetensors").exists():
        train = caches["train"]
        model = fit(train.grids, train.categories, num_steps=steps, seed=seed, device=device)
        save_tower(model, folder)
    test = caches["test"]
    named = load_classifier(folder, device).predict(np.asarray(test.grids))
    right = [a == b for a, b in zip(named, test.categories, strict=True)]
    return {"test_accuracy": sum(right) / len(right)}


if __name__ == "__main__":
    run_command(PipelineOptions, main)
