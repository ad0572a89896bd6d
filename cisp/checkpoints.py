"""Save towers and load them strictly; fetch files from the hub, failing fast offline.

A configuration holds the SHA-256 of the weights beside it, so that those of another tower of the
same size, which would fit, are noticed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from cisp.pointers import refuse_pointer

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=nn.Module)

CONFIG, WEIGHTS = "config.json", "model.safetensors"
DIGESTS = "sha256"  # file name -> digest, in a configuration; older ones have none


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], source: str | Path) -> None:
    """Load a state dict that must fit exactly; float16 values go into float32 modules.

    Args:
        module: takes the values, in its own precision.
        state: the values by name.
        source: what to call them in the error.

    Raises:
        ValueError: a key is missing, extra or mis-shaped, or a number is not finite. The module is
            then unchanged.
    """
    broken = [key for key, value in state.items() if not _is_finite(value)]
    if broken:
        raise ValueError(f"The weights {source} hold numbers that are not finite: {broken[0]}.")
    own = module.state_dict()
    faults = {
        "missing": own.keys() - state.keys(),
        "unknown": state.keys() - own.keys(),
        "of another shape": {
            k for k in own.keys() & state.keys() if own[k].shape != state[k].shape
        },
    }
    parts = []
    for fault, keys in faults.items():
        if keys:
            more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
            parts.append(f"{', '.join(sorted(keys)[:3])}{more} {fault}")
    if parts:
        name = type(module).__name__
        raise ValueError(f"The weights {source} do not fit {name}: {'; '.join(parts)}.")
    module.load_state_dict(state)


def _is_finite(values: Tensor) -> bool:
    return not values.is_floating_point() or bool(values.isfinite().all())


def load_tower(kinds: type[T] | tuple[type[T], ...], folder: str | Path) -> T:
    """Load what `save_tower` left in a local folder, for evaluation; never asks the hub.

    Args:
        kinds: the expected class, or several; the configuration names one of them.
        folder: holds the configuration and the weights.

    Raises:
        ValueError: the folder, its configuration or its weights are absent or do not fit.
    """
    folder = Path(folder)
    for file in (CONFIG, WEIGHTS):
        if not (folder / file).is_file():
            raise ValueError(f"There is no {file} in {folder}.")
    known = {kind.__name__: kind for kind in (kinds if isinstance(kinds, tuple) else (kinds,))}
    try:
        config = dict(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
        kind, digests = config.pop("kind", None), dict(config.pop(DIGESTS, {}))
        if kind not in known:
            raise ValueError("add " + " or ".join(f'"kind": "{name}"' for name in known))
        tower = known[kind](known[kind].Config(**config))
    except (ValueError, TypeError, RuntimeError, AttributeError, ArithmeticError) as error:
        names = " or ".join(known)
        raise ValueError(f"{folder / CONFIG} does not describe a {names}: {error}.") from error
    refuse_pointer(folder / WEIGHTS)
    try:
        state = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"The weights {folder / WEIGHTS} cannot be read: {error}.") from error
    load_strictly(tower, state, folder / WEIGHTS)
    if digests.get(WEIGHTS) not in (None, _digest(folder / WEIGHTS)):
        raise ValueError(f"The weights {folder / WEIGHTS} are not those that {CONFIG} names.")
    return tower.eval()


def save_tower(tower: nn.Module, folder: str | Path, *, half: bool = False) -> None:
    """Write a module's class and configuration to config.json, its weights beside it.

    Args:
        tower: with a `config`, an instance of its class' dataclass `Config`.
        folder: made if absent.
        half: store float16: half the size; loads into float32 modules again.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        key: (value.half() if half and value.is_floating_point() else value).cpu().contiguous()
        for key, value in tower.state_dict().items()
    }
    (folder / WEIGHTS).write_bytes(save(state, metadata={"format": "pt"}))
    config = {"kind": type(tower).__name__, **asdict(tower.config)}
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    sign(folder)


def sign(folder: str | Path) -> None:
    """Write the digests of all weights of a folder into its configuration, once they are right."""
    path = Path(folder) / CONFIG
    config = json.loads(path.read_text(encoding="utf-8"))
    config[DIGESTS] = {f.name: _digest(f) for f in sorted(path.parent.glob("*.safetensors"))}
    path.write_text(json.dumps(config, sort_keys=True, indent=2) + "\n", encoding="utf-8")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def hub_file(repo: str, filename: str, timeout: float = 5.0) -> Path | None:
    """A file of the hub: from the local cache, else downloaded, else None.

    The hub's own client retries for half a minute when there is no network; one short request
    checks the network first.

    Args:
        repo: owner/name.
        filename: within the repository.
        timeout: seconds to wait for the hub's first answer.
    """
    from huggingface_hub import constants, get_session, hf_hub_download, try_to_load_from_cache

    cached = try_to_load_from_cache(repo, filename)
    if isinstance(cached, str):
        return Path(cached)
    try:
        get_session().head(constants.ENDPOINT, timeout=timeout)
        return Path(hf_hub_download(repo, filename))
    except Exception as error:  # the hub's HTTP library, and so its errors, differ by version
        logger.info("%s of %s: %s", filename, repo, error)
        return None
