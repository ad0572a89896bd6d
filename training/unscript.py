"""Take the weights out of a CLIP that OpenAI publishes as a TorchScript program (.pt).

    python -m training.unscript ViT-B-32.pt ViT-B-32.safetensors

Then name the file with a model of QuickGELU, as OpenAI's are:
`--spaces openclip:ViT-B-32-quickgelu/ViT-B-32.safetensors`. A program can do anything when it is
loaded: only use this on a file you trust.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from tyro.conf import Positional

from training.tools.command import atomic_path, run_command

NO_WEIGHTS = ("input_resolution", "context_length", "vocab_size")  # stored beside the weights


@dataclass(frozen=True)
class UnscriptOptions:
    """Take the weights out of a TorchScript program.

    Attributes:
        program: OpenAI's file.
        out: The safetensors file to write.
    """

    program: Positional[Path]
    out: Positional[Path]


def main(options: UnscriptOptions) -> None:
    """Load, take, write."""
    from safetensors.torch import save_file

    try:
        state = torch.jit.load(options.program, map_location="cpu").state_dict()
    except RuntimeError as error:
        raise ValueError(f"{options.program} is not a TorchScript program.") from error
    weights = {name: v.contiguous() for name, v in state.items() if name not in NO_WEIGHTS}
    with atomic_path(options.out) as temporary:
        save_file(weights, temporary, metadata={"format": "pt"})
    print(f"{len(weights)} tensors: {options.out}")


if __name__ == "__main__":
    run_command(UnscriptOptions, main)
