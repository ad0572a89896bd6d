"""Maps of a gallery: its shapes laid out by their embeddings in each space."""

from __future__ import annotations

import numpy as np
import torch

from cisp.gallery import Gallery
from training.measure.tsne import principal_components, tsne

PERPLEXITY = 30.0
FEWEST = 10  # shapes that a map is drawn of


def draw_maps(gallery: Gallery) -> dict[str, np.ndarray]:
    """Lay the shapes out on a map of each space.

    All maps start from the same places, the principal components of all spaces together. A kind of
    shape then lies in about the same region of each, and all differences come from the spaces.

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
