from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw

from cisp.images import GREY, cutout, to_pixels


def test_alpha_is_kept_and_cropped():
    image = Image.new("RGBA", (120, 120))
    ImageDraw.Draw(image).rectangle((30, 50, 89, 69), fill=(200, 30, 60, 255))
    result = np.asarray(cutout(image, 112))
    assert result.shape == (112, 112, 4)
    assert result[56, 56].tolist() == [200, 30, 60, 255]
    columns = np.flatnonzero((result[..., 3] > 127).any(0))
    assert abs(columns[0] / 112 - 0.08 / 1.16) < 0.02
    assert abs(1 - (columns[-1] + 1) / 112 - 0.08 / 1.16) < 0.02


def test_pixels_are_on_grey():
    image = Image.new("RGBA", (64, 64))
    pixels = to_pixels(image)
    assert pixels.dtype == torch.float32
    torch.testing.assert_close(pixels, torch.full((3, 64, 64), GREY / 255 * 2 - 1))
