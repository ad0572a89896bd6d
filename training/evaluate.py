"""Measures image to shape: `python -m training.evaluate --data procedural:test --out RESULTS.json`.

Writes RESULTS.json (see `training.evaluation` for what is measured) and, as it goes, RESULTS.jsonl
with a row an image, from which `--resume` goes on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from training.command import (
    check_seed,
    command_line,
    parse_spaces,
    pick_device,
    resolved_config,
    run_command,
    save_json,
)
from training.evaluation import (
    CONVENTIONS,
    Answerer,
    RowFile,
    Truth,
    evaluate_rows,
    image_seeds,
    retrieval,
    summarise,
)
from training.pictures import picture
from training.sources import open_source


@dataclass(frozen=True)
class EvaluateOptions:
    """Measure the diffusion models of one or more spaces on test shapes.

    Attributes:
        data: procedural:test, r2n2:ROOT, meshes:DIR or cache:DIR.
        out: The JSON file to write.
        spaces: Names parted by commas: clip, cisp, openclip:MODEL/TAG.
        samples: Shapes an image and space.
        count: At most so many test shapes, spread evenly over the data.
        view: Which picture of each shape is the input; view 0 by default.
        gallery: Training shapes for the baselines, as for --data; none: no baselines.
        gallery_count: At most so many training shapes.
        f_score_samples: Samples an image whose F-Score is measured (slow); 0: none.
        classifier: A folder with a voxel classifier that judges the shapes' categories.
        preset: Where steps, guidance and sampler come from unless they are given.
        steps: Sampling steps.
        guidance: Guidance scale, 1 is off.
        sampler: ddpm, ddim or dpmpp_2m.
        seed: Of all draws.
        chunk: Images between two saves; all their samples are made at once.
        weights: The folder of the trained weights.
        device: auto, cpu, cuda or mps.
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
    f_score_samples: int = 1
    classifier: Path | None = None
    preset: Literal["preview", "standard", "full"] = "standard"
    steps: int | None = None
    guidance: float | None = None
    sampler: str | None = None
    seed: int = 0
    chunk: int = 8
    weights: Path = Path("assets/weights")
    device: str = "auto"
    resume: bool = False


def read_shapes(
    spec: str, split: str, count: int | None, view: int, spaces: list, device: torch.device
) -> tuple[Truth, np.ndarray, dict[str, np.ndarray]]:
    """Shapes with the embeddings of one picture each.

    Returns:
        The truth; grids (N, R, R, R) float16; image embeddings (N, D) a space.
    """
    from training.inputs import encode_images

    source = open_source(spec, split=split, count=count)
    ids, categories, grids = [], [], []
    embeds: dict[str, list[np.ndarray]] = {space.name: [] for space in spaces}
    waiting: list[Image.Image] = []
    for index in tqdm(range(len(source)), desc=f"read {spec}", unit="shape"):
        item = source[index]
        ids.append(item.id)
        categories.append(item.category)
        grids.append(item.grid.astype(np.float16))
        waiting.append(picture(item, view, seed=index))
        if len(waiting) == 64 or index + 1 == len(source):
            for space in spaces:
                embeds[space.name].append(encode_images(space, waiting, device))
            waiting = []
    grids = np.stack(grids)
    joined = {name: np.concatenate(parts) for name, parts in embeds.items()}
    return Truth(ids, categories, grids > 0), grids, joined


def diffusion_answers(model, embeds: np.ndarray, options, sampling) -> Answerer:
    """Answers an image with `options.samples` shapes of a diffusion model."""
    from training.sampling import sample_shapes

    def answer(indices) -> np.ndarray:
        seeds = [s for i in indices for s in image_seeds(i, options.samples, options.seed)]
        rows = np.repeat(embeds[list(indices)], options.samples, axis=0)
        grids = sample_shapes(model, rows, seeds, sampling)
        return (grids > 0).reshape(len(indices), options.samples, *grids.shape[1:])

    return answer


