"""Picture files of every kind that people have, readable and not: what a folder of pictures holds.

`write_mixed` makes as many as wanted in turn; the content varies, so no two are alike.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

ORIENTATION = 0x0112  # of EXIF
# What a camera has to do to an upright picture so that a viewer's turn makes it upright again.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(rng: np.random.Generator, width: int = 120, height: int = 90) -> Image.Image:
    """A lopsided thing of two colours on a plain, uneven or noisy background; RGB."""
    backdrop = rng.integers(150, 256, 3) + rng.normal(0, rng.choice([0, 2, 30]), (height, width, 1))
    image = Image.fromarray(backdrop.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    x, y = rng.uniform(0.2, 0.3, 2) * (width, height)
    colors = [tuple(map(int, rng.integers(0, 140, 3))) for _ in range(2)]
    draw.rectangle((x, y, 0.45 * width, 0.85 * height), fill=colors[0])
    draw.ellipse((x, 0.5 * height, rng.uniform(0.6, 0.8) * width, 0.85 * height), fill=colors[1])
    return image


def cut_out_scene(rng: np.random.Generator) -> Image.Image:
    """The same on transparency; RGBA."""
    image = scene(rng)
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rectangle((25, 15, 95, 80), fill=255)
    image.putalpha(mask)
    return image


def drawing(rng: np.random.Generator, side: int = 200) -> Image.Image:
    """A few black strokes on white; RGB."""
    image = Image.new("RGB", (side, side), "white")
    points = [tuple(p) for p in rng.uniform(0.2, 0.8, (6, 2)) * side]
    ImageDraw.Draw(image).line(points, fill="black", width=3)
    return image


def sixteen_bits(rng: np.random.Generator, order: str = "<") -> Image.Image:
    """Grey with 16 bits a pixel, in either byte order."""
    grey = np.asarray(scene(rng).convert("L"), f"{order}u2") * 257
    mode = "I;16" if order == "<" else "I;16B"
    return Image.frombytes(mode, grey.shape[::-1], grey.tobytes())


def save_exif(image: Image.Image, path: Path, orientation: int) -> None:
    """As a camera held that way stores it."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    turn = STORED[orientation]
    image = image if turn is None else image.transpose(turn)
    image.save(path, exif=exif, quality=95)


def save_ycck(image: Image.Image, path: Path) -> None:
    """A JPEG of the kind that Photoshop makes of CMYK: ink turned into luma and chroma, and K.

    Pillow writes CMYK alone, so its values are turned here and the marker's transform byte is set.
    """
    ink = image.convert("CMYK")
    *colours, black = ink.split()
    luma = Image.merge("RGB", colours).convert("YCbCr")
    turned = [band.point(lambda value: 255 - value) for band in luma.split()]  # Pillow turns back
    Image.merge("CMYK", [*turned, black]).save(path, "jpeg", quality=95)
    data = bytearray(path.read_bytes())
    at = data.index(b"Adobe\x00")
    data[at + 11] = 2
    path.write_bytes(data)


def save_png_16_bit_rgb(image: Image.Image, path: Path) -> None:
    """16 bits a channel, which Pillow reads but does not write."""
    values = (np.asarray(image, ">u2") * 257).astype(">u2")  # (H, W, 3)
    rows = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind: bytes, body: bytes) -> bytes:
        size, check = struct.pack(">I", len(body)), struct.pack(">I", zlib.crc32(kind + body))
        return size + kind + body + check

    header = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def save_animation(rng: np.random.Generator, path: Path, **options: object) -> None:
    """Three frames, the first of which counts."""
    frames = [scene(rng) for _ in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50, **options)


