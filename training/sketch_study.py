"""Do our drawings look like people's? A classifier that has seen only ours names theirs.

    python -m training.sketch_study --sketches DIR --out STUDY.json --sheet SHEET.png

DIR holds a folder of pictures a category. A small CNN learns the categories from procedural
drawings alone, and is then shown the pictures of DIR, cut out in the same way.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from tqdm import tqdm

from cisp.images import cutout
from cisp.picture_files import load_image
from diffusion.devices import pick_device
from training.data.inputs import SUFFIXES
from training.measure.statistics import Interval, bootstrap_mean
from training.rendering.camera import drawing_camera
from training.rendering.drawing import Hand, draw
from training.rendering.renderer import Scene, look
from training.shapes import CATEGORIES, make_shape
from training.studies.report import percent
from training.tools.command import (
    atomic_path,
    check_seed,
    command_line,
    resolved_config,
    run_command,
    save_json,
)
from training.tools.workers import map_with_bar

SIZE = 64  # pixels of a cut-out's side
PICTURE = 120  # pixels of the view that is drawn
VIEWS, HANDS = 2, 2  # of every shape
FIRST_SEED = 4_000_000_000  # of shapes that no split holds
SHEET_COLUMNS, SHEET_ROWS = 10, 10


@dataclass(frozen=True)
class SketchStudyOptions:
    """Name people's drawings with a classifier trained on ours.

    Attributes:
        sketches: A folder with a folder of drawings a category.
        out: A JSON file for the results; they are printed anyway.
        sheet: A PNG: a hundred of ours on the left, a hundred of theirs on the right.
        count: Drawings a category to train on.
        epochs: Passes over them.
        seed: Of the shapes, hands and weights.
        workers: Processes that draw.
        device: auto, cpu, cuda or mps.
    """

    sketches: Path
    out: Path | None = None
    sheet: Path | None = None
    count: int = 1200
    epochs: int = 30
    seed: int = 0
    workers: int = 2
    device: str = "auto"


def drawings_of(task: tuple[str, int]) -> np.ndarray:
    """Ink (VIEWS * HANDS, SIZE, SIZE) uint8 of one shape, (category, seed), by several hands."""
    category, seed = task
    shape = make_shape(category, FIRST_SEED + seed)
    grid, distance, _ = shape.volume()
    rng = np.random.default_rng([zlib.crc32(category.encode()), seed, 2])
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    points = (np.argwhere(grid.numpy() > 0) + 0.5) / len(grid) - 0.5
    cameras = [drawing_camera(rng, points, category) for _ in range(VIEWS)]
    buffers = look(Scene.of_shape(shape, distance, resolution=64), cameras, PICTURE)
    inks = []
    for view in range(VIEWS):
        for _ in range(HANDS):
            hand = Hand.random(generator)
            hand = replace(hand, width=hand.width * PICTURE / SIZE)  # as wide once shrunk
            rgba = draw(buffers, view, hand, generator)
            picture = Image.fromarray((rgba.numpy() * 255).round().astype(np.uint8), "RGBA")
            inks.append(ink_of(picture))
    return np.stack(inks)


def ink_of(picture: Image.Image) -> np.ndarray:
    """How dark a picture's cut-out is on paper, (SIZE, SIZE) uint8."""
    rgba = np.asarray(cutout(picture, SIZE), np.float32) / 255
    grey = rgba[..., :3].mean(-1)
    return ((1 - grey) * rgba[..., 3] * 255).round().astype(np.uint8)


