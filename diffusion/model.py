"""A voxel diffusion model on disk: networks, prediction type, and the space that conditions it.

model.safetensors holds the U-Net, guess.safetensors the guess of a model that has one. config.json
holds their SHA-256, so that those of another space, which would fit, are noticed.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from diffusion.denoisers import DENOISERS, Denoiser
from diffusion.devices import fast_layout
from diffusion.guess import Guess, GuessConfig
from diffusion.losses import sign_entropy
from diffusion.refinement import Refinement
from diffusion.schedule import NoiseSchedule
from diffusion.unet import UNet3D, UNetConfig

# What a wrong configuration or damaged weights can raise.
UNREADABLE = (
    *(OSError, RuntimeError, TypeError, KeyError, ValueError, AttributeError, ArithmeticError),
    SafetensorError,
)
POINTER = b"version https://git-lfs.github.com/"  # so begins a file that Git LFS has not fetched

CONFIG, WEIGHTS = "config.json", "model.safetensors"
DIGESTS = "sha256"  # file name -> digest; older configurations have none
GUESS, GUESS_WEIGHTS = "guess.", "guess.safetensors"  # prefix of its parameters' names


class VoxelDiffusion(nn.Module):
    """A U-Net with its noise schedule and, optionally, a guess that it refines.

    Attributes:
        guess: from `cond` (B, D) to grids (B, 1, R, R, R) in one pass, or None.

    Args:
        space: the embedding space that conditions it, for example "cisp".
        unet: the size of its U-Net.
        prediction: "x_0", "eps" or "v".
        schedule: "linear" or "cosine".
        guess: the size of its guess; None for a U-Net that draws shapes from the embedding by
            itself.
    """

    def __init__(
        self,
        *,
        space: str,
        unet: UNetConfig,
        prediction: str = "x_0",
        schedule: str = "linear",
        guess: GuessConfig | None = None,
    ):
        super().__init__()
        if prediction not in DENOISERS:
            raise ValueError(
                f"Unknown prediction {prediction!r}; known are {', '.join(DENOISERS)}."
            )
        self.space, self.prediction = space, prediction
        self.schedule, self.schedule_name = NoiseSchedule.named(schedule), schedule
        self.unet, self.guess = UNet3D(unet, channels=1 if guess is None else 2), None
        if guess is not None:
            self.guess = Guess(guess, unet.cond_dim, unet.resolution)

    @property
    def cond_dim(self) -> int:
        """D, of the embeddings it takes."""
        return self.unet.config.cond_dim

    @property
    def grid_shape(self) -> tuple[int, int, int, int]:
        """(1, R, R, R), of one sample."""
        return (1, *[self.unet.config.resolution] * 3)

    def denoiser(self) -> Denoiser:
        """The networks as a denoiser."""
        if self.guess is not None:
            return Refinement(self.guess, self.unet)
        return DENOISERS[self.prediction](self.unet, self.schedule)

    def loss(
        self,
        x_0: Tensor,
        cond: Tensor,
        t: Tensor,
        noise: Tensor,
        drop_cond: Tensor,
        *,
        cross_entropy: float = 0.0,
        full_weight: float = 1.0,
    ) -> Tensor:
        """Mean squared error of the prediction; arguments have a batch dimension.

        `cross_entropy` times the `sign_entropy` of the estimate of x_0 is added.
        """
        x_t = self.schedule.q_sample(x_0, t, noise)
        kind = DENOISERS[self.prediction]
        if self.guess is None and not cross_entropy:
            target = kind(self.unet, self.schedule).target(x_0, t, noise)
            answer = self.unet(x_t, t, cond, drop_cond)
            return (answer.float() - target).square().mean()
        estimate = self.denoiser()(x_t, t, cond, drop_cond).float()
        scale = kind.error_scale(*self.schedule.levels(t, x_0))
        loss = ((estimate - x_0) * scale).square().mean()
        if cross_entropy:
            loss = loss + cross_entropy * sign_entropy(estimate, x_0, full_weight)
        return loss

    def save(self, folder: str | Path) -> None:
        """Write config.json and a file of weights a network, so that none grows too large."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        files = {WEIGHTS: {n: value for n, value in state.items() if not n.startswith(GUESS)}}
        if self.guess is not None:
            files[GUESS_WEIGHTS] = {n: v for n, v in state.items() if n.startswith(GUESS)}
        for file, part in files.items():
            save_file(part, folder / file, metadata={"format": "pt"})
        config = {
            "kind": type(self).__name__,
            "space": self.space,
            "prediction": self.prediction,
            "schedule": self.schedule_name,
            "unet": asdict(self.unet.config),
            "guess": None if self.guess is None else asdict(self.guess.config),
            DIGESTS: {file: _digest(folder / file) for file in files},
        }
        text = json.dumps(config, sort_keys=True, indent=2)
        (folder / CONFIG).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path, space: str | None = None, device="cpu") -> VoxelDiffusion:
        """Load what `save` left in a folder, ready to sample.

        Raises:
            ValueError: if it is not there, does not fit its config, or belongs to another space.
        """
        folder = Path(folder)
        if not (folder / CONFIG).is_file() or not (folder / WEIGHTS).is_file():
            raise ValueError(f"There is no diffusion model in {folder}.")
        try:
            config = dict(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
            digests = dict(config.pop(DIGESTS, {}))
            model = cls._of_config(config)
            files = [WEIGHTS] if model.guess is None else [WEIGHTS, GUESS_WEIGHTS]
            weights = {}
            for file in files:
                _refuse_pointer(folder / file)
                weights |= load_file(folder / file)
            broken = [name for name, value in weights.items() if not value.isfinite().all()]
            if broken:
                raise ValueError(f"numbers that are not finite, as in {broken[0]}")
            model.load_state_dict(weights)
            others = [f for f in files if digests.get(f) not in (None, _digest(folder / f))]
            if others:
                raise ValueError(f"{others[0]} is not the one that {CONFIG} names")
        except UNREADABLE as error:
            reason = textwrap.shorten(str(error), 300)  # one line: the error may name every key
            raise ValueError(f"The diffusion model in {folder} cannot be read: {reason}") from error
        if space is not None and model.space != space:
            raise ValueError(
                f"The diffusion model in {folder} was trained on {model.space!r}, not {space!r}."
            )
        model = model.to(device=device, dtype=torch.float32).eval().requires_grad_(False)
        fast_layout(model.unet)
        return model

    @classmethod
    def _of_config(cls, config: dict) -> VoxelDiffusion:
        """A new model of the sizes that `save` wrote; JSON has lists for tuples."""
        kind, unet, guess = config.pop("kind", None), config.pop("unet"), config.pop("guess", None)
        if kind != cls.__name__:
            raise ValueError(f'{CONFIG} does not name its class: add "kind": "{cls.__name__}".')
        unet = {name: tuple(v) if isinstance(v, list) else v for name, v in unet.items()}
        guess = None if guess is None else GuessConfig(**guess)
        return cls(unet=UNetConfig(**unet), guess=guess, **config)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _refuse_pointer(file: Path) -> None:
    with file.open("rb") as opened:
        if opened.read(len(POINTER)) == POINTER:
            raise ValueError(f"{file.name} is only a Git LFS pointer: run “git lfs pull”.")
