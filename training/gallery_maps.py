"""Draw the maps of a gallery again, keeping its embeddings: `python -m training.gallery_maps`.

    python -m training.gallery_maps --gallery assets/weights/gallery.npz

A map a space, by t-SNE of the embeddings that the space is searched by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from cisp.gallery import Gallery, load_gallery
from training.measure.tsne import principal_components, tsne
from training.tools.command import run_command

PERPLEXITY = 30.0
FEWEST = 10  # shapes that a map is drawn of


@dataclass(frozen=True)
class Options:
    """Draw the maps of a gallery.

    Attributes:
        gallery: The npz file, which is rewritten.
    """

    gallery: Path = Path("assets/weights/gallery.npz")


def draw_maps(gallery: Gallery) -> dict[str, np.ndarray]:
    """Lay the shapes out on a map of each space.

    All maps start from the same places, the principal components of all spaces together. A kind of
    shape then lies in about the same region of each, and what differs is what the spaces think.

    Returns:
        A space to (N, 2) float32, centred in [-1, 1]; empty for fewer than `FEWEST` shapes.
    """
    if len(gallery) < FEWEST:
        return {}
    embeds = {space: torch.from_numpy(gallery.searched(space)) for space in gallery.spaces}
    start = principal_components(torch.cat(list(embeds.values()), 1))
    perplexity = min(PERPLEXITY, (len(gallery) - 1) / 3)
    maps = {}
    for space, points in embeds.items():
        places = tsne(points.float(), start, perplexity=perplexity).numpy()
        low, high = places.min(0), places.max(0)
        maps[space] = (places - (low + high) / 2) * (2 / max((high - low).max(), 1e-12))
    return maps


def main(options: Options) -> None:
    """Read, draw, write."""
    from training.gallery_index import save_gallery

    gallery = load_gallery(options.gallery)
    gallery = replace(gallery, maps=draw_maps(gallery))
    size = save_gallery(gallery, options.gallery)
    print(f"{len(gallery)} shapes on maps of {', '.join(gallery.maps)}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    run_command(Options, main)
