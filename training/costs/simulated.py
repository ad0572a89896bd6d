"""A CUDA device that is not there: CPU tensors whose storages are marked as the device's.

    with simulated() as device:
        model.to("cuda")(x.to("cuda")).sum().backward()
        device.counts["wait"]

Two of PyTorch's own hooks watch. A `TorchFunctionMode` answers what Python asks of a tensor (where
it is, to move it, to make it on a device); a `TorchDispatchMode` sees what every kernel is given,
forwards and backwards. All values are real. What a device would refuse raises here too:

* a kernel that is given tensors of both sides (`MixedDevices`),
* numpy of a tensor of the device,
* draws on the device from a generator of the CPU.

Three marks: a storage is the device's, the CPU's (no mark), or nobody's yet: what autograd makes
from nothing, such as the zeros of an unused output, takes the side of what it meets.
"""

from __future__ import annotations

import contextlib
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.utils import clip_grad
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

ROOT = str(Path(__file__).resolve().parents[2])
CPU, DEVICE = torch.device("cpu"), torch.device("cuda", 0)
HERE, NOBODY = "device", "nobody"  # marks; the CPU's storages have none
aten = torch.ops.aten
WAITS = {  # these give Python a number, or a shape that depends on values: the host has to wait
    aten._local_scalar_dense.default,
    aten.nonzero.default,
    aten.masked_select.default,
    aten.equal.default,
    aten._unique2.default,
    aten.is_nonzero.default,
}
INDEXING = {"index", "_unsafe_index", "index_put", "index_put_", "_index_put_impl_"}
# A CPU number may meet tensors of a device, but not in these.
NO_NUMBERS = re.compile("mm|addmm|bmm|cat|stack|gather|scatter|index_select|index_add")
FREE = re.compile(  # what only looks at a tensor differently, or at nothing, starts no kernel
    "(view|_unsafe_view|reshape|_reshape_alias|expand|permute|transpose|t|slice|select|unsqueeze|"
    "squeeze|detach|alias|as_strided|split|split_with_sizes|unbind|chunk|unfold|diagonal|unflatten|"
    "lift_fresh|empty|empty_like|empty_strided|new_empty|new_empty_strided|set|resize|is_same_size|"
    "view_as_real|_local_scalar_dense)_?"
)


class MixedDevices(RuntimeError):
    """A kernel was given tensors of the CPU and of the device."""


class Device:
    """What happened on the simulated device.

    Attributes:
        counts: "launch" (kernels), "upload" and "download" (copies), "wait" (the host waits: to
            read a number, and for every copy but one from pinned memory that need not block).
        places: (kind, "file:line" of the project) -> how often, but for launches.
        bytes: what kernels read and wrote, each on its own.
        operations: of products and convolutions, as torch counts them; but it forgets the groups
            of a convolution's gradients.
    """

    def __init__(self):
        self.counts: Counter[str] = Counter()
        self.places: Counter[tuple[str, str]] = Counter()
        self.bytes = self.operations = 0
        self._marks: dict[int, tuple[StorageWeakRef, str]] = {}
        self._pinned: dict[int, StorageWeakRef] = {}
        self.sides: list[str | None] = []  # of the Python calls that are under way, see `_Python`
        self.copying = False

    def note(self, kind: str) -> None:
        """Count one event, and where the project caused it."""
        self.counts[kind] += 1
        if kind == "launch":
            return
        frame = sys._getframe(1)
        while frame and (
            not (name := frame.f_code.co_filename).startswith(ROOT) or name == __file__
        ):
            frame = frame.f_back
        self.places[kind, f"{name[len(ROOT) + 1 :]}:{frame.f_lineno}" if frame else "?"] += 1

    def reset(self) -> None:
        """Count from zero."""
        self.counts.clear()
        self.places.clear()
        self.bytes = self.operations = 0

    def mark_of(self, tensor: Tensor) -> str | None:
        """`HERE`, `NOBODY`, or None for the CPU's."""
        found = self._marks.get(tensor.untyped_storage()._cdata)
        return found and found[1]

    def pin(self, tensor: Tensor) -> Tensor:
        """The tensor in memory that the device can read by itself."""
        storage = tensor.untyped_storage()
        self._pinned = {k: v for k, v in self._pinned.items() if not v.expired()}
        self._pinned[storage._cdata] = StorageWeakRef(storage)
        return tensor

    def copied(self, source: Tensor, to_device: bool, non_blocking: bool) -> None:
        """Count a copy, and that the host waits for it, if it does."""
        self.note("upload" if to_device else "download")
        pinned = source.untyped_storage()._cdata in self._pinned
        if not (to_device and non_blocking and pinned):
            self.note("wait")

    def has(self, tensor: Tensor) -> bool:
        """Whether it is the device's."""
        return self.mark_of(tensor) == HERE

    def mark(self, tensor: Tensor, mark: str | None) -> None:
        """Say whose a tensor's storage is."""
        storage = tensor.untyped_storage()
        self._marks.pop(storage._cdata, None)
        if mark is not None:  # the weak reference keeps the address from being used again
            self._marks[storage._cdata] = (StorageWeakRef(storage), mark)
        if len(self._marks) > 50_000:
            kept = {key: v for key, v in self._marks.items() if not v[0].expired()}
            self._marks = kept


