"""A voxel diffusion model on disk: the network, what it predicts, and whose embeddings guide it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from diffusion.denoisers import DENOISERS, X0Denoiser
from diffusion.schedule import NoiseSchedule
from diffusion.unet import UNet3D, UNetConfig


class VoxelDiffusion(nn.Module, PyTorchModelHubMixin):
    """A U-Net with its process.

    Args:
        space: the embedding space that guides it, for example "cisp".
        unet: fields of `UNetConfig`.
        prediction: "x_0", "eps" or "v".
        schedule: "linear" or "cosine".
    """

    def __init__(
        self, *, space: str, unet: dict[str, Any], prediction: str = "x_0", schedule: str = "linear"
    ):
        super().__init__()
        if prediction not in DENOISERS:
            raise ValueError(
                f"Unknown prediction {prediction!r}; known are {', '.join(DENOISERS)}."
            )
        self.space, self.prediction = space, prediction
        self.schedule = NoiseSchedule.named(schedule)
        lists = {k: tuple(v) if isinstance(v, list) else v for k, v in unet.items()}
        self.unet = UNet3D(UNetConfig(**lists))  # a config read from JSON has lists

    @property
    def cond_dim(self) -> int:
        """D, of the embeddings it takes."""
        return self.unet.config.cond_dim

    @property
    def grid_shape(self) -> tuple[int, int, int, int]:
        """(1, R, R, R), of one sample."""
        return (1, *[self.unet.config.resolution] * 3)

    def denoiser(self) -> X0Denoiser:
        """The network as a denoiser."""
        return DENOISERS[self.prediction](self.unet, self.schedule)

    def loss(
        self, x_0: Tensor, cond: Tensor, t: Tensor, noise: Tensor, drop_cond: Tensor
    ) -> Tensor:
        """Mean squared error of the network's own target; all arguments have a batch dimension."""
        x_t = self.schedule.q_sample(x_0, t, noise)
        target = self.denoiser().target(x_0, t, noise)
        answer = self.unet(x_t, t, cond, drop_cond)
        return (answer.float() - target).square().mean()

    @classmethod
    def load(cls, folder: str | Path, space: str | None = None, device="cpu") -> VoxelDiffusion:
        """Load from a folder with config.json and model.safetensors, ready to sample.

        Raises:
            ValueError: if it is not there, does not fit its config, or belongs to another space.
        """
        folder = Path(folder)
        if not (folder / "config.json").is_file() or not (folder / "model.safetensors").is_file():
            raise ValueError(f"There is no diffusion model in {folder}.")
        try:
            model = cls(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
            cls._load_as_safetensor(model, folder / "model.safetensors", "cpu", strict=True)
        except (RuntimeError, TypeError, KeyError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"The diffusion model in {folder} cannot be read: {reason}") from error
        if space is not None and model.space != space:
            raise ValueError(
                f"The diffusion model in {folder} was trained on {model.space!r}, not {space!r}."
            )
        return model.to(device=device, dtype=torch.float32).eval().requires_grad_(False)

    @classmethod
    def _load_as_safetensor(cls, model, model_file, map_location, strict) -> VoxelDiffusion:
        """Called by `from_pretrained` too; strict whatever is asked for."""
        try:
            model.load_state_dict(load_file(model_file))
        except (RuntimeError, SafetensorError) as error:
            reason = textwrap.shorten(str(error), 300)  # one line of what can name every key
            raise ValueError(f"The weights cannot be loaded: {reason}") from error
        return model.to(map_location).eval()

    @classmethod
    def _load_as_pickle(cls, model, model_file, map_location, strict):
        """Called by `from_pretrained` where the hub has no safetensors file."""
        raise ValueError(f"{model_file} is not a safetensors file.")