def fixed_answers(shapes: np.ndarray) -> Answerer:
    """Answers image i with `shapes[i]`."""
    return lambda indices: shapes[list(indices)][:, None]


@torch.inference_mode()
def shape_retrieval(space, truth_grids: np.ndarray, embeds: np.ndarray, device, seed: int):
    """Image-to-shape retrieval in a space with a shape tower; None in one without."""
    if not hasattr(space, "encode_shape"):
        return None
    parts = [
        space.encode_shape(torch.from_numpy(truth_grids[at : at + 64]).float()[:, None].to(device))
        for at in range(0, len(truth_grids), 64)
    ]
    return retrieval(embeds, torch.cat(parts).float().cpu().numpy(), seed)


def evaluate(options: EvaluateOptions, models: dict, spaces: list, sampling, device) -> dict:
    """Everything between loading the models and saving the results.

    Args:
        options: what to measure.
        models: a diffusion model a space.
        spaces: the embedders, in the order of `options.spaces`.
        sampling: a `training.sampling.Sampling`.
        device: where the models are.

    Returns:
        The contents of RESULTS.json but for the command.
    """
    from training.sampling import fingerprint

    started = time.perf_counter()
    truth, grids, embeds = read_shapes(
        options.data, "test", options.count, options.view, spaces, device
    )
    methods = {
        space.name: diffusion_answers(models[space.name], embeds[space.name], options, sampling)
        for space in spaces
    }
    if options.gallery:
        from training.baselines import Gallery, baseline_shapes

        known, _, known_embeds = read_shapes(
            options.gallery, "train", options.gallery_count, options.view, spaces, device
        )
        gallery = Gallery(known.occupancy, known.categories, known_embeds)
        answers = baseline_shapes(truth.occupancy, truth.categories, embeds, gallery)
        methods |= {name: fixed_answers(shapes) for name, shapes in answers.items()}
    methods["resampled truth"] = fixed_answers(truth.occupancy)
    judge = None
    if options.classifier is not None:
        from training.classifier import load_classifier

        judge = load_classifier(options.classifier, device).predict
    config = resolved_config(options)
    config |= {"sampling": resolved_config(sampling)}
    config |= {"models": {name: fingerprint(model) for name, model in models.items()}}
    head = {key: value for key, value in config.items() if key not in ("out", "resume")}
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
        f_score_samples=options.f_score_samples,
        judge=judge,
    ):
        rows.append(new)
        progress.update(len(new))
    progress.close()
    return {
        **summarise(rows.rows, [space.name for space in spaces]),
        "retrieval": {
            space.name: shape_retrieval(space, grids, embeds[space.name], device, options.seed)
            for space in spaces
        },
        "images": len(truth.ids),
        "conventions": CONVENTIONS,
        "config": config,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "seconds": time.perf_counter() - started,
    }


def main(options: EvaluateOptions, command: str | None = None) -> None:
    """Loads the models, evaluates, saves, prints the headline.

    Args:
        options: what to measure.
        command: the command line that asked for it, if not this module's own.
    """
    from cisp.spaces import load_space
    from training.sampling import Sampling, load_diffusion

    if min(options.samples, options.chunk, options.f_score_samples + 1, options.view + 1) < 1:
        raise ValueError("--samples and --chunk must be positive, counts not negative.")
    check_seed(options.seed)
    names = parse_spaces(options.spaces)
    device = pick_device(options.device)
    sampling = Sampling.resolve(options.preset, options.sampler, options.steps, options.guidance)
    models = {name: load_diffusion(options.weights, name, device) for name in names}
    spaces = [load_space(name, options.weights, device) for name in names]
    results = evaluate(options, models, spaces, sampling, device)
    command = command or command_line("training.evaluate")
    save_json(options.out, {"command": command, **results})
    for name, method in results["methods"].items():
        numbers = (f"{key} {value['mean']:.3f}" for key, value in method["overall"].items())
        print(f"{name:24} {'  '.join(numbers)}")


if __name__ == "__main__":
    run_command(EvaluateOptions, main)
