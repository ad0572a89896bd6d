"""What an image tower is given of a picture."""

from __future__ import annotations

from cisp.images import all_pixels, cutouts


def shown(space, picture):
    """Pixels (V, 3, S, S) of the cut-outs of a picture in the size of a space."""
    return all_pixels(cutouts(picture, [space.image_size])[space.image_size])