def _tensors(*values: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]


def _bytes(tensor: Tensor) -> int:
    """Of memory that a tensor lies in; what is expanded lies in less than it holds."""
    return min(tensor.numel() * tensor.element_size(), tensor.untyped_storage().nbytes())


def _convolution_backward(grad: Tensor, x: Tensor, weight: Tensor, *how: Any) -> int:
    """Operations of the gradients that are asked for: each as many as the convolution itself."""
    is_transposed, wanted = how[4], how[-1][:2]
    places = math.prod((x if is_transposed else grad).shape[2:])
    return sum(wanted) * 2 * len(x) * places * weight.numel()


def _is_device(name: Any) -> bool:
    return isinstance(name, str | torch.device) and torch.device(name).type == "cuda"


class _Kernels(TorchDispatchMode):
    """Every kernel: refuses mixed sides, counts, and marks what comes out."""

    def __init__(self, device: Device):
        super().__init__()
        self.device = device

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        device, kwargs = self.device, dict(kwargs or {})
        if torch.is_inference_mode_enabled():  # there, nobody took operators apart before
            with self:
                made = func.decompose(*args, **kwargs)
            if made is not NotImplemented:
                return made
        asked = _is_device(kwargs.get("device"))
        if asked:
            kwargs["device"] = CPU
        given = _tensors(args, kwargs)
        marks = [device.mark_of(tensor) for tensor in given]
        name = func._schema.name.removeprefix("aten::")
        if func is aten.copy_.default and marks[0] != marks[1] and NOBODY not in marks:
            non_blocking = args[2] if len(args) > 2 else kwargs.get("non_blocking", False)
            device.copied(args[1], marks[0] == HERE, non_blocking)
            return func(*args, **kwargs)
        launched = False
        if HERE in marks and name != "_has_compatible_shallow_copy_type":  # looks at types alone
            self._check(name, func, args, given, marks)
            if func in WAITS:
                device.note("wait")
            launched = not FREE.fullmatch(name) and not device.copying
        out = func(*args, **kwargs)
        if launched:
            device.note("launch")
            device.bytes += sum(map(_bytes, [*given, *_tensors(out)]))
        if func is aten.convolution_backward.default and HERE in marks:
            device.operations += _convolution_backward(*args)
        elif func.overloadpacket in flop_registry and HERE in marks:
            device.operations += flop_registry[func.overloadpacket](*args, **kwargs, out_val=out)
        side = HERE if asked else self._side(given, marks)
        for tensor in _tensors(out):
            if side is not None and device.mark_of(tensor) is None:
                device.mark(tensor, side)
        return out

    def _check(self, name, func, args, given, marks) -> None:
        if name in INDEXING:
            self._check_indexing(name, args)
            return
        strangers = [tensor for tensor, mark in zip(given, marks, strict=True) if mark is None]
        numbers = [tensor for tensor in strangers if tensor.ndim == 0]
        if len(numbers) < len(strangers) or (numbers and NO_NUMBERS.fullmatch(name)):
            sides = [(tuple(t.shape), m or "cpu") for t, m in zip(given, marks, strict=True)]
            raise MixedDevices(f"{func} was given {sides}")

    def _check_indexing(self, name, args) -> None:
        """CUDA takes CPU indices, and copies them; a mask has to be counted first."""
        device = self.device
        if device.mark_of(args[0]) is None:
            raise MixedDevices(f"{name}: the device indexes a tensor of the CPU")
        if "put" in name and device.mark_of(args[2]) is None and args[2].ndim > 0:
            raise MixedDevices(f"{name}: values of the CPU are put into a tensor of the device")
        for index in _tensors(args[1]):
            if device.mark_of(index) is None:
                device.copied(index, True, non_blocking=False)
            elif index.dtype in (torch.bool, torch.uint8):
                device.note("wait")

    def _side(self, given: list[Tensor], marks: list[str | None]) -> str | None:
        """The side of the result: that of the tensors with a size, else of the numbers."""
        if not given:
            return self.device.sides[-1] if self.device.sides else None
        sized = [mark for tensor, mark in zip(given, marks, strict=True) if tensor.ndim]
        deciding = sized or marks
        return HERE if HERE in deciding else NOBODY if None not in deciding else None