def draw_set(count: int, seed: int, workers: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` drawings a category: ink (N, SIZE, SIZE) uint8, and category indices (N,)."""
    shapes = -(-count // (VIEWS * HANDS))
    tasks = [(c, seed * 1_000_000 + i) for i in range(shapes) for c in CATEGORIES]
    inks = map_with_bar(drawings_of, tasks, desc="drawing", unit="shape", workers=workers)
    labels = [CATEGORIES.index(category) for category, _ in tasks]
    return np.concatenate(inks), np.repeat(labels, VIEWS * HANDS)


def read_sketches(folder: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """People's drawings: ink (N, SIZE, SIZE), categories (N,), and names.

    Raises:
        ValueError: if the folder holds no picture of a category that we can draw.
    """
    paths = [p for c in CATEGORIES for p in sorted((folder / c).glob("*"))]
    paths = [path for path in paths if path.suffix.lower() in SUFFIXES]
    if not paths:
        raise ValueError(f"'{folder}' has no pictures in folders named {', '.join(CATEGORIES)}.")
    inks = [ink_of(load_image(path)) for path in paths]
    labels = [CATEGORIES.index(path.parent.name) for path in paths]
    return np.stack(inks), np.array(labels), [f"{p.parent.name}/{p.name}" for p in paths]


def network(classes: int) -> nn.Sequential:
    """A small CNN: (B, 1, SIZE, SIZE) -> logits (B, classes)."""
    layers: list[nn.Module] = []
    for before, after, kernel, stride in ((1, 24, 5, 2), (24, 64, 3, 1), (64, 128, 3, 1)):
        layers += [nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)]
        layers += [nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.4), nn.Linear(128 * 16, classes))


def _varied(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Drawings (B, 1, S, S) turned, stretched, bent, with gaps, thicker or paler."""
    batch, side = len(pixels), pixels.shape[-1]

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(batch, generator=generator)

    def smooth(channels: int, nodes: int) -> Tensor:
        noise = torch.randn(batch, channels, nodes, nodes, generator=generator)
        return F.interpolate(noise, (side, side), mode="bicubic", align_corners=True)

    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    wide, high, shear = uniform(0.85, 1.3), uniform(0.85, 1.3), uniform(-0.2, 0.2)
    angle = uniform(-0.18, 0.18)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [cos * wide * flip, (shear - sin) * high, uniform(-0.1, 0.1)]
    rows += [sin * wide * flip, cos * high, uniform(-0.1, 0.1)]
    matrix = torch.stack(rows, 1).view(-1, 2, 3)
    bend = smooth(2, 4).permute(0, 2, 3, 1) * uniform(0, 0.06).view(-1, 1, 1, 1)
    grid = F.affine_grid(matrix, list(pixels.shape), align_corners=False) + bend
    whole = smooth(1, 6) > uniform(-6, -0.9).view(-1, 1, 1, 1)  # most drawings have no gap
    share = uniform(-0.6, 0.7).clamp(min=0).view(-1, 1, 1, 1)
    ink = uniform(0.6, 1.2).view(-1, 1, 1, 1) * whole
    grid, share, ink = (tensor.to(pixels.device) for tensor in (grid, share, ink))
    moved = F.grid_sample(pixels, grid, align_corners=False)
    return (moved + share * (F.max_pool2d(moved, 3, 1, 1) - moved)) * ink


def train(
    inks: np.ndarray, labels: np.ndarray, epochs: int, seed: int, device: torch.device
) -> nn.Sequential:
    """Train the CNN from scratch on drawings (N, SIZE, SIZE) with category indices (N,)."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # modules draw their weights from the global generator
        model = network(len(CATEGORIES)).to(device)
        x = torch.from_numpy(inks)[:, None].to(device)
        y = torch.from_numpy(labels).to(device)
        steps = epochs * max(1, len(x) // 128)
        optimiser = torch.optim.AdamW(model.parameters(), 2e-3, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
        for _ in tqdm(range(steps), desc="training", unit="step"):
            rows = torch.randint(len(x), (128,), generator=generator).to(device)
            pixels = _varied(x[rows].float() / 255, generator)
            loss = F.cross_entropy(model(pixels), y[rows], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return model.eval()


@torch.inference_mode()
def name(model: nn.Module, inks: np.ndarray, device: torch.device) -> np.ndarray:
    """Category indices (N,) that the model gives to drawings (N, SIZE, SIZE), mirrored or not."""
    pixels = torch.from_numpy(inks)[:, None].to(device).float() / 255
    logits = sum(torch.cat([model(p) for p in v.split(256)]) for v in (pixels, pixels.flip(-1)))
    return logits.argmax(1).cpu().numpy()


def summary(truth: np.ndarray, named: np.ndarray) -> dict[str, Any]:
    """Accuracy with its interval, by category, and the confusion matrix (true, named)."""
    right = truth == named
    confusion = np.zeros((len(CATEGORIES),) * 2, int)
    np.add.at(confusion, (truth, named), 1)
    present = [i for i in range(len(CATEGORIES)) if (truth == i).any()]
    return {
        "accuracy": bootstrap_mean(right)._asdict(),
        "balanced_accuracy": float(np.mean([right[truth == i].mean() for i in present])),
        "by_category": {CATEGORIES[i]: float(right[truth == i].mean()) for i in present},
        "categories": list(CATEGORIES),
        "confusion": confusion.tolist(),
    }


def contact_sheet(ours: np.ndarray, theirs: np.ndarray, seed: int = 0) -> Image.Image:
    """A hundred drawings (N, SIZE, SIZE) of ours on the left, a hundred of theirs on the right."""
    rng = np.random.default_rng(seed)
    cells, pad = SHEET_COLUMNS * SHEET_ROWS, 4
    sides = []
    for inks in (ours, theirs):
        chosen = inks[rng.permutation(len(inks))[:cells]]
        blank = np.zeros((cells - len(chosen), SIZE, SIZE), np.uint8)
        tiles = np.pad(np.concatenate([chosen, blank]), ((0, 0), (pad, pad), (pad, pad)))
        side = SIZE + 2 * pad
        grid = tiles.reshape(SHEET_ROWS, SHEET_COLUMNS, side, side).swapaxes(1, 2)
        sides.append(grid.reshape(SHEET_ROWS * side, SHEET_COLUMNS * side))
    gap = np.full((sides[0].shape[0], 12), 160, np.uint8)
    return Image.fromarray(255 - np.concatenate([sides[0], gap, sides[1]], 1))


def _numbers(result: dict[str, Any]) -> Sequence[str]:
    mean, low, high = result["people"]["accuracy"].values()
    yield f"people's drawings: {mean:.3f} ({low:.3f}-{high:.3f})"
    yield f"our own, other shapes: {result['ours']['accuracy']['mean']:.3f}"
    for category, share in result["people"]["by_category"].items():
        yield f"  {category}: {share:.2f}"


def finding(result: dict[str, Any]) -> str:
    """The study in one sentence."""
    people, ours = (Interval(**result[who]["accuracy"]) for who in ("people", "ours"))
    return (
        f"A small network that learned from {result['drawings_trained_on']:,} of our drawings "
        f"alone names {percent(people)} of {len(result['named'])} drawings by people right, and "
        f"{percent(ours)} of ours that it had not seen."
    )


def main(options: SketchStudyOptions) -> None:
    """Draw, train, name, save."""
    if options.count < VIEWS * HANDS or options.epochs < 1:
        raise ValueError(f"--count must be at least {VIEWS * HANDS}, and --epochs at least 1.")
    check_seed(options.seed)
    device = pick_device(options.device)
    theirs, truth, names = read_sketches(options.sketches)
    inks, labels = draw_set(options.count, options.seed, options.workers)
    a_shape = VIEWS * HANDS  # drawings; all of a shape are held out, or none
    held_out = np.arange(len(inks)) >= len(inks) - len(inks) // 10 // a_shape * a_shape
    model = train(inks[~held_out], labels[~held_out], options.epochs, options.seed, device)
    named = name(model, theirs, device)
    result = {
        "command": command_line("training.sketch_study"),
        "config": resolved_config(options),
        "drawings_trained_on": int((~held_out).sum()),
        "people": summary(truth, named),
        "ours": summary(labels[held_out], name(model, inks[held_out], device)),
        "named": {n: CATEGORIES[i] for n, i in zip(names, named.tolist(), strict=True)},
    }
    result["finding"] = finding(result)
    print("\n".join(_numbers(result)))
    if options.out is not None:
        save_json(options.out, result)
    if options.sheet is not None:
        with atomic_path(options.sheet) as path:
            contact_sheet(inks, theirs).save(path, format="PNG")


if __name__ == "__main__":
    run_command(SketchStudyOptions, main)
