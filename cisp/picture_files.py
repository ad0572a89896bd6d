"""Read any picture as 8-bit RGB or RGBA; a file's header is checked before it is decoded.

Imports no torch, so that a process for reading alone starts quickly.
"""

from __future__ import annotations

import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from cisp.boxes import Box

# Pillow goes by the content, not by the name, and passes some formats to other programs, such as
# EPS to Ghostscript, which executes it. These formats it decodes itself.
FORMATS = (
    "AVIF",
    "BMP",
    "GIF",
    "ICO",
    "JPEG",
    "JPEG2000",
    "PNG",
    "PPM",
    "QOI",
    "TGA",
    "TIFF",
    "WEBP",
)
MAX_PIXELS = 50_000_000
MIN_SIDE = 8
LARGE = 1024  # pictures of twice that side and more are averaged down first


def load_image(
    source: str | Path | Image.Image | np.ndarray, box: Box | None = None
) -> Image.Image:
    """Return a picture, or its part in a box, as 8-bit RGB or RGBA, upright.

    Of an animation it is the first frame.

    Args:
        source: a path, a picture of any mode, or an array (H, W), (H, W, 1), (H, W, 3) or
            (H, W, 4) of bool, uint8, uint16 (full range) or float (0..1).
        box: the part of it that counts; all by default.

    Raises:
        ValueError: missing, broken, huge, too small, fully transparent or one flat colour.
    """
    if isinstance(source, np.ndarray):
        name, image = "The image", _from_array(source)
    elif isinstance(source, Image.Image):
        name, image = "The image", source
    else:
        name, image = f"The image {Path(source).name!r}", _open(Path(source))
    width, height = image.size
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise ValueError(f"{name} is too large: {width} x {height}, over {limit} megapixels.")
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"{name} is too small: {width} x {height}, under {MIN_SIDE} pixels.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders warn a lot; only errors matter
            image.load()
            image = _eight_bit(_upright(image))
    except Exception as error:  # decoders fail in many ways on damaged files
        raise ValueError(f"{name} is damaged or cut short.") from error
    if box is not None:
        image, name = box.crop(image), f"What the box holds of {name[0].lower()}{name[1:]}"
        width, height = image.size
        if min(width, height) < MIN_SIDE:
            raise ValueError(f"{name} is too small: {width} x {height}, under {MIN_SIDE} pixels.")
    alpha = image.getchannel("A").getextrema() if image.mode == "RGBA" else (255, 255)
    if alpha[1] < 16:
        raise ValueError(f"{name} is fully transparent.")
    if alpha[0] >= 250 and all(high - low < 8 for low, high in image.convert("RGB").getextrema()):
        raise ValueError(f"{name} is blank: it shows one flat colour.")
    return image


def _open(path: Path) -> Image.Image:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe or a terminal may never end
            raise ValueError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damage, and large pictures, which we limit
            return Image.open(path, formats=FORMATS)
    except FileNotFoundError:
        raise ValueError(f"The image {path.name!r} does not exist.") from None
    except Image.DecompressionBombError:
        raise ValueError(f"The image {path.name!r} is too large to open.") from None
    except Exception as error:  # a folder, no permission, or anything a header can do to a parser
        raise ValueError(f"{path.name!r} is not an image that can be read.") from error


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        shape = tuple(array.shape)
        raise ValueError(f"An image array has shape (H, W), (H, W, 3) or (H, W, 4), not {shape}.")
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    elif array.dtype == np.uint16:
        array = (array / 257).round().astype(np.uint8)
    elif np.issubdtype(array.dtype, np.floating):
        if not ((array >= 0) & (array <= 1)).all():  # nan fails as well
            raise ValueError("An image array of float holds values from 0 to 1.")
        array = (array * 255).round().astype(np.uint8)
    elif array.dtype != np.uint8:
        raise ValueError(f"An image array holds uint8, uint16, bool or float, not {array.dtype}.")
    return Image.fromarray(np.ascontiguousarray(array))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # metadata can be damaged where the picture is not
        return image


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = np.nan_to_num(np.asarray(image).astype(np.float32)).clip(0)
        # The smallest usual range that holds the values: 0..1, 8 bits, 16 bits.
        top = next((top for top in (1.0, 255.0, 65535.0) if values.max() <= top), values.max())
        if image.mode.startswith("I;16"):
            top = 65535.0
        return Image.fromarray((values / top * 255).astype(np.uint8)).convert("RGB")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    return image.convert("RGBA" if has_alpha else "RGB")


def reduced(image: Image.Image) -> Image.Image:
    """A large picture averaged down by a whole factor, so that thin strokes only get paler."""
    return image.reduce(max(1, max(image.size) // LARGE))


def load_reduced(path: str | Path, box: Box | None = None) -> Image.Image:
    """`load_image`, reduced to the size that `cisp.images.cutout` works on."""
    return reduced(load_image(path, box))


def upright_size(path: str | Path) -> tuple[int, int]:
    """Width and height of a picture in a file, upright, from its header alone.

    Raises:
        ValueError: it cannot be read; one sentence.
    """
    with _open(Path(path)) as image:
        try:
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)  # by a quarter
        except Exception:  # metadata can be damaged where the picture is not
            turned = False
        return image.size[::-1] if turned else image.size