class _Copy(torch.autograd.Function):
    """A copy on the other side; its gradient is copied back."""

    @staticmethod
    def forward(ctx, x, device: Device, to_device: bool, non_blocking: bool):
        ctx.device, ctx.to_device = device, to_device
        device.copying = True  # the clone is the copy, no kernel
        try:
            out = x.detach().clone()
        finally:
            device.copying = False
        device.mark(out, HERE if to_device else None)
        device.copied(x, to_device, non_blocking)
        return out

    @staticmethod
    def backward(ctx, gradient):
        return _Copy.apply(gradient, ctx.device, not ctx.to_device, False), None, None, None


class _Python(TorchFunctionMode):
    """What Python asks of tensors: where they are, to move them, to make them on the device."""

    def __init__(self, device: Device):
        super().__init__()
        self.device = device

    def __torch_function__(self, func, types, args=(), kwargs=None):
        device, kwargs = self.device, dict(kwargs or {})
        name, first = getattr(func, "__name__", ""), args[0] if args else None
        if func == Tensor.device.__get__:
            return DEVICE if device.has(first) else CPU
        if func == Tensor.is_cuda.__get__:
            return device.has(first)
        if func == Tensor.is_cpu.__get__:
            return not device.has(first)
        if isinstance(first, Tensor):
            if name in ("numpy", "__array__") and device.has(first):
                raise TypeError(f"can't convert cuda:0 device type tensor to numpy ({name})")
            if name == "tolist" and device.has(first):
                device.note("wait")
            if name == "pin_memory":
                return device.pin(first.clone())
            if name == "is_pinned":
                return first.untyped_storage()._cdata in device._pinned
            if name in ("to", "cpu", "cuda"):
                return self._move(name, first, list(args[1:]), kwargs)
            if name == "__deepcopy__":
                copy = func(*args, **kwargs)
                device.mark(copy, device.mark_of(first))
                return copy
        if name == "_parse_to":  # reads the arguments of `Module.to`, and makes nothing
            return func(*args, **kwargs)
        return self._call(func, name, args, kwargs)

    def _call(self, func, name: str, args, kwargs):
        device, asked = self.device, _is_device(kwargs.get("device"))
        if asked:
            kwargs["device"] = CPU
        generator = kwargs.get("generator")
        on_device = asked or any(device.has(tensor) for tensor in _tensors(args, kwargs))
        if generator is not None and on_device != (generator.device.type == "cuda"):
            raise RuntimeError(f"The generator of {name} is on {generator.device}: the other side.")
        side = NOBODY if name == "backward" or name == "grad" else HERE if on_device else None
        makes = name in ("tensor", "as_tensor", "asarray")  # of numbers: on the CPU, then copied
        device.sides.append(None if makes else side)
        try:
            out = func(*args, **kwargs)
        finally:
            device.sides.pop()
        if asked and makes:
            device.copied(out, True, non_blocking=False)
            out = out.clone() if name != "tensor" else out
        for tensor in _tensors(out) if asked else ():
            device.mark(tensor, HERE)
        return out

    def _move(self, name: str, tensor: Tensor, args: list, kwargs: dict) -> Tensor:
        """`Tensor.to`, `cpu` and `cuda`: a change of type where the tensor is, then a copy."""
        device = self.device
        non_blocking = kwargs.pop("non_blocking", False)
        target = {"cpu": CPU, "cuda": DEVICE}.get(name) or kwargs.pop("device", None)
        if name == "to" and args and (args[0] is None or isinstance(args[0], str | torch.device)):
            target = args.pop(0)
        elif name == "to" and args and isinstance(args[0], Tensor):
            target = DEVICE if device.has(args[0]) else CPU
            args[0] = args[0].dtype
        dtypes = [a for a in (*args, kwargs.get("dtype")) if isinstance(a, torch.dtype)]
        named = {key: kwargs[key] for key in ("memory_format",) if kwargs.get(key) is not None}
        out = tensor
        if dtypes or named:
            with torch._C.DisableTorchFunctionSubclass():
                out = Tensor.to(tensor, *dtypes, **named)
        if kwargs.get("copy") and out is tensor:
            out = tensor.clone()
        wanted = device.has(tensor) if target is None else _is_device(target)
        if wanted == device.has(tensor):
            return out
        return _Copy.apply(out, device, wanted, non_blocking)


