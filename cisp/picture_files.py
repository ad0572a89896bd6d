"""Read any picture as 8-bit RGB or RGBA; a file's header is checked before it is decoded.

Imports no torch, so that a process for reading alone starts quickly.
"""

from __future__ import annotations

import io
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
# Brands of HEVC pictures, which neither Pillow nor a light and free library decodes.
HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
MAX_PIXELS = 50_000_000
MIN_SIDE = 8
PNG = b"\x89PNG\r\n\x1a\n"
METADATA = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")
# These texts may say which way is up. Packed ones are kept if they are too short to unpack to much.
ORIENTING = (b"XML:com.adobe.xmp\0", b"Raw profile type exif\0")
LONGEST_TEXT, LONGEST_PACKED = 500_000, 1_000
FEW = 4095 >> 8  # the highest byte of 12 bits that are held in 16
BITS_PER_SAMPLE, PLANAR_CONFIGURATION = 258, 284  # tags of TIFF
RANGES = (1.0, 255.0, 1023.0, 4095.0, 65535.0)  # white in floats, and in 8, 10, 12, 16 bits
LARGE = 1024  # pictures of twice that side and more are averaged down first


def endings() -> frozenset[str]:
    """How the names of pictures end that can be read, in lower case, with their dots."""
    known = Image.registered_extensions().items()
    return frozenset(ending for ending, kind in known if kind in (*FORMATS, "MPO"))


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
    deep = None
    if isinstance(source, np.ndarray):
        name, image = "The image", _from_array(source)
    elif isinstance(source, Image.Image):
        name, image = "The image", source
    else:
        name = f"The image {Path(source).name!r}"
        image, deep = _open(Path(source))
    width, height = image.size
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise ValueError(f"{name} is too large: {width} x {height}, over {limit} megapixels.")
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"{name} is too small: {width} x {height}, under {MIN_SIDE} pixels.")
    is_deep_tiff = _is_deep_tiff(image)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # decoders warn a lot; only errors matter
            image.load()
            image = _eight_bit(_upright(_at_own_range(image, deep)))
    except Exception as error:  # decoders fail in many ways on damaged files
        raise ValueError(f"{name} is damaged or cut short.") from error
    if is_deep_tiff and max(high for _, high in image.convert("RGB").getextrema()) <= FEW:
        raise ValueError(f"{name} is a TIFF with dark colours of 16 bits: save it with 8 first.")
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


def _open(path: Path) -> tuple[Image.Image, bytes | None]:
    """A picture that is not yet decoded, and its file if that is a PNG of 16-bit colours."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe or a terminal may never end
            raise ValueError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damage, and large pictures, which we limit
            with path.open("rb") as file:
                if file.read(len(PNG)) != PNG:
                    return Image.open(path, formats=FORMATS), None
                file.seek(0)
                data = without_metadata(file.read())
            is_deep = data[24:25] == b"\x10" and data[25:26] in (b"\2", b"\4", b"\6")
            return Image.open(io.BytesIO(data), formats=FORMATS), data if is_deep else None
    except FileNotFoundError:
        raise ValueError(f"The image {path.name!r} does not exist.") from None
    except Image.DecompressionBombError:
        raise ValueError(f"The image {path.name!r} is too large to open.") from None
    except Exception as error:  # a folder, no permission, or anything a header can do to a parser
        if _is_heic(path):
            raise ValueError(
                f"{path.name!r} is a HEIC picture, as phones take them: save it as JPEG first."
            ) from None
        raise ValueError(f"{path.name!r} is not an image that can be read.") from error


def _is_heic(path: Path) -> bool:
    """Whether a file says so itself: a box "ftyp" lists the brands that it follows."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        return False
    brands = {head[at : at + 4] for at in range(8, len(head), 4)}
    return head[4:8] == b"ftyp" and bool(brands & HEIC) and b"avif" not in brands