def cut_short(rng: np.random.Generator, path: Path) -> None:
    """Half a file; the pixels are noise, so that no half holds them all."""
    noise = rng.integers(0, 256, (90, 90, 3)).astype(np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def save_profile(rng: np.random.Generator, path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    scene(rng).save(path, icc_profile=profile)


def save_damaged_exif(rng: np.random.Generator, path: Path) -> None:
    """The pixels are whole; what the camera says about them is not."""
    scene(rng).save(path, exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xffrubbish")


def save_with_long_text(rng: np.random.Generator, path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", "word " * 10_000, zip=True)
    scene(rng).save(path, pnginfo=info)


Writer = Callable[[np.random.Generator, Path], object]

# Ending of the name -> how such a file is made.
READABLE: dict[str, Writer] = {
    "rgb.png": lambda r, p: scene(r).save(p),
    "rgb.jpg": lambda r, p: scene(r).save(p, quality=90),
    "progressive.jpeg": lambda r, p: scene(r, 300, 200).save(p, progressive=True),
    "LOUD.JPG": lambda r, p: scene(r).save(p, "jpeg"),
    "rgb.webp": lambda r, p: scene(r).save(p),
    "rgb.bmp": lambda r, p: scene(r).save(p),
    "rgb.tiff": lambda r, p: scene(r).save(p, compression="tiff_lzw"),
    "palette.png": lambda r, p: scene(r).quantize(32).save(p),
    "palette-one-clear.png": lambda r, p: scene(r).quantize(32).save(p, transparency=0),
    "palette-clear.png": lambda r, p: (
        scene(r).quantize(8).save(p, transparency=bytes(range(31, 256, 32)))
    ),
    "palette.gif": lambda r, p: scene(r).quantize(16).save(p),
    "grey.png": lambda r, p: scene(r).convert("L").save(p),
    "grey.jpg": lambda r, p: scene(r).convert("L").save(p),
    "grey-one-clear.png": lambda r, p: scene(r).convert("L").save(p, transparency=200),
    "rgb-one-clear.png": lambda r, p: scene(r).save(p, transparency=(1, 2, 3)),
    "grey-alpha.png": lambda r, p: cut_out_scene(r).convert("LA").save(p),
    "alpha.png": lambda r, p: cut_out_scene(r).save(p),
    "alpha.webp": lambda r, p: cut_out_scene(r).save(p, lossless=True),
    "alpha.tif": lambda r, p: cut_out_scene(r).save(p),
    "bits.png": lambda r, p: drawing(r).convert("1").save(p),
    "bits.tif": lambda r, p: drawing(r).convert("1").save(p, compression="group4"),
    "sixteen.png": lambda r, p: sixteen_bits(r).save(p),
    "sixteen-little.tif": lambda r, p: sixteen_bits(r).save(p),
    "sixteen-big.tif": lambda r, p: sixteen_bits(r, ">").save(p),
    "sixteen-rgb.png": lambda r, p: save_png_16_bit_rgb(scene(r), p),
    "whole-numbers.tif": lambda r, p: scene(r).convert("I").save(p),
    "floats.tif": lambda r, p: scene(r).convert("F").save(p),
    "cmyk.jpg": lambda r, p: scene(r).convert("CMYK").save(p),
    "cmyk.tif": lambda r, p: scene(r).convert("CMYK").save(p),
    "ycck.jpg": lambda r, p: save_ycck(scene(r), p),
    "lab.tif": lambda r, p: Image.merge("LAB", scene(r).convert("YCbCr").split()).save(p),
    **{f"turned-{n}.jpg": lambda r, p, n=n: save_exif(scene(r), p, n) for n in STORED},
    "turned.png": lambda r, p: save_exif(scene(r), p, 6),
    "turned.webp": lambda r, p: save_exif(scene(r), p, 8),
    "damaged-exif.jpg": save_damaged_exif,
    "profile.jpg": save_profile,
    "text.png": save_with_long_text,
    "animated.gif": save_animation,
    "animated.webp": save_animation,
    "animated.png": save_animation,
    "drawing.png": lambda r, p: drawing(r).save(p),
    "8x8.png": lambda r, p: scene(r, 8, 8).save(p),
    "9x4000.png": lambda r, p: scene(r, 9, 4000).save(p),
    "4000x9.jpg": lambda r, p: scene(r, 4000, 9).save(p),
    "name with späces, 汉字 & 'quotes'.png": lambda r, p: scene(r).save(p),
}
UNREADABLE: dict[str, Writer] = {
    "cut-short.png": cut_short,
    "cut-short.jpg": cut_short,
    "empty.png": lambda r, p: p.touch(),
    "text.jpg": lambda r, p: p.write_text("This is no picture.\n" * 20),
    "header-alone.gif": lambda r, p: p.write_bytes(b"GIF89a"),
    "1x1.png": lambda r, p: scene(r, 1, 1).save(p),
    "blank.png": lambda r, p: Image.new("RGB", (50, 40), "white").save(p),
    "clear.png": lambda r, p: Image.new("RGBA", (50, 40)).save(p),
    "link-to-nothing.png": lambda r, p: p.symlink_to("nowhere.png"),
}


def write_mixed(folder: Path, count: int, *, huge: bool = False) -> dict[str, bool]:
    """Writes `count` files, kind by kind in turn, and a folder that is called like a picture.

    Args:
        folder: where to.
        count: of files.
        huge: the first file gets 6000 x 8000 pixels, 100 times those of a small one.

    Returns:
        Each file's name, and whether it can be read.
    """
    kinds = [(end, True, make) for end, make in READABLE.items()]
    kinds += [(end, False, make) for end, make in UNREADABLE.items()]
    (folder / "folder.png").mkdir(parents=True)
    written = {}
    for number in range(count):
        rng = np.random.default_rng(number)
        end, readable, make = kinds[number % len(kinds)]
        name = f"{number:04d}-{end}"
        if huge and number == 0:
            small = scene(rng, 600, 800)
            small.resize((6000, 8000), Image.Resampling.NEAREST).save(folder / name)
        else:
            make(rng, folder / name)
        written[name] = readable
    return written