@contextlib.contextmanager
def simulated() -> Iterator[Device]:
    """Makes "cuda" the simulated device; yields its record."""
    device, autocast, load = Device(), torch.autocast, torch.load
    group = clip_grad._group_tensors_by_device_and_dtype

    class Autocast(autocast):
        def __init__(self, device_type, *args, **kwargs):
            super().__init__("cpu" if device_type == "cuda" else device_type, *args, **kwargs)

    def loaded(*args, map_location=None, **kwargs):
        if not _is_device(map_location):
            return load(*args, map_location=map_location, **kwargs)
        data = load(*args, map_location="cpu", **kwargs)
        for tensor in _tensors(data):  # all of them, step counters as well
            device.mark(tensor, HERE)
        return data

    class Generator(torch.Generator):
        """A CPU generator that claims to be the device's."""

        def __new__(cls, device="cpu"):
            made = super().__new__(cls, device="cpu")
            made.side = torch.device(device)
            return made

        device = property(lambda self: self.side)

    def grouped(*args, **kwargs):
        """Groups by device, which torch asks for below Python."""
        groups = group(*args, **kwargs)
        first = {key: lists[0][0] for key, (lists, _) in groups.items()}
        return {
            (DEVICE if device.has(first[key]) else key[0], key[1]): lists
            for key, lists in groups.items()
        }

    patches = {
        (clip_grad, "_group_tensors_by_device_and_dtype"): grouped,
        (torch, "autocast"): Autocast,
        (torch, "load"): loaded,
        (torch, "Generator"): Generator,
        (torch.cuda, "is_bf16_supported"): lambda including_emulation=True: True,
        (torch.cuda, "synchronize"): lambda *_: device.note("wait"),
        (torch.cuda, "Stream"): lambda *_: mock.Mock(),
        (torch.cuda, "current_stream"): lambda *_: mock.Mock(),
        (torch.cuda, "stream"): contextlib.nullcontext,
        (Tensor, "record_stream"): lambda *_: None,
        (torch.cuda, "get_device_name"): lambda *_: "a simulated device",
    }
    with contextlib.ExitStack() as stack:
        for (owner, name), value in patches.items():
            stack.enter_context(mock.patch.object(owner, name, value))
        stack.enter_context(_Kernels(device))
        stack.enter_context(_Python(device))
        yield device