def without_metadata(png: bytes) -> bytes:
    """A PNG without its texts and colour profile.

    Pillow (12.3) refuses a sound picture when one of them unpacks to more than a megabyte.
    """
    kept, at, met = [png[: len(PNG)]], len(PNG), set()
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind not in METADATA or _may_orient(kind, body, met):
            kept.append(png[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


def _may_orient(kind: bytes, body: bytes, met: set[bytes]) -> bool:
    """Whether a text is the first of its key that may say which way is up, and harmless."""
    key = next((key for key in ORIENTING if body.startswith(key)), None)
    if key is None or key in met:
        return False
    met.add(key)
    is_packed = kind == b"zTXt" or (kind == b"iTXt" and body[len(key) : len(key) + 1] != b"\0")
    return len(body) <= (LONGEST_PACKED if is_packed else LONGEST_TEXT)


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


def _is_deep_tiff(image: Image.Image) -> bool:
    """Whether it is a TIFF of 16-bit colours, of which Pillow keeps the high byte.

    Raises:
        ValueError: it holds a plane a colour, which Pillow mixes up.
    """
    tags = getattr(image, "tag_v2", {})
    is_deep = len(bits := tags.get(BITS_PER_SAMPLE, ())) > 2 and max(bits) == 16
    if is_deep and tags.get(PLANAR_CONFIGURATION) == 2:
        raise ValueError("A TIFF with 16-bit colours in planes cannot be read: save it as a PNG.")
    return is_deep


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # metadata can be damaged where the picture is not
        return image


def _at_own_range(image: Image.Image, deep: bytes | None) -> Image.Image:
    """Pillow keeps the high byte of 16-bit colours, which is nearly black where 12 bits are held.

    Args:
        image: decoded.
        deep: the PNG, where it has such colours.
    """
    colours = image.convert("RGB").getextrema() if deep else ((0, 255),)
    if max(high for _, high in colours) > FEW:
        return image
    import torch
    from torchvision.io import ImageReadMode, decode_png

    packed = torch.frombuffer(bytearray(deep), dtype=torch.uint8)
    values = decode_png(packed, ImageReadMode.UNCHANGED).permute(1, 2, 0).numpy()  # uint16
    is_with_alpha = values.shape[2] in (2, 4)
    tops = [_top(values[..., :-1] if is_with_alpha else values)] * values.shape[2]
    if is_with_alpha:
        tops[-1] = _top(values[..., -1])
    levels = (values / np.array(tops) * 255).round().astype(np.uint8)
    made = Image.fromarray(levels, {2: "LA", 3: "RGB", 4: "RGBA"}[values.shape[2]])
    made.info = {k: v for k, v in image.info.items() if k != "transparency"}  # which way is up
    return made


def _top(values: np.ndarray) -> float:
    """White, by the smallest usual range that holds the values.

    Cameras and scanners leave 10 or 12 bits in files of 16.
    """
    return next((top for top in RANGES if values.max() <= top), values.max())


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        values = np.nan_to_num(np.asarray(image).astype(np.float32)).clip(0)
        return Image.fromarray((values / _top(values) * 255).astype(np.uint8)).convert("RGB")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    if image.mode in ("La", "RGBa"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    return image.convert("RGBA" if has_alpha else "RGB")


def on_paper(image: Image.Image) -> Image.Image:
    """Put RGBA on white, or on black where what it shows is light: RGB."""
    grey, alpha = (np.asarray(band, np.float32) for band in image.convert("LA").split())
    light = (grey * alpha).sum() > 160 * alpha.sum()
    paper = Image.new("RGBA", image.size, "black" if light else "white")
    return Image.alpha_composite(paper, image).convert("RGB")


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
    with _open(Path(path))[0] as image:
        try:
            turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)  # by a quarter
        except Exception:  # metadata can be damaged where the picture is not
            turned = False
        return image.size[::-1] if turned else image.size
