"""Train embedding spaces: `clip` (captions) and `cisp` (shapes), in lockstep on the same pictures.

    python -m training.train_embedding --data RUN/data/train --out RUN --minutes 30

Both start from the same image tower and see the same pictures in the same order; only the partner
modality differs. With a budget in steps, training them one at a time gives the same weights.

A pretrained image trunk is frozen at first: heads and partner towers learn on its last maps,
which are computed once. Then all but its frozen stages is tuned. That costs a fraction, and keeps
what the trunk knows of photographs (Kumar et al. 2022, "Fine-tuning can distort pretrained
features"). The frozen stages are the same in all towers, so they run once for all.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.checkpoint import checkpoint

from cisp.checkpoints import load_strictly, load_tower, save_tower
from cisp.image_tower import ImageTower, initial_trunk
from cisp.losses import ContrastiveLoss
from cisp.naming import SPACES, space_folder
from cisp.shape_tower import shape_tower
from diffusion.devices import upload
from training.data.cache import DataCache
from training.data.pair_batches import MapBatches, PairBatch, PairBatches, probe_depth, save_maps
from training.loop.lockstep import STATE, Budget, Learner, Optimisation, start_anew, train
from training.loop.presets import EmbeddingPreset, named_preset
from training.loop.running import Running, run_training, seeded
from training.tools.batch_norms import share_batch_norms
from training.tools.command import check_seed, parse_spaces, run_command
from training.tools.depthwise import keep_depthwise
from training.tools.distributed import gathered, rank, wait


@dataclass(frozen=True)
class Trained:
    """What is trained."""

    data: Path
    out: Path
    space: str = "clip,cisp"
    preset: str = "bundled"
    batch_size: int | None = None
    chunk: int | None = None


@dataclass(frozen=True)
class TrainEmbeddingOptions(Running, Trained):  # the fields of the last base come first
    """Train the embedding spaces.

    Attributes:
        data: The folder of a data cache (`training.data.cache`) to train on.
        out: The run folder; towers go to OUT/weights/SPACE.
        space: clip, cisp, or both separated by a comma, which then train in lockstep.
        preset: tiny, bundled or paper.
        batch_size: Pairs a step; the preset's by default.
        chunk: Pairs whose activations are in memory at once; all by default. Large batches fit so,
            for a third more time.
        seed: Of the starts, the order and the augmentation.
    """


class DualEncoder(nn.Module):
    """An image tower, its partner tower and the contrastive loss between them.

    Args:
        space: "clip" (the partner is a text tower) or "cisp" (a shape tower).
        image: from pixels (B, 3, S, S) to (B, D).
        partner: from what the space's partner modality is to (B, D).
        chunk: of how many pairs activations are held at once; of all by default.
    """

    def __init__(self, space: str, image: nn.Module, partner: nn.Module, chunk: int | None = None):
        super().__init__()
        self.space, self.image, self.partner, self.chunk = space, image, partner, chunk
        self.criterion = ContrastiveLoss()
        self.tokens: dict[str, Tensor] = {}

    def forward(self, batch: PairBatch) -> Tensor:
        """The contrastive loss of a batch, a scalar."""
        other = batch.voxels if self.space == "cisp" else self._tokens(batch)
        embeds = self._embed(partial(self.image.upper, depth=batch.depth), batch.maps)  # (B, D)
        return self.criterion(gathered(embeds), gathered(self._embed(self.partner, other)))

    def _tokens(self, batch: PairBatch) -> Tensor:
        """Tokens (B, L) of the captions; each caption is tokenised once in a run."""
        new = [caption for caption in set(batch.captions) if caption not in self.tokens]
        for caption in new:
            [self.tokens[caption]] = self.partner.tokenize([caption])
        rows = pad_sequence([self.tokens[c] for c in batch.captions], batch_first=True)
        return upload(rows, batch.maps.device)

    def _embed(self, tower: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
        """Embeddings (B, D) of inputs (B, ...), with the activations of one chunk in memory.

        A contrastive loss needs all embeddings at once, but no more: each chunk is run again when
        its gradient is needed (Chen et al. 2016; for contrastive losses Gao et al. 2021).
        """
        if self.chunk is None:
            return tower(inputs)
        parts = inputs.split(self.chunk)
        return torch.cat([checkpoint(tower, part, use_reentrant=False) for part in parts])


def build_encoders(
    spaces: Sequence[str], preset: EmbeddingPreset, seed: int
) -> dict[str, DualEncoder]:
    """One `DualEncoder` a space, all starting from the same image tower.

    Raises:
        ValueError: for a space that is not trained here.
    """
    image = seeded(ImageTower, seed, config=preset.image)
    if preset.pretrained:
        trunk = initial_trunk(preset.image.model_name)
        if trunk is not None:
            image.load_trunk(trunk)
    encoders = {}
    for space in spaces:
        if space == "cisp":
            partner = seeded(shape_tower, seed + 1, config=preset.shape)
        elif space == "clip":
            from cisp.text_tower import TextTower  # needs open_clip, which cisp does not

            partner = seeded(TextTower, seed + 1, config=preset.text)
        else:
            raise ValueError(f"Only clip and cisp are trained here, not {space!r}.")
        encoders[space] = DualEncoder(space, copy.deepcopy(image), partner, preset.chunk)
    return encoders


def start_from(encoders: Mapping[str, DualEncoder], weights: Path) -> None:
    """Load the towers of an earlier run into each encoder; the logit scale starts anew.

    What was frozen then stays so, also where the ImageNet weights cannot be had any more.

    Raises:
        ValueError: there are none, or they have other sizes.
    """
    frozen = were_frozen(weights)
    for name, encoder in encoders.items():
        if frozen:
            encoder.image.freeze()
        for tower, kind in ((encoder.image, "image"), (encoder.partner, partner_folder(name))):
            saved = load_tower(type(tower), weights / name / kind)
            load_strictly(tower, saved.state_dict(), weights / name / kind)


def were_frozen(weights: Path) -> bool:
    """Whether the image towers of both spaces still have the first stages that training freezes."""
    folders = [weights / name / "image" for name in SPACES]
    if not all(folder.exists() for folder in folders):
        return False
    one, other = (load_tower(ImageTower, folder) for folder in folders)
    count = one.config.frozen_stages
    a, b = (nn.ModuleList(tower.stages()[:count]).state_dict() for tower in (one, other))
    return count > 0 and a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def partner_folder(space: str) -> str:
    """What the folder of a space's partner tower is called."""
    return "shape" if space == "cisp" else "text"


