"""A published CLIP in small: a configuration that open_clip knows, and files of random weights."""

from __future__ import annotations

import json
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file

NAME = "tiny-published-clip"
CONFIG = {
    "embed_dim": 20,
    "vision_cfg": {"image_size": 48, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}


def publish(folder: Path, seed: int = 0) -> tuple[torch.nn.Module, Path]:
    """Makes open_clip know the model; returns one with random weights, and a file with these."""
    config = folder / f"{NAME}.json"
    config.write_text(json.dumps(CONFIG))
    open_clip.add_model_config(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = open_clip.create_model(NAME).eval()
    file = folder / "weights.safetensors"
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, file)
    return model, file
