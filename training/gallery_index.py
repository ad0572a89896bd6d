"""Write the gallery that pictures are searched in: `python -m training.gallery_index`.

    python -m training.gallery_index --cache runs/data --weights assets/weights

Procedural shapes that no tower was trained on, embedded in both spaces: by their grids in CISP, and
by the mean embedding of their pictures in CLIP and CISP, and laid out on a map of each space.
`cisp.gallery` reads it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cisp.embedder import EncodesShapes
from cisp.gallery import Gallery, gallery_arrays, tower_digest
from cisp.spaces import load_spaces
from diffusion.devices import pick_device
from diffusion.grids.frame import pack_bits
from training.data.cache import DataCache
from training.data.embeddings import embed_shapes, embed_views, mean_embeds, procedural_cache
from training.data.procedural import DEFAULT_COUNT, FIRST_SEED
from training.measure.maps import draw_maps
from training.tools.command import atomic_path, run_command

MOST_BYTES = 8_000_000  # of the file
MOST_SHAPES = 2600


@dataclass(frozen=True)
class GalleryIndexOptions:
    """Write the gallery index.

    Attributes:
        cache: The folder of the drawn splits; what is missing is drawn there first.
        weights: The folder of the trained weights.
        out: The npz file to write; gallery.npz among the weights if not given.
        split: Which shapes: train, val or test.
        count: The first so many of the split; the cache must hold exactly these. All if not given.
        device: auto, cpu, cuda or mps.
    """

    cache: Path = Path("runs/data")
    weights: Path = Path("assets/weights")
    out: Path | None = None
    split: str = "test"
    count: int | None = None
    device: str = "auto"


def build_gallery(cache: DataCache, spaces: dict[str, Any], weights: Path) -> Gallery:
    """Embed the first `MOST_SHAPES` of a cache and all their pictures, and draw the maps.

    Args:
        cache: the shapes.
        spaces: by name, with shape towers or without.
        weights: where the spaces come from.
    """
    grids, cutouts = cache.grids[:MOST_SHAPES], cache.cutouts[:MOST_SHAPES]
    embeds = {}
    for name, space in spaces.items():
        if isinstance(space, EncodesShapes):
            embeds[f"{name}/shape"] = embed_shapes(space, grids)
        embeds[f"{name}/image"] = mean_embeds(embed_views(space, cutouts, range(cutouts.shape[1])))
    gallery = Gallery(
        ids=tuple(cache.ids[:MOST_SHAPES]),
        categories=tuple(cache.categories[:MOST_SHAPES]),
        subtypes=tuple(cache.subtypes[:MOST_SHAPES]),
        bits=pack_bits(grids > 0),
        resolution=grids.shape[1],
        embeds=embeds,
        towers={name: tower_digest(weights, name) for name in spaces},
    )
    return replace(gallery, maps=draw_maps(gallery))


def save_gallery(gallery: Gallery, path: Path) -> int:
    """Write the npz whole or not at all, and return its size in bytes.

    Raises:
        ValueError: if it would have more than `MOST_BYTES`.
    """
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **gallery_arrays(gallery))
    size = packed.getbuffer().nbytes
    if size > MOST_BYTES:
        raise ValueError(
            f"A gallery of {len(gallery)} shapes takes {size / 1e6:.1f} MB, and "
            f"{MOST_BYTES / 1e6:.0f} MB are allowed: take fewer shapes."
        )
    with atomic_path(path) as temporary:
        temporary.write_bytes(packed.getvalue())
    return size


def main(options: GalleryIndexOptions) -> None:
    """Draw what is missing, embed, save."""
    if options.split not in FIRST_SEED:
        raise ValueError(f"--split is one of {', '.join(FIRST_SEED)}, not '{options.split}'.")
    count = DEFAULT_COUNT[options.split] if options.count is None else options.count
    device = pick_device(options.device)
    spaces = load_spaces(options.weights, device)
    cache = procedural_cache(options.cache, options.split, count)
    out = options.out or options.weights / "gallery.npz"
    gallery = build_gallery(cache, spaces, options.weights)
    size = save_gallery(gallery, out)
    print(f"{len(gallery)} shapes, {', '.join(gallery.embeds)}: {size / 1e6:.1f} MB in '{out}'")


if __name__ == "__main__":
    run_command(GalleryIndexOptions, main)
