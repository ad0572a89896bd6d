"""What the simulated device refuses, counts and knows, against what CUDA is documented to do."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from diffusion.devices import upload
from training.costs.simulated import MixedDevices, simulated

CUDA = torch.device("cuda", 0)


def on_device(*shape: int) -> torch.Tensor:
    return torch.rand(shape, device="cuda")


MIXED = {
    "a sum": lambda: on_device(3) + torch.ones(3),
    "a product": lambda: on_device(2, 3) @ torch.ones(3, 2),
    "a layer": lambda: torch.nn.Linear(3, 2).to("cuda")(torch.ones(1, 3)),
    "a choice": lambda: torch.where(on_device(3) > 0.5, on_device(3), torch.zeros(3)),
    "a row": lambda: torch.cat([on_device(1, 3), torch.zeros(1, 3)]),
    "numbers in a row": lambda: torch.stack([on_device(1)[0], torch.tensor(1.0)]),
    "an index of the device": lambda: torch.arange(3)[torch.zeros(2, dtype=int, device="cuda")],
    "values put": lambda: on_device(3).index_put_((torch.tensor([0, 1]),), torch.ones(2)),
    "in place": lambda: on_device(3).add_(torch.ones(3)),
    "a loss": lambda: F.cross_entropy(on_device(2, 3), torch.tensor([0, 1])),
}


@pytest.mark.parametrize("kind", MIXED)
def test_tensors_of_both_sides_are_refused(kind):
    with simulated(), pytest.raises(MixedDevices, match=r"cpu|CPU"):
        MIXED[kind]()


def test_gradients_are_of_the_side_of_what_they_belong_to():
    with simulated():
        weight = on_device(3, 3).requires_grad_()
        (unused, used) = (weight @ on_device(3, 2)).unbind(1)  # the other's gradient is all zeros
        used.square().sum().backward()
        assert weight.grad.device == CUDA
        assert unused.device == CUDA
        with pytest.raises(MixedDevices):
            weight.grad + torch.ones(3, 3)
        moved = torch.ones(3, requires_grad=True)
        moved.to("cuda").sum().backward()
        assert moved.grad.device.type == "cpu"
        torch.testing.assert_close(moved.grad, torch.ones(3))


def test_what_the_host_cannot_read_is_refused():
    with simulated():
        x = on_device(3)
        for read in (x.numpy, lambda: np.asarray(x), x.detach().numpy):
            with pytest.raises(TypeError, match="numpy"):
                read()
        assert x.cpu().numpy().shape == (3,)


def test_draws_need_a_generator_of_their_side():
    with simulated():
        ours, theirs = torch.Generator(), torch.Generator(device="cuda")
        for generator, device in ((ours, "cuda"), (theirs, "cpu")):
            with pytest.raises(RuntimeError, match="generator"):
                torch.rand(3, device=device, generator=generator)
        with pytest.raises(RuntimeError, match="generator"):
            on_device(3).normal_(generator=ours)
        assert torch.rand(3, device="cuda", generator=theirs.manual_seed(0)).is_cuda


def test_tensors_know_where_they_are():
    with simulated():
        x = on_device(2, 3)
        looks = [x.T, x[0], x[:, None], x.view(3, 2), x.detach(), x.half(), x.to(torch.int64)]
        made = [x.new_zeros(2), torch.zeros_like(x), torch.arange(3, device=x.device), x + 1]
        made += [torch.tensor([1.0], device="cuda"), x.to(torch.ones(1).dtype), x.to(x)]
        made += [torch.as_tensor(np.ones(2), device="cuda"), copy.deepcopy(x), x.sum()]
        affine = F.affine_grid(torch.eye(2, 3)[None].to(x), [1, 1, 4, 4], align_corners=False)
        assert all(tensor.device == CUDA for tensor in [*looks, *made, affine])
        there_and_back = x.cpu()
        assert there_and_back.device.type == x.to("cpu").device.type == "cpu"
        assert x.is_cuda
        assert torch.equal(there_and_back, x.cpu())
        module = torch.nn.BatchNorm1d(3).to("cuda")
        assert {t.device for t in module.state_dict().values()} == {CUDA}


def test_a_file_is_loaded_to_the_device(tmp_path):
    torch.save({"a": torch.ones(3), "step": torch.tensor(1.0)}, tmp_path / "x.pt")
    with simulated():
        loaded = torch.load(tmp_path / "x.pt", map_location=CUDA)
        assert loaded["a"].is_cuda
        assert loaded["step"].is_cuda
    assert not torch.load(tmp_path / "x.pt")["a"].is_cuda


WAITING = {
    "item": lambda x: x.sum().item(),
    "float": lambda x: float(x[0]),
    "if": lambda x: bool((x > 0).all()),
    "tolist": lambda x: x.tolist(),
    "a mask": lambda x: x[x > 0.5],
    "nonzero": lambda x: x.nonzero(),
    "equal": lambda x: torch.equal(x, x + 0),
    "a copy to the CPU": lambda x: x.cpu(),
    "a copy from memory that is not pinned": lambda x: torch.ones(4).to(x, non_blocking=True),
    "a copy that blocks": lambda x: torch.ones(4).pin_memory().to(x),
    "an index of the CPU": lambda x: x[torch.tensor([0])],
    "numbers": lambda x: torch.tensor([1.0], device=x.device),
    "synchronize": lambda x: torch.cuda.synchronize(),
}


@pytest.mark.parametrize("kind", WAITING)
def test_waiting_is_seen_and_where(kind):
    with simulated() as device:
        x = on_device(4)
        device.reset()
        WAITING[kind](x)
        assert device.counts["wait"] == 1
        ((what, where),) = [place for place in device.places if place[0] == "wait"]
        assert what == "wait"
        assert re.fullmatch(r"tests/cuda/test_simulated\.py:\d+", where)


def test_launches_and_copies_are_counted():
    with simulated() as device:
        x = torch.ones(3).to("cuda")
        y = (x + 1).view(3, 1)  # one kernel; a view is none
        y[torch.tensor([0, 2])].cpu()  # the index is copied, one kernel, copied back
        z = torch.zeros(3)
        z.copy_(x)
        assert device.counts == {"upload": 2, "launch": 2, "download": 2, "wait": 4}


def test_inference_is_counted_as_training_is():
    """Operators reach the device whole there: a layer, `item`."""
    layer = torch.nn.Linear(4, 3)
    seen = []
    for mode in (torch.enable_grad, torch.inference_mode):
        with simulated() as device:
            on_it, x = layer.to("cuda"), on_device(5, 4)
            device.reset()
            with mode():
                assert on_it(x).sum().item() is not None
            seen.append((device.counts, device.operations))
        layer.to("cpu")
    assert seen[0] == seen[1]
    assert seen[0][0]["wait"] == 1
    assert seen[0][1] == 2 * 5 * 4 * 3


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_the_groups_of_a_convolution_save_operations_backwards_too(groups):
    layer = torch.nn.Conv2d(6, 12, 3, padding=1, groups=groups, bias=False)
    with simulated() as device:
        x = on_device(2, 6, 5, 4).requires_grad_()
        on_it = layer.to("cuda")
        device.reset()
        made = on_it(x)
        forwards = device.operations
        made.sum().backward()
    assert forwards == 2 * (2 * 5 * 4) * 12 * (6 // groups) * 9
    assert device.operations == 3 * forwards  # the picture's gradient, and the weights'


def test_pinned_memory_is_copied_without_waiting():
    with simulated() as device:
        made = upload(torch.arange(3), "cuda")
        assert made.is_cuda
        assert device.counts == {"upload": 1}
        assert made.tolist() == [0, 1, 2]


def test_values_are_those_of_the_cpu():
    """The same network and step, plain and simulated."""

    def step(device: str):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.SiLU(), torch.nn.Flatten())
        model = model.to(device)
        optimiser = torch.optim.AdamW(model.parameters())
        model(torch.ones(2, 1, 8, 8).to(device)).square().mean().backward()
        optimiser.step()
        return [p.detach().cpu() for p in model.parameters()]

    plain = step("cpu")
    with simulated():
        watched = step("cuda")
    assert all(torch.equal(a, b) for a, b in zip(plain, watched, strict=True))
