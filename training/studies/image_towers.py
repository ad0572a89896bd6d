"""Which image tower? CISP trained with each candidate for the same time, on one device.

    python -m training.studies.image_towers --images sketches --images photos --out OUT.json

An EfficientNet-Lite0 pretrained on ImageNet, the same from random weights, and a DeiT-Tiny
from random weights, judged by what none was trained on: held-out procedural shapes, people's
pictures (`training.studies.categories`) and real meshes (`training.studies.retrieval`).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro

from cisp.gallery import nearest
from cisp.image_tower import ImageTowerConfig, initial_trunk
from cisp.spaces import load_space
from training.data.embeddings import embed_shapes, embed_views
from training.loop.lockstep import Budget
from training.loop.presets import EmbeddingPreset, named_preset
from training.measure.metrics import ranks
from training.measure.statistics import Interval, bootstrap_mean, paired_bootstrap
from training.studies.categories import VOTERS, read_set, vote
from training.studies.mesh_pictures import Meshes, draw_meshes
from training.studies.report import bars, percent, points
from training.studies.runner import Answer, study_command
from training.studies.small import drawn_shapes
from training.train_embedding import train_embeddings

LITE0 = ImageTowerConfig("tf_efficientnet_lite0", image_size=112)
DEIT = replace(LITE0, model_name="deit_tiny_patch16_224", model_kwargs={"img_size": 112})
PRETRAINED = "EfficientNet-Lite0, ImageNet"
CANDIDATES = {
    PRETRAINED: (replace(LITE0, frozen_stages=4), True),
    "EfficientNet-Lite0, random": (LITE0, False),
    "DeiT-Tiny, random": (DEIT, False),
}


@dataclass(frozen=True)
class ImageTowersOptions:
    """Compare image towers.

    Attributes:
        images: A folder with a folder of pictures a category; may be given several times.
        out: The JSON file to write.
        meshes: A folder of meshes, a folder a category.
        minutes: Training time of each tower.
        cache: The folder of the drawn splits; what is missing is drawn there first.
        train_count: Training shapes.
        count: Test shapes.
        preset: Where all but the image tower comes from.
        seed: Of the starts, the order and the bootstrap.
        device: auto, cpu, cuda or mps.
    """

    images: tyro.conf.UseAppendAction[tuple[Path, ...]]
    out: Path
    meshes: Path | None = None
    minutes: float = 6.0
    cache: Path = Path("runs/data")
    train_count: int = 13_000
    count: int = 2600
    preset: str = "bundled"
    seed: int = 0
    device: str = "auto"


def with_tower(
    preset: EmbeddingPreset, image: ImageTowerConfig, pretrained: bool
) -> EmbeddingPreset:
    """The preset with another image tower.

    Raises:
        ValueError: if it is to start from ImageNet weights and these are not available.
    """
    if pretrained and initial_trunk(image.model_name) is None:
        raise ValueError(f"The ImageNet weights of {image.model_name} cannot be had here.")
    optimisation = preset.optimisation
    if not pretrained:  # random weights need no slow learning
        optimisation = replace(optimisation, slow_factor=1.0)
    return replace(preset, image=image, pretrained=pretrained, optimisation=optimisation)


def judge(space: Any, test: Any, folders: dict[str, Path], meshes: Meshes | None) -> dict[str, Any]:
    """What a trained space gets right: a measure to one bool a query."""
    shapes = embed_shapes(space, test.grids)
    rank = ranks(embed_views(space, test.cutouts, [0])[:, 0], shapes)
    right = {"own shape, R@1": rank <= 1, "own shape, R@10": rank <= 10}
    known = sorted(set(test.categories))
    for name, folder in folders.items():
        pictures = read_set(folder, known, {"cisp": space}, space.device)
        answers = vote(nearest(pictures.embeds["cisp"], shapes, VOTERS), test.categories)
        right[f"category of {name}"] = np.array(answers) == np.array(pictures.categories)
    if meshes is not None:
        grids = embed_shapes(space, np.stack([item.grid for item in meshes.items]))
        query = embed_views(space, meshes.cutouts, [0])[:, 0]
        right["own real mesh, R@10"] = ranks(query, grids) <= 10
    return right


def finding_of(right: dict[str, dict[str, np.ndarray]], minutes: float, seed: int) -> str:
    """How the pretrained tower compares with the best other one, in one sentence."""
    parts = []
    for measure, hits in right[PRETRAINED].items():
        others = {name: one[measure] for name, one in right.items() if name != PRETRAINED}
        rival = max(others, key=lambda name: others[name].mean())
        gain = paired_bootstrap(hits, others[rival], seed=seed)
        parts.append(
            f"{measure} {percent(bootstrap_mean(hits, seed=seed))}, {points(gain)} against {rival}"
        )
    return f"After {minutes:g} minutes of training, {PRETRAINED}: " + "; ".join(parts) + "."


def study(options: ImageTowersOptions, device: torch.device) -> Answer:
    """Train each candidate, judge."""
    seed, preset = options.seed, named_preset(options.preset).embedding
    folders = {folder.resolve().name: folder for folder in options.images}
    missing = [str(folder) for folder in folders.values() if not folder.is_dir()]
    if missing:
        raise ValueError(f"There is no folder '{missing[0]}'.")
    train, test = drawn_shapes(options)
    meshes = draw_meshes(options.meshes, seed, device) if options.meshes else None
    budget = Budget(minutes=options.minutes)
    right, steps = {}, {}
    for name, (image, pretrained) in CANDIDATES.items():
        candidate = with_tower(preset, image, pretrained)
        with tempfile.TemporaryDirectory() as run:
            trained = train_embeddings(
                ["cisp"], candidate, train, budget, Path(run), seed=seed, device=device
            )
            space = load_space("cisp", Path(run) / "weights", device)
            right[name] = judge(space, test, folders, meshes)
        steps[name] = trained["steps"]
    shares: dict[str, dict[str, Interval]] = {
        name: {measure: bootstrap_mean(hits, seed=seed) for measure, hits in of_name.items()}
        for name, of_name in right.items()
    }
    return Answer(
        finding=finding_of(right, options.minutes, seed),
        figure=bars(shares, title=f"CISP after {options.minutes:g} minutes", y="share of queries"),
        results={"shares": shares, "steps": steps, "pairs a step": preset.batch_size},
    )


if __name__ == "__main__":
    study_command(ImageTowersOptions, study)
