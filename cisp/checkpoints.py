"""Weights on disk and on the hub: strict loading, half-precision saving, quick failure offline."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Self, TypeVar

from huggingface_hub import PyTorchModelHubMixin
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=nn.Module)

CONFIG, WEIGHTS = "config.json", "model.safetensors"


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], source: str | Path) -> None:
    """Load a state dict that must fit exactly; float16 values go into float32 modules.

    Args:
        module: takes the values, in its own precision.
        state: the values by name.
        source: what to call them in the error.

    Raises:
        ValueError: a key is missing, extra or mis-shaped. The module is then unchanged.
    """
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


class StrictHubMixin(PyTorchModelHubMixin):
    """`PyTorchModelHubMixin` that never loads weights that fit only in part, nor a pickle."""

    @classmethod
    def _load_as_safetensor(
        cls, model: Self, model_file: str, map_location: str, strict: bool
    ) -> Self:
        """Called by `from_pretrained`; strict whatever is asked for."""
        load_strictly(model, _read(model_file), model_file)
        return model.to(map_location).eval()

    @classmethod
    def _load_as_pickle(cls, model: Self, model_file: str, map_location: str, strict: bool) -> Self:
        raise ValueError(f"{model_file} is not a safetensors file.")


def load_tower(tower: type[T], folder: str | Path) -> T:
    """Load a tower from a local folder; never asks the hub.

    Raises:
        ValueError: the folder, its configuration or its weights are absent or do not fit.
    """
    folder = Path(folder)
    for file in (CONFIG, WEIGHTS):
        if not (folder / file).is_file():
            raise ValueError(f"There is no {file} in {folder}.")
    try:
        module = tower(**json.loads((folder / CONFIG).read_text(encoding="utf-8")))
    except (ValueError, TypeError, RuntimeError) as error:
        name = tower.__name__
        raise ValueError(f"{folder / CONFIG} does not describe a {name}: {error}.") from error
    load_strictly(module, _read(folder / WEIGHTS), folder / WEIGHTS)
    return module.eval()


def _read(file: str | Path) -> dict[str, Tensor]:
    try:
        return load_file(file)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"The weights {file} cannot be read: {error}.") from error


def save_half(tower: StrictHubMixin, folder: str | Path) -> None:
    """Save as `save_pretrained` does, with float16 weights and no model card.

    Half the size; loads into float32 modules again.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        key: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for key, value in tower.state_dict().items()
    }
    (folder / WEIGHTS).write_bytes(save(state, metadata={"format": "pt"}))
    config = json.dumps(tower._hub_mixin_config, sort_keys=True, indent=2)
    (folder / CONFIG).write_text(config + "\n", encoding="utf-8")


def hub_file(repo: str, filename: str, timeout: float = 5.0) -> Path | None:
    """A file of the hub: from the local cache, else downloaded, else None.

    The hub's own client retries for half a minute when there is no network; one short request
    finds out first.

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
