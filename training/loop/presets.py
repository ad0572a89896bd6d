"""Presets: everything that a pipeline run is made of, as typed instances.

`tiny` is for tests and for seeing the whole path in minutes; `bundled` and `bundled-2`, in turn,
made the towers in `assets`, `bundled-4` the diffusion models (with the options of then:
`assets/weights/training.json`). `paper` has the sizes of arXiv 2402.01241.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from cisp.image_tower import ImageTowerConfig
from cisp.shape_tower import ShapeCnnConfig, ShapeEncoderConfig, ShapeTowerConfig
from cisp.text_tower import TextTowerConfig
from diffusion.guess import GuessConfig
from diffusion.unet import UNetConfig
from training.data.procedural import VIEWS
from training.loop.lockstep import Optimisation


@dataclass(frozen=True)
class EmbeddingPreset:
    """The two embedding spaces; they share all but the partner tower.

    Attributes:
        image: the image tower of both.
        shape: the partner tower of CISP.
        text: the partner tower of CLIP.
        pretrained: whether the image tower starts from ImageNet weights where they can be had.
        probe: how heads and partners first learn on the features of a pretrained trunk.
        probe_share: of the budget, for that.
        batch_size: pairs a step.
        chunk: of how many pairs activations are held at once; of all by default.
        optimisation: how both are optimised.
    """

    image: ImageTowerConfig
    shape: ShapeTowerConfig
    text: TextTowerConfig
    batch_size: int
    optimisation: Optimisation
    pretrained: bool = False
    probe: Optimisation | None = None
    probe_share: float = 0.4
    chunk: int | None = None


@dataclass(frozen=True)
class GuessPreset:
    """What a diffusion model refines (`training.loop.guessing`), the same for every space.

    Attributes:
        size: of the network.
        batch_size: shapes a step.
        optimisation: how it is optimised.
        share: of the diffusion model's budget, for the guess.
        cross_entropy: weight of `diffusion.losses.sign_entropy` beside the squared error.
        full_weight: of a full cell in it.
    """

    size: GuessConfig
    batch_size: int
    optimisation: Optimisation
    share: float = 0.5
    cross_entropy: float = 0.0
    full_weight: float = 1.0


@dataclass(frozen=True)
class DiffusionPreset:
    """The diffusion model, the same for every space.

    Attributes:
        unet: the network; its `cond_dim` gives way to that of each space.
        prediction: what the network predicts.
        batch_size: shapes a step.
        device_batch: the same on a device that is no CPU, which larger batches keep busy; see
            `with_batch`. The same batch everywhere by default.
        optimisation: how it is optimised.
        views: which views of a shape are embedded and trained on; all by default.
        augmented: share of them that are augmented first, as people's pictures are not clean.
        cond_drop_prob: how often training replaces the embedding by the null embedding.
        cross_entropy: weight of `diffusion.losses.sign_entropy` beside the squared error.
        full_weight: of a full cell in it.
        cond_noise: deviation of the noise on the embedding's entries, relative to their own; the
            noisy embedding is normalised again.
        cond_mixed: how often the embedding is moved a random part of the way to that of a random
            picture of the same shape, perhaps its own.
        low_timesteps: a share of the timesteps and the range that it is drawn from
            (`training.data.diffusion_batches.draw_timesteps`).
        guess: what the model refines; none for a U-Net that reads the embedding by itself.
        watched: shapes that are held out to be measured in the course of training; a tenth at most.
    """

    unet: UNetConfig
    prediction: str
    batch_size: int
    optimisation: Optimisation
    schedule: str = "linear"
    views: tuple[int, ...] | None = None
    augmented: float = 0.5
    cond_drop_prob: float = 0.1
    cross_entropy: float = 0.0
    full_weight: float = 1.0
    cond_noise: float = 0.0
    cond_mixed: float = 0.0
    low_timesteps: tuple[float, float] = (0.0, 1.0)
    guess: GuessPreset | None = None
    watched: int = 0
    device_batch: int | None = None

    def on(self, device: torch.device) -> DiffusionPreset:
        """The preset with the batches of a device."""
        if device.type == "cpu" or self.device_batch is None:
            return self
        return self.with_batch(self.device_batch)

    def with_batch(self, batch_size: int) -> DiffusionPreset:
        """The preset with other batches, and a learning rate that follows their square root.

        So the step of Adam keeps its noise (Malladi et al. 2022, arXiv 2205.10287). The guess stays
        as it is.

        Raises:
            ValueError: for a batch without a shape.
        """
        if batch_size < 1:
            raise ValueError(f"--batch-size must be positive, not {batch_size}.")
        rate = self.optimisation.learning_rate * (batch_size / self.batch_size) ** 0.5
        scaled = replace(self.optimisation, learning_rate=rate)
        return replace(self, batch_size=batch_size, optimisation=scaled)


@dataclass(frozen=True)
class Preset:
    """A whole pipeline.

    Attributes:
        train_shapes: procedural shapes to train on.
        test_shapes: procedural shapes held out for evaluation.
        embedding: the two spaces.
        diffusion: the two diffusion models.
        minutes: default training time.
        classifier_steps: of the voxel classifier that judges generated shapes.
        evaluate_images: test images of the evaluation that ends the pipeline.
        evaluate_samples: shapes an image.
        shares: of the training time: embeddings, diffusion. Embeddings without a share are kept as
            an earlier round left them.
        first_shape: how many training shapes are skipped, as an earlier round used them.
        train_views: what is drawn of each training shape.
        anew: whether the diffusion models start at random, whatever the round before left.
        masked: share of the training renderings that are put on busy grounds and cut out again as
            photographs are, so that ragged masks and shadows are nothing new.
    """

    train_shapes: int
    test_shapes: int
    embedding: EmbeddingPreset
    diffusion: DiffusionPreset
    minutes: float
    evaluate_images: int
    evaluate_samples: int = 10
    classifier_steps: int = 400
    shares: tuple[float, float] = (0.5, 0.5)
    first_shape: int = 0
    train_views: tuple[str, ...] = VIEWS
    anew: bool = False
    masked: float = 0.0


TINY = Preset(
    train_shapes=400,
    test_shapes=50,
    embedding=EmbeddingPreset(
        image=ImageTowerConfig(
            "deit_tiny_patch16_224",
            image_size=64,
            embed_dim=64,
            model_kwargs={"depth": 4, "img_size": 64},
        ),
        shape=ShapeEncoderConfig(width=96, depth=2, embed_dim=64),
        text=TextTowerConfig(embed_dim=64, width=64, layers=2),
        batch_size=64,
        optimisation=Optimisation(1e-3),
    ),
    diffusion=DiffusionPreset(
        unet=UNetConfig(cond_dim=64, width=32, multipliers=(1, 2)),
        prediction="x_0",
        batch_size=32,
        optimisation=Optimisation(1e-3),
        cross_entropy=0.2,
        cond_noise=0.3,
        guess=GuessPreset(
            size=GuessConfig(width=128, blocks=2, token=32),
            batch_size=64,
            optimisation=Optimisation(2e-3),
            cross_entropy=1.0,
            full_weight=2.0,
        ),
        watched=13,
        device_batch=128,
    ),
    minutes=4.0,
    evaluate_images=10,
    evaluate_samples=2,
    classifier_steps=100,
)

BUNDLED = Preset(
    train_shapes=13_000,
    test_shapes=2600,
    embedding=EmbeddingPreset(
        image=ImageTowerConfig("tf_efficientnet_lite0", image_size=112, frozen_stages=4),
        shape=ShapeCnnConfig(patch=4, width=32),
        text=TextTowerConfig(width=128, layers=4, heads=2),
        batch_size=256,
        optimisation=Optimisation(6e-4, slow="image.trunk", slow_factor=0.3, precision="bfloat16"),
        pretrained=True,
        probe=Optimisation(1e-3),
        probe_share=0.1,
    ),
    diffusion=DiffusionPreset(
        unet=UNetConfig(
            patch=4,
            width=64,
            multipliers=(1, 1.5),
            attention=(4,),
            spatial_cond=False,  # the guess does this better
        ),
        prediction="x_0",
        batch_size=32,
        # bfloat16 trains 1.9 times as fast on CPUs that have it (93 shapes a second against 48).
        optimisation=Optimisation(1.1e-3, precision="bfloat16"),
        views=(0, 1, 3),  # a rendering of each kind and a drawing: embedding all takes minutes
        cross_entropy=0.2,
        cond_noise=0.3,
        cond_mixed=0.6,  # IoU of a guess +0.003, given the shape's own embedding +0.012
        low_timesteps=(0.7, 0.4),  # a walk from the guess starts at 0.2 to 0.3 of them
        guess=GuessPreset(  # 3.4 M parameters, with the network's 5.4 M 18 MB in half precision
            size=GuessConfig(width=512, blocks=3, token=48),
            batch_size=128,
            optimisation=Optimisation(2e-3, precision="bfloat16"),
            share=0.15,
            cross_entropy=1.0,
            full_weight=2.0,
        ),
        watched=26,
        device_batch=256,
    ),
    minutes=65.0,
    classifier_steps=2000,
    evaluate_images=104,
    shares=(0.7, 0.3),
)

# A second round on shapes that the first has not seen, with fewer pictures each. It starts from the
# weights of the first (`training.pipeline --start`), so no probe is needed.
ROUND2 = replace(
    BUNDLED,
    first_shape=BUNDLED.train_shapes,
    train_shapes=9_100,
    train_views=("wide", "drawing"),
    embedding=replace(BUNDLED.embedding, probe=None),
    diffusion=replace(BUNDLED.diffusion, views=None),
    minutes=70.0,
    shares=(0.55, 0.45),
)

# A third round of the diffusion models alone, on the towers that `training.average` made.
ROUND3 = replace(
    ROUND2,
    first_shape=ROUND2.first_shape + ROUND2.train_shapes,
    train_shapes=6_500,
    train_views=("r2n2", "wide", "drawing"),
    minutes=35.0,
    shares=(0.0, 1.0),
)

# A fourth, of diffusion models with a guess, started anew on shapes that no round has seen.
ROUND4 = replace(
    ROUND3,
    first_shape=ROUND3.first_shape + ROUND3.train_shapes,
    train_shapes=16_200,
    minutes=40.0,
    anew=True,
)

# A fifth, of the diffusion models of the fourth, on three times as many shapes.
ROUND5 = replace(
    ROUND4,
    first_shape=ROUND4.first_shape + ROUND4.train_shapes,
    train_shapes=46_800,
    minutes=150.0,
    anew=False,
)

PAPER = Preset(
    train_shapes=20_000,
    test_shapes=5_000,
    embedding=EmbeddingPreset(
        image=ImageTowerConfig("deit_base_distilled_patch16_224", image_size=224),
        shape=ShapeEncoderConfig(width=768, depth=12, heads=12),
        text=TextTowerConfig(width=512, layers=12, heads=8, context_length=77),
        batch_size=64,
        optimisation=Optimisation(1e-4),
    ),
    diffusion=DiffusionPreset(
        unet=UNetConfig(
            patch=1,
            width=32,
            multipliers=(1, 2, 4, 8),
            blocks=5,
            attention=(8, 4),
            spatial_cond=False,
        ),
        prediction="eps",
        batch_size=4,
        device_batch=128,
        optimisation=Optimisation(3e-4),
    ),
    minutes=60 * 24 * 4.0,
    evaluate_images=1000,
)

PRESETS = {
    "tiny": TINY,
    "bundled": BUNDLED,
    "bundled-2": ROUND2,
    "bundled-3": ROUND3,
    "bundled-4": ROUND4,
    "bundled-5": ROUND5,
    "paper": PAPER,
}


def named_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        ValueError: if there is none.
    """
    if name not in PRESETS:
        raise ValueError(f"Unknown preset {name!r}: choose from {', '.join(PRESETS)}.")
    return PRESETS[name]
