"""Good pictures that other readers refuse or darken."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps, PngImagePlugin

from cisp.picture_files import load_image, on_paper, upright_size, without_metadata

PICTURE = Image.fromarray(
    np.random.default_rng(0).integers(0, 256, (40, 30, 3)).astype(np.uint8), "RGB"
)


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png(*extra: bytes, after: bool = False) -> bytes:
    """The picture with chunks more, before or after its pixels."""
    buffer = io.BytesIO()
    PICTURE.save(buffer, "png")
    data = buffer.getvalue()
    at = data.index(b"IEND") - 4 if after else 33
    return data[:at] + b"".join(extra) + data[at:]


LONG = zlib.compress(b"words " * 500_000)
METADATA = {
    "text": chunk(b"tEXt", b"Comment\0" + b"x" * 1_500_000),
    "packed text": chunk(b"zTXt", b"Comment\0\0" + LONG),
    "international": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<x/>" * 400_000),
    "packed international": chunk(b"iTXt", b"Comment\0\1\0\0\0" + LONG),
    "profile": chunk(b"iCCP", b"ICC\0\0" + LONG),
    "orienting bomb": chunk(b"zTXt", b"Raw profile type exif\0\0" + LONG),
}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", METADATA)
def test_much_metadata_does_no_harm(kind, after, tmp_path):
    (tmp_path / "x.png").write_bytes(png(METADATA[kind], after=after))
    assert np.array_equal(np.asarray(load_image(tmp_path / "x.png")), np.asarray(PICTURE))


def test_seventy_megabytes_of_text_in_many_pieces(tmp_path):
    body = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(900_000)))
    (tmp_path / "x.png").write_bytes(png(*[body] * 80))
    assert np.array_equal(np.asarray(load_image(tmp_path / "x.png")), np.asarray(PICTURE))


@pytest.mark.parametrize("where", ["exif", "xmp"])
def test_a_picture_still_says_which_way_is_up(where, tmp_path):
    info = PngImagePlugin.PngInfo()
    exif = Image.Exif()
    if where == "exif":
        exif[0x0112] = 6
    else:
        info.add_itxt("XML:com.adobe.xmp", '<x xmlns:tiff="t" tiff:Orientation="6"/>')
    PICTURE.save(tmp_path / "x.png", pnginfo=info, exif=exif)
    wanted = ImageOps.exif_transpose(Image.open(tmp_path / "x.png"))
    assert wanted.size == (40, 30)
    assert np.array_equal(np.asarray(load_image(tmp_path / "x.png")), np.asarray(wanted))


def test_a_cut_png_stays_what_it_is():
    for end in (0, 8, 12, 40, 900):
        assert without_metadata(png()[:end] or b"\x89PNG\r\n\x1a\n")[:8] == b"\x89PNG\r\n\x1a\n"
    assert without_metadata(png()) == png()


@pytest.mark.parametrize("suffix", ["png", "tiff"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_few_bits_held_in_sixteen_are_read_at_their_own_range(bits, suffix, tmp_path):
    shares = np.linspace(0, 1, 64 * 48).reshape(48, 64)
    values = (shares * (2**bits - 1)).round().astype(np.uint16)
    Image.fromarray(values).save(tmp_path / f"x.{suffix}")
    found = np.asarray(load_image(tmp_path / f"x.{suffix}"))[..., 0]
    assert np.abs(found - shares * 255).max() < 1.2  # cut off, and rounded to few bits


@pytest.mark.parametrize("colours", [2, 4, 6])  # RGB, grey and alpha, RGBA
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_colours_of_few_bits_too(bits, colours, tmp_path):
    bands = {2: 3, 4: 2, 6: 4}[colours]
    shares = np.random.default_rng(bits).random((48, 64, bands))
    shares[0, 0] = 1
    values = (shares * (2**bits - 1)).round().astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    head = (64).to_bytes(4, "big") + (48).to_bytes(4, "big") + bytes([16, colours, 0, 0, 0])
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
    (tmp_path / "x.png").write_bytes(file + chunk(b"IEND", b""))
    found = np.asarray(load_image(tmp_path / "x.png"))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    turned = file + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    (tmp_path / "turned.png").write_bytes(turned + chunk(b"IEND", b""))
    assert np.array_equal(load_image(tmp_path / "turned.png"), np.rot90(found, -1))
    assert upright_size(tmp_path / "turned.png") == (48, 64)
    if colours == 4:
        shares = shares[..., [0, 0, 0, 1]]
    assert np.abs(found - shares * 255).max() < 1.05


@pytest.mark.parametrize(
    ("bits", "planes", "refusal"),
    [(16, False, ""), (12, False, "dark colours of 16 bits"), (16, True, "16-bit colours in plan")],
)
def test_a_tiff_of_deep_colours_is_read_rightly_or_refused_by_name(bits, planes, refusal, tmp_path):
    tifffile = pytest.importorskip("tifffile")  # comes with scikit-image
    shares = np.random.default_rng(bits).random((48, 64, 3))
    values = (shares * (2**bits - 1)).round().astype(np.uint16)
    how = {"photometric": "rgb", "planarconfig": "separate" if planes else "contig"}
    tifffile.imwrite(tmp_path / "x.tif", values.transpose(2, 0, 1) if planes else values, **how)
    if refusal:
        with pytest.raises(ValueError, match=refusal):
            load_image(tmp_path / "x.tif")
    else:
        assert np.abs(np.asarray(load_image(tmp_path / "x.tif")) - shares * 255).max() < 1.05


@pytest.mark.parametrize(
    ("ink", "paper"), [((255, 255, 255), 0), ((230, 235, 240), 0), ((0, 0, 0), 255)]
)
def test_strokes_on_nothing_are_put_on_paper_that_shows_them(ink, paper):
    image = Image.new("RGBA", (60, 60), (*ink, 0))
    ImageDraw.Draw(image).line([(10, 10), (50, 50)], fill=(*ink, 255), width=3)
    shown = on_paper(image)
    assert shown.getpixel((0, 59)) == (paper,) * 3
    assert shown.getpixel((30, 30)) == ink
