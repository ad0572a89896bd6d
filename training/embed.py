"""Embeds pictures: `python -m training.embed --images DIR_OR_FILES... --spaces clip,cisp --out X`.

The npz holds one array (images, D) a space under the space's name, unit vectors in float32, and
`images`, their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cisp.boxes import Box
from cisp.naming import AUTOMATIC, Way
from diffusion.devices import pick_device
from training.tools.command import parse_spaces, run_command, save_npz


@dataclass(frozen=True)
class EmbedOptions:
    """Embed pictures in one or more spaces.

    Attributes:
        images: Pictures, or folders that are searched for pictures all the way down.
        out: The npz file to write.
        spaces: Names separated by commas: clip, cisp, openclip:MODEL/TAG or openclip:MODEL/FILE.
        cut_out: What pictures are cut out by: alpha, ink or a plain ground (plain), a learned mask
            (mask), nothing (whole), or whatever suits each (automatic).
        box: What counts of every picture: left, top, right and bottom in percent of it, such as
            10,20,60,90; all by default.
        weights: The folder of the trained weights.
        device: auto, cpu, cuda or mps.
    """

    images: tuple[Path, ...]
    out: Path
    spaces: str = "clip,cisp"
    cut_out: Way = AUTOMATIC
    box: str = ""
    weights: Path = Path("assets/weights")
    device: str = "auto"


def main(options: EmbedOptions) -> None:
    """Finds, embeds, saves."""
    from cisp.spaces import load_space
    from training.data.inputs import embed_files, find_images

    device, box = pick_device(options.device), Box.from_text(options.box)
    files = find_images(options.images)
    spaces = [load_space(s, options.weights, device) for s in parse_spaces(options.spaces)]
    embedded = embed_files(files, spaces, device, way=options.cut_out, box=box)
    save_npz(options.out, images=np.array(embedded.names), **embedded.embeds)
    print(f"{len(embedded.names)} pictures in {len(spaces)} spaces: {options.out}")


if __name__ == "__main__":
    run_command(EmbedOptions, main)
