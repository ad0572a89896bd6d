"""Where models run."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def pick_device(name: str = "auto") -> torch.device:
    """Turn "auto", "cpu", "cuda", "cuda:1" or "mps" into a device that is available.

    Raises:
        ValueError: if it is not.
    """
    if name == "auto":
        mps = torch.backends.mps.is_available()
        name = "cuda" if torch.cuda.is_available() else "mps" if mps else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"The device '{name}' is not available here.") from error
    return device


def device_name(device: torch.device) -> str:
    """What the machine calls its device."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {torch.get_num_threads()} threads"


def upload(tensor: Tensor, device: torch.device | str) -> Tensor:
    """A CPU tensor on a device; the host does not wait for the copy.

    CUDA reads pinned memory by itself. Before it copies any other, the host waits until the device
    has done all that it was given.
    """
    device = torch.device(device)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def fast_layout(network: nn.Module) -> nn.Module:
    """The network, on CUDA with channels last: what its convolutions compute in."""
    if next(network.parameters()).device.type == "cuda":
        network.to(memory_format=torch.channels_last_3d)
    return network


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device computes in bfloat16 itself; a CPU that emulates it is many times slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
