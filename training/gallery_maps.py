"""Draw the maps of a gallery again, keeping its embeddings: `python -m training.gallery_maps`.

    python -m training.gallery_maps --gallery assets/weights/gallery.npz

A map a space, by t-SNE of the embeddings that the space is searched by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cisp.gallery import load_gallery
from training.gallery_index import save_gallery
from training.measure.maps import draw_maps
from training.tools.command import run_command


@dataclass(frozen=True)
class GalleryMapsOptions:
    """Draw the maps of a gallery.

    Attributes:
        gallery: The npz file, which is rewritten.
    """

    gallery: Path = Path("assets/weights/gallery.npz")


def main(options: GalleryMapsOptions) -> None:
    """Read, draw, write."""
    gallery = load_gallery(options.gallery)
    gallery = replace(gallery, maps=draw_maps(gallery))
    size = save_gallery(gallery, options.gallery)
    print(f"{len(gallery)} shapes on maps of {', '.join(gallery.maps)}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    run_command(GalleryMapsOptions, main)
