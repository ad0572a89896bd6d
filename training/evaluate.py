"""Measures image to shape: `python -m training.evaluate --data procedural:test --out RESULTS.json`.

Writes RESULTS.json (see `training.measure.scores` for what is measured) and, as it goes,
RESULTS.jsonl with a row an image, from which `--resume` goes on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from tqdm import tqdm

from cisp.embedder import EncodesShapes
from cisp.gallery import tower_digest
from diffusion.devices import pick_device
from diffusion.presets import Sampling
from training.data.embeddings import embed_shapes
from training.measure.answers import (
    diffusion_answers,
    fixed_answers,
    guess_answers,
    read_shapes,
    regressor_answers,
)
from training.measure.baselines import Gallery, baseline_shapes
from training.measure.paths import measure_paths
from training.measure.rows import RowFile
from training.measure.sampling import fingerprint, load_diffusion
from training.measure.scores import (
    CONVENTIONS,
    OVERALL,
    Answerer,
    evaluate_rows,
    retrieval,
    summarise,
)
from training.measure.sets import measure_sets
from training.tools.command import (
    check_seed,
    command_line,
    parse_spaces,
    resolved_config,
    run_command,
    save_json,
)
from training.tools.workers import default_workers

LATER = ("out", "resume", "set_count", "pairs", "workers")  # options that no row depends on


@dataclass(frozen=True)
class EvaluateOptions:
    """Measure the diffusion models of one or more spaces on test shapes.

    Attributes:
        data: procedural:test, r2n2:ROOT, meshes:DIR or cache:DIR.
        out: The JSON file to write.
        spaces: Names separated by commas: clip, cisp, openclip:MODEL/TAG.
        samples: Shapes an image and space.
        count: At most so many test shapes, spread evenly over the data.
        view: Which picture of each shape is the input; view 0 by default.
        gallery: Training shapes for the baselines, as for --data; none: no baselines.
        gallery_count: At most so many training shapes.
        surface_samples: Samples an image whose surface is measured (slow); 0: none.
        set_count: At most so many shapes in the sets of 1-NNA, MMD and COV, whose time grows with
            the square; 0: none.
        pairs: Pairs of images between whose embeddings paths are walked; 0: none.
        regressor: A folder with the regressors of `training.train_diffusion --regressor`.
        classifier: A folder with a voxel classifier that judges the shapes' categories.
        preset: Where steps, guidance and sampler come from unless they are given.
        steps: Sampling steps.
        guidance: Guidance scale, 1 is off.
        strength: Share of the noise's timesteps that are walked from the guess of a model that has
            one; 1 starts at pure noise.
        sampler: ddpm, ddim or dpmpp_2m.
        seed: Of all draws.
        chunk: Images between two saves; all their samples are made at once.
        weights: The folder of the trained weights.
        device: auto, cpu, cuda or mps.
        workers: Processes that draw pictures and compare sets; one a core by default.
        resume: Go on from the rows that an interrupted run left.
    """

    data: str
    out: Path
    spaces: str = "clip,cisp"
    samples: int = 10
    count: int | None = None
    view: int = 0
    gallery: str | None = None
    gallery_count: int | None = 4000
    surface_samples: int = 1
    set_count: int = 130
    pairs: int = 52
    regressor: Path | None = None
    classifier: Path | None = None
    preset: Literal["preview", "standard", "full"] = "standard"
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None
    sampler: str | None = None
    seed: int = 0
    chunk: int = 8
    weights: Path = Path("assets/weights")
    device: str = "auto"
    workers: int | None = None
    resume: bool = False


def asides(
    models: dict,
    embeds: dict[str, np.ndarray],
    of_shapes: dict[str, np.ndarray],
    sampling: Sampling,
    samples: int,
    seed: int,
) -> dict[str, Answerer]:
    """Methods that show where accuracy is lost: guesses, and models given true shapes' embeddings.

    Args:
        models: a diffusion model a space.
        embeds: of the images, (N, D) a space.
        of_shapes: of the true shapes, (N, D) a space that has a shape tower.
        sampling: how.
        samples: shapes an image.
        seed: of the noise, the same as with the picture's embedding.
    """
    found = {}
    for name, model in models.items():
        if model.guess is not None:
            found[f"guess of {name}"] = guess_answers(model, embeds[name])
        if name in of_shapes:
            told = of_shapes[name]
            found[f"{name} told the true shape"] = diffusion_answers(
                model, told, sampling, samples, seed
            )
            if model.guess is not None:
                found[f"guess of {name} told the true shape"] = guess_answers(model, told)
    return found


def evaluate(
    options: EvaluateOptions,
    models: dict,
    regressors: dict,
    spaces: list,
    sampling: Sampling,
    device,
) -> dict[str, Any]:
    """Everything between loading the models and saving the results.

    Args:
        options: what to measure.
        models: a diffusion model a space.
        regressors: a regressor a space, or nothing.
        spaces: the embedders, in the order of `options.spaces`.
        sampling: how.
        device: where the models are.

    Returns:
        The contents of RESULTS.json but for the command.
    """
    started = time.perf_counter()
    truth, grids, embeds = read_shapes(
        options.data, "test", options.count, options.view, spaces, device, options.workers
    )
    methods: dict[str, Answerer] = {
        name: diffusion_answers(model, embeds[name], sampling, options.samples, options.seed)
        for name, model in models.items()
    }
    methods |= {
        f"regressor on {name}": regressor_answers(model, embeds[name])
        for name, model in regressors.items()
    }
    made, gallery = list(methods), None
    of_shapes = {
        space.name: embed_shapes(space, grids)
        for space in spaces
        if isinstance(space, EncodesShapes)
    }
    methods |= asides(models, embeds, of_shapes, sampling, options.samples, options.seed)
    if options.gallery:
        known, _, known_embeds = read_shapes(
            options.gallery,
            "train",
            options.gallery_count,
            options.view,
            spaces,
            device,
            options.workers,
        )
        gallery = Gallery(known.occupancy, known.categories, known_embeds)
        answers = baseline_shapes(truth.occupancy, truth.categories, embeds, gallery)
        methods |= {name: fixed_answers(shapes) for name, shapes in answers.items()}
    methods["resampled truth"] = fixed_answers(truth.occupancy)
    config = resolved_config(options)
    config |= {"sampling": resolved_config(sampling)}
    prints = {name: fingerprint(model) for name, model in models.items()}
    prints |= {f"regressor on {name}": fingerprint(model) for name, model in regressors.items()}
    prints |= {f"tower of {name}": tower_digest(options.weights, name)[:12] for name in models}
    judge = None
    if options.classifier is not None:
        from training.measure.classifier import load_classifier

        classifier = load_classifier(options.classifier, device)
        judge, prints["classifier"] = classifier.predict, fingerprint(classifier)
    config |= {"models": prints}
    head = {key: value for key, value in config.items() if key not in LATER}
    head |= {"device": device.type, "shapes": len(truth.ids)}
    rows = RowFile(
        options.out.with_suffix(".jsonl"),
        head,
        resume=options.resume,
        chunk=options.chunk,
        total=len(truth.ids),
    )
    progress = tqdm(total=len(truth.ids), initial=len(rows.rows), desc="evaluate", unit="image")
    for new in evaluate_rows(
        truth,
        methods,
        chunk=options.chunk,
        skip=len(rows.rows),
        keep=made,
        surface_samples=options.surface_samples,
        judge=judge,
    ):
        rows.append(new)
        progress.update(len(new))
    progress.close()
    names = list(models)
    results = summarise(rows.rows, names)
    if options.set_count:
        workers = default_workers() if options.workers is None else options.workers
        results["sets"] = measure_sets(rows.rows, truth, names, options.set_count, workers)
    if options.pairs:
        results["paths"] = measure_paths(models, embeds, sampling, options.pairs, options.seed)
    return {
        **results,
        "retrieval": {
            name: retrieval(embeds[name], of_shapes[name], options.seed)
            if name in of_shapes
            else None  # no shape tower
            for name in embeds
        },
        "images": len(truth.ids),
        "gallery_shapes": 0 if gallery is None else len(gallery.categories),
        "conventions": CONVENTIONS,
        "config": config,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "seconds": time.perf_counter() - started,
    }


def headline(results: dict[str, Any]) -> str:
    """The overall means, a line a method and part of the results."""
    lines = []
    for part in (results, results.get("sets"), results.get("paths")):
        for name, method in part["methods"].items() if part else ():
            numbers = (f"{key} {value['mean']:.3f}" for key, value in method[OVERALL].items())
            lines.append(f"{name:24} {'  '.join(numbers)}")
    return "\n".join(lines)


def main(options: EvaluateOptions, command: str | None = None) -> None:
    """Loads the models, evaluates, saves, prints the headline.

    Args:
        options: what to measure.
        command: the command line that asked for it, if not this module's own.
    """
    from cisp.spaces import load_space

    counts = (options.surface_samples, options.view, options.set_count, options.pairs)
    if min(options.samples, options.chunk) < 1 or min(counts) < 0:
        raise ValueError("--samples and --chunk must be positive, counts not negative.")
    check_seed(options.seed)
    names = parse_spaces(options.spaces)
    device = pick_device(options.device)
    sampling = Sampling.resolve(
        options.preset, options.sampler, options.steps, options.guidance, options.strength
    )
    models = {name: load_diffusion(options.weights, name, device) for name in names}
    regressors = {}
    if options.regressor is not None:
        regressors = {
            name: load_diffusion(options.regressor, name, device, "regressor") for name in names
        }
    spaces = [load_space(name, options.weights, device) for name in names]
    results = evaluate(options, models, regressors, spaces, sampling, device)
    command = command or command_line("training.evaluate")
    save_json(options.out, {"command": command, **results})
    print(headline(results))


if __name__ == "__main__":
    run_command(EvaluateOptions, main)