def learners_of(encoders: Mapping[str, DualEncoder], optimisation: Optimisation) -> list[Learner]:
    """A learner for each encoder, on its device; the logit scale is clamped."""
    return [
        Learner(
            name,
            keep_depthwise(encoder),
            optimisation,
            after_step=lambda encoder: encoder.criterion.clamp_(),
        )
        for name, encoder in encoders.items()
    ]


def train_embeddings(
    spaces: Sequence[str],
    preset: EmbeddingPreset,
    cache: DataCache,
    budget: Budget,
    out: Path,
    *,
    seed: int = 0,
    resume: bool = False,
    device: torch.device | str = "cpu",
    start: Path | None = None,
    stop_after: int | None = None,
) -> dict[str, Any]:
    """Train spaces in lockstep; save each tower's moving average under `out`/weights/SPACE.

    With `start`, a folder of weights, the towers there are trained further.

    Returns:
        Total steps and seconds, and the report of `training.loop.lockstep.train` for each stage.
    """
    device = torch.device(device)
    check_seed(seed)
    size = preset.image.image_size
    if cache.cutouts.shape[2] != size:
        raise ValueError(f"The data has pictures of {cache.cutouts.shape[2]} pixels, not {size}.")
    built = build_encoders(spaces, preset, seed)
    encoders = {name: share_batch_norms(encoder).to(device) for name, encoder in built.items()}
    if start is not None:
        start_from(encoders, start)
    tower = copy.deepcopy(next(iter(encoders.values())).image).eval()  # the same in all
    source = (cache, preset.batch_size, seed, tower)
    names, maps = "-".join(spaces), out / "trunk-maps.npy"
    folders = {stage: out / f"{stage}-{names}" for stage in ("probe", "embedding")}
    if not resume:
        start_anew(maps, *(folder / STATE for folder in folders.values()))
    batches = PairBatches(*source, tower.config.frozen_stages if tower.pretrained else 0)
    stages = [("embedding", preset.optimisation, batches, budget)]
    if preset.probe is not None and tower.pretrained:
        depth = probe_depth(tower)
        if rank() == 0 and not maps.exists():
            save_maps(maps, PairBatches(*source, depth))
        wait()
        first, rest = budget.split(preset.probe_share)
        stages = [
            ("probe", preset.probe, MapBatches(maps, *source, depth), first),
            ("embedding", preset.optimisation, batches, rest),
        ]
    report: dict[str, Any] = {"steps": 0, "seconds": 0.0, "pretrained": tower.pretrained}
    for stage, optimisation, batch_at, share in stages:
        learners = learners_of(encoders, optimisation)
        done = train(
            learners,
            batch_at,
            share,
            folders[stage],
            resume=resume,
            settings=repr((preset, len(cache), seed)),
            device=device,
            stop_after=stop_after,
        )
        report[stage] = done
        report["steps"] += done["steps"]
        report["seconds"] += done["seconds"]
        if done["steps"] == stop_after:
            return report
        for learner in learners:  # the next stage starts from the average
            learner.module.load_state_dict(learner.ema.average)
    for name, encoder in encoders.items() if rank() == 0 else ():
        for tower, kind in ((encoder.image, "image"), (encoder.partner, partner_folder(name))):
            save_tower(tower, out / "weights" / name / kind, half=True)
    return report


def main(options: TrainEmbeddingOptions) -> None:
    """Run the command."""
    run_training("training.train_embedding", options, run, space_folder(options.space))


def run(options: TrainEmbeddingOptions, device: torch.device) -> dict[str, Any]:
    """Train with the preset as the options change it."""
    preset = named_preset(options.preset)
    embedding = preset.embedding
    for field in ("batch_size", "chunk"):
        value = getattr(options, field)
        if value is not None and value < 1:
            raise ValueError(f"--{field.replace('_', '-')} must be positive, not {value}.")
        if value is not None:
            embedding = replace(embedding, **{field: value})
    return train_embeddings(
        parse_spaces(options.space),
        embedding,
        DataCache.load(options.data),
        options.budget(preset.minutes * preset.shares[0]),
        options.out,
        **options.common(device),
    )


if __name__ == "__main__":
    run_command(TrainEmbeddingOptions, main)
