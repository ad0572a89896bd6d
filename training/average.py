"""Average the networks of two rounds of training, weight by weight.

    python -m training.average --first runs/1/weights --second runs/2/weights --out assets/weights

Weights that are trained further stay close to their start, so the mean of both works, and it keeps
what the second round forgets (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models",
equation 1). All else comes from the second round, except a gallery made with other towers.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from cisp.checkpoints import sign
from cisp.naming import SPACES
from training.tools.command import command_line, run_command, save_json
from training.tools.record import RECORD, read_record


@dataclass(frozen=True)
class AverageOptions:
    """Average networks of two rounds.

    Attributes:
        first: The weights that the second round started from.
        second: The weights of the second round.
        out: A new folder.
        share: Of the second round in the mean.
        folders: Of the networks: the towers, or diffusion-clip diffusion-cisp.
    """

    first: Path
    second: Path
    out: Path
    share: float = 0.5
    folders: tuple[str, ...] = SPACES


def average(first: Path, second: Path, share: float) -> dict[str, Tensor]:
    """The mean of two safetensors files, in the second's precision.

    Raises:
        ValueError: if they hold other tensors.
    """
    a, b = load_file(first), load_file(second)
    if {n: t.shape for n, t in a.items()} != {n: t.shape for n, t in b.items()}:
        raise ValueError(f"'{first}' and '{second}' hold different networks.")
    return {
        name: ((1 - share) * a[name].float() + share * new.float()).to(new.dtype)
        if new.is_floating_point()
        else new
        for name, new in b.items()
    }


def main(options: AverageOptions) -> None:
    """Copy the second round, average the networks, add this to the record."""
    if not 0 <= options.share <= 1:
        raise ValueError(f"--share must lie between 0 and 1, not {options.share}.")
    if options.out.exists():
        raise ValueError(f"'{options.out}' exists: choose another --out.")
    record = read_record(options.second)
    networks = []
    for folder in options.folders:
        found = sorted((options.second / folder).rglob("*.safetensors"))
        if not found:
            raise ValueError(f"'{options.second}' has no networks in {folder}.")
        networks += [file.relative_to(options.second) for file in found]
    missing = [str(path) for path in networks if not (options.first / path).is_file()]
    if missing:
        raise ValueError(f"'{options.first}' has no {', '.join(missing)}.")
    means = {
        path: average(options.first / path, options.second / path, options.share)
        for path in networks
    }  # before anything is written, as they may not fit
    outdated = {"gallery.npz", "attributes.npz"} if set(SPACES) & set(options.folders) else set()
    shutil.copytree(options.second, options.out, ignore=lambda *_: outdated)
    for path, mean in means.items():
        save_file(mean, options.out / path)
    for folder in {path.parent for path in means}:
        sign(options.out / folder)
    done = {"command": command_line("training.average"), "share": options.share}
    done["folders"] = list(options.folders)
    save_json(options.out / RECORD, [*record, {"average": done}])
    if outdated:
        print(f"The gallery of {options.out} is to be made: python -m training.gallery_index")


if __name__ == "__main__":
    run_command(AverageOptions, main)
