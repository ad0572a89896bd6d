"""One training run on several devices or hosts, by torch's own engine.

    torchrun --nproc_per_node=N -m training.train_diffusion ...

Every process holds a replica and sees its own part of each batch; gradients are averaged after each
backward pass, so that replicas stay equal. In a run of one process nothing here does anything.
Contrastive losses compare across the whole batch: `gathered` brings the embeddings of all processes
together, gradients included.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_gather

from diffusion.devices import pick_device

PATIENCE = timedelta(hours=12)  # the others wait while one process computes features


def world_size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Which of them this one is, from 0; only rank 0 writes files and prints."""
    return dist.get_rank() if dist.is_initialized() else 0


@contextlib.contextmanager
def process_group(device_name: str) -> Iterator[torch.device]:
    """Join the processes that torchrun started, if it did; yields this process's own device.

    Args:
        device_name: what was asked for, see `pick_device`; of several CUDA devices each process
            takes its own, before anything else is done on one.

    Raises:
        ValueError: the device is not there.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield pick_device(device_name)
        return
    if device_name in ("auto", "cuda") and torch.cuda.is_available():
        device_name = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device_name)
    device = pick_device(device_name)
    backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, timeout=PATIENCE)
    try:
        yield device
    finally:
        dist.destroy_process_group()


def wait() -> None:
    """Wait until every process has come here."""
    if world_size() > 1:
        dist.barrier()


def gathered(embeds: Tensor) -> Tensor:
    """The rows (B, D) of all processes, (W B, D), in the order of their ranks.

    Its gradient flows back to each process's own rows from the losses of all. A loss that every
    process computes on the whole batch therefore gives W times the gradient on its own rows, and
    the average over processes gives the gradient of the one loss on the whole batch.
    """
    return torch.cat(all_gather(embeds.contiguous())) if world_size() > 1 else embeds


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace every gradient by its mean over all processes.

    What has none is left without, as in one process: a gradient of zeros would let the optimiser
    decay weights that no batch uses. All processes must run the same graph.
    """
    if world_size() == 1:
        return
    parameters = [parameter for parameter in parameters if parameter.grad is not None]
    grads = [parameter.grad for parameter in parameters]
    flat = torch.cat([grad.flatten() for grad in grads])  # one message instead of hundreds
    dist.all_reduce(flat)
    flat /= world_size()
    means = flat.split([grad.numel() for grad in grads])
    for parameter, grad, mean in zip(parameters, grads, means, strict=True):
        parameter.grad = grad.copy_(mean.view_as(grad))  # in the layout that the optimiser expects


def agreed(value: float) -> float:
    """The value of the process of rank 0, for decisions by the clock."""
    if world_size() == 1:
        return value
    tensor = torch.tensor(value, dtype=torch.float64)  # on the CPU: no device is waited for
    dist.broadcast(tensor, src=0)
    return tensor.item()


def step_generator(
    seed: int,
    step: int,
    stream: int = 0,
    *,
    own: bool = False,
    device: torch.device | str = "cpu",
) -> torch.Generator:
    """The generator of a step's draws: one a stream, the same at every call.

    Args:
        seed: of the run.
        step: of the run.
        stream: what is drawn; streams share no draws.
        own: whether each process draws other numbers. Draws for the whole batch, of which each
            process takes `own_rows`, do not depend on how many processes there are.
        device: where it draws.
    """
    # torch's Mersenne Twister takes 32 bits, which must depend on every bit of the seed.
    mixed = np.random.SeedSequence(seed, spawn_key=(rank() if own else 0, step, stream))
    return torch.Generator(device=device).manual_seed(int(mixed.generate_state(1)[0]))


def own_rows(whole: Tensor) -> Tensor:
    """This process's part of the rows of a batch, see `own_part`."""
    return whole[own_part(len(whole))]


def own_part(batch_size: int) -> slice:
    """Which rows of a batch are this process's.

    Raises:
        ValueError: if the batch cannot be dealt out evenly.
    """
    part, rest = divmod(batch_size, world_size())
    if rest or not part:
        raise ValueError(
            f"A batch of {batch_size} cannot be dealt to {world_size()} processes: "
            f"give a --batch-size that is a multiple of {world_size()}."
        )
    return slice(rank() * part, (rank() + 1) * part)
