"""Sentences of the `batch` endpoint."""

from __future__ import annotations

NO_IMAGES = "Give at least one image."
TOO_MANY = "At most {most} images can be given at once."
API_BATCH = """Generate the CLIP- and the CISP-guided 3D shape of many images, all from one noise.

images: files (PNG, JPEG, WebP, GIF...), 64 at most. seed: 0 or more; the same seed gives the same
shapes. preset: "preview", "standard" or "full".

Returns a summary with an entry an image (hash of its shapes, seconds, IoU between the two, or the
`error` that says why an image cannot be used), and an NPZ with `spaces`, `images` and `occupancy`
(spaces, images, 1, R, R, R) bool, in the frame grid[x, y, z], +y up, front towards +x."""
