"""Embedding picture files of every kind with small random towers."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from PIL import Image

from cisp import encoding, images
from cisp.checkpoints import save_tower
from cisp.encoding import encode_pixels
from cisp.image_tower import ImageTower, ImageTowerConfig
from cisp.picture_files import load_image
from cisp.spaces import load_space
from tests.shown import shown
from tests.training.mixed_pictures import (
    READABLE,
    STORED,
    UNREADABLE,
    cut_out_scene,
    drawing,
    save_exif,
    scene,
    write_mixed,
)
from training import embed
from training.data import inputs
from training.data.inputs import embed_files, encode_images, find_images
from training.tools.command import run_command

KINDS = len(READABLE) + len(UNREADABLE)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    for seed, space in enumerate(("clip", "cisp")):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            tower = ImageTower(ImageTowerConfig("resnet10t", image_size=64, embed_dim=24))
        save_tower(tower, folder / space / "image", half=True)
    return folder


@pytest.fixture(scope="module")
def spaces(weights):
    return [load_space(name, weights) for name in ("clip", "cisp")]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One file of every kind, and each one's name with whether it can be read."""
    folder = tmp_path_factory.mktemp("mixed")
    return folder, write_mixed(folder, KINDS)


def run_embed(*arguments) -> int:
    try:
        run_command(embed.EmbedOptions, embed.main, [*map(str, arguments), "--device", "cpu"])
    except SystemExit as error:
        return error.code
    return 0


def test_files_of_every_kind(mixed, weights, tmp_path, capsys):
    folder, readable = mixed
    out = tmp_path / "e.npz"
    assert run_embed("--images", folder, "--out", out, "--weights", weights) == 0
    good = sorted(name for name, can in readable.items() if can)
    with np.load(out, allow_pickle=False) as file:
        arrays = dict(file)
    assert arrays["images"].tolist() == good
    for space in ("clip", "cisp"):
        np.testing.assert_allclose(np.linalg.norm(arrays[space], axis=1), 1, rtol=1e-5)
        assert arrays[space].dtype == np.float32
    lines = [line for line in capsys.readouterr().err.splitlines() if "skipped" in line]
    assert len(lines) == len(UNREADABLE) + 1
    for line, name in zip(lines, sorted(set(readable) - set(good)), strict=False):
        assert line.startswith(f"skipped: {name}: ")
    assert lines[-1] == f"{len(UNREADABLE)} of {KINDS} pictures skipped"
    # A picture has the same embedding alone and among others.
    for row in range(0, len(good), 7):
        alone = tmp_path / "alone.npz"
        assert run_embed("--images", folder / good[row], "--out", alone, "--weights", weights) == 0
        with np.load(alone) as file:
            for space in ("clip", "cisp"):
                np.testing.assert_allclose(file[space][0], arrays[space][row], atol=1e-5, rtol=0)


@pytest.mark.parametrize("end", sorted(READABLE))
def test_every_kind_shows_what_was_put_in(tmp_path, end):
    """What is read is the picture that was written, as far as its format can hold it."""
    READABLE[end](np.random.default_rng(3), tmp_path / end)
    rng = np.random.default_rng(3)
    if end.startswith("alpha") or "alpha." in end:
        truth = cut_out_scene(rng)
    elif end.startswith(("bits", "drawing")):
        truth = drawing(rng)
    elif "x" in end.split(".")[0] and end[0].isdigit():
        truth = scene(rng, *map(int, end.split(".")[0].split("x")))
    else:
        truth = scene(rng, 300, 200) if end.startswith("progressive") else scene(rng)
    read = load_image(tmp_path / end)
    assert read.size == truth.size
    if end.startswith("lab"):
        return  # the scene's numbers mean other colours there
    plain = ("grey", "sixteen-", "sixteen.", "whole", "floats")
    mode = "L" if end.startswith(plain) and end != "sixteen-rgb.png" else "RGB"
    seen, expected = (np.asarray(i.convert(mode), int) for i in (read, truth))
    opaque = np.asarray(read.convert("RGBA"))[..., 3] > 0
    assert np.abs(seen - expected)[opaque].mean() < 8
    alpha = np.asarray(truth.convert("RGBA"))[..., 3]
    if truth.mode == "RGBA":
        np.testing.assert_array_equal(np.asarray(read)[..., 3], alpha)


@pytest.mark.parametrize("orientation", [n for n in STORED if n > 1])
def test_a_turned_picture_has_the_embedding_of_the_upright_one(tmp_path, spaces, orientation):
    picture = scene(np.random.default_rng(5))
    save_exif(picture, tmp_path / "turned.png", orientation)
    picture.save(tmp_path / "upright.png")
    found = embed_files(find_images([tmp_path]), spaces, "cpu")
    assert found.names == ["turned.png", "upright.png"]
    for embeds in found.embeds.values():
        np.testing.assert_allclose(embeds[0], embeds[1], atol=1e-6, rtol=0)


def test_a_huge_picture_is_embedded_as_a_small_copy_of_it(tmp_path, spaces):
    write_mixed(tmp_path, 1, huge=True)
    [(name, path)] = find_images([tmp_path])
    found = embed_files([(name, path)], spaces, "cpu")
    with Image.open(path) as image:
        assert image.size == (6000, 8000)
        copy = image.convert("RGB").reduce(8)
    for space in spaces:
        small = encode_images([space], [copy], "cpu")[space.name]
        assert (found.embeds[space.name] * small).sum() > 0.99


def test_towers_see_batches_of_one_size(monkeypatch, spaces):
    """Rounding depends on the size of a batch; a row must not."""
    rows = torch.rand(11, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    pixels = list(rows.split(1))  # a view of each
    seen = []
    hook = spaces[0].image_tower.register_forward_pre_hook(
        lambda _, args: seen.append(len(args[0]))
    )
    for size in (1, 4):
        monkeypatch.setattr(encoding, "BATCH_SIZE", {"cpu": size})
        seen.clear()
        together = encode_pixels(spaces[0], pixels, "cpu")
        assert together.shape == (11, 24)
        for start, stop in ((0, 1), (3, 8), (10, 11)):
            part = encode_pixels(spaces[0], pixels[start:stop], "cpu")
            np.testing.assert_allclose(part, together[start:stop], atol=1e-5, rtol=0)
        assert set(seen) == {size}
    hook.remove()
    expected = spaces[0].encode_image(rows)
    np.testing.assert_allclose(together, expected, atol=1e-5, rtol=0)


def test_a_picture_that_is_shown_twice_has_the_mean_embedding(monkeypatch, spaces):
    rows = torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    alone = spaces[0].encode_image(rows)
    mean = (alone[1] + alone[2]) / 2
    for size in (1, 3):
        monkeypatch.setattr(encoding, "BATCH_SIZE", {"cpu": size})
        found = encode_pixels(spaces[0], [rows[:1], rows[1:3], rows[3:]], "cpu")
        expected = torch.stack([alone[0], mean / mean.norm(), alone[3]])
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


def test_pictures_and_files_agree(tmp_path, spaces):
    pictures = [scene(np.random.default_rng(n)) for n in range(5)]
    for number, picture in enumerate(pictures):
        picture.save(tmp_path / f"{number}.png")
    of_files = embed_files(find_images([tmp_path]), spaces, "cpu", batch=2)
    of_pictures = encode_images(spaces, iter(pictures), "cpu", batch=3)
    for space in spaces:
        direct = of_pictures[space.name]
        np.testing.assert_allclose(direct, of_files.embeds[space.name], atol=1e-6, rtol=0)
        alone = encode_pixels(space, [shown(space, pictures[4])], "cpu")  # as the page does it
        np.testing.assert_allclose(alone, direct[4:], atol=1e-6, rtol=0)


def test_spaces_of_one_size_share_a_cut_out(tmp_path, monkeypatch, spaces):
    scene(np.random.default_rng(0)).save(tmp_path / "a.png")
    made = []
    once = images._find
    monkeypatch.setattr(images, "_find", lambda image: made.append(image) or once(image))
    embed_files(find_images([tmp_path]), spaces, "cpu")
    assert len(made) == 1


def test_several_processes_change_nothing(mixed, monkeypatch, spaces):
    folder, _ = mixed
    files = find_images([folder])
    here = embed_files(files, spaces, "cpu")
    monkeypatch.setattr(inputs, "PICTURES_A_PROCESS", 10)
    monkeypatch.setattr(inputs, "default_workers", lambda: 2)
    monkeypatch.setattr(inputs, "BLOCK", 45)  # the second block stays in this process
    there = embed_files(files, spaces, "cpu")
    assert there.names == here.names
    assert there.skipped == here.skipped == len(UNREADABLE)
    for name, embeds in here.embeds.items():
        np.testing.assert_allclose(there.embeds[name], embeds, atol=1e-6, rtol=0)


def test_the_same_file_twice(tmp_path, spaces):
    scene(np.random.default_rng(0)).save(tmp_path / "a.png")
    found = embed_files(find_images([tmp_path / "a.png", tmp_path / "a.png"]), spaces, "cpu")
    assert len(found.names) == 2
    np.testing.assert_allclose(*found.embeds["clip"], atol=1e-6, rtol=0)


def test_only_files_are_looked_at(tmp_path):
    """A folder or a pipe may be called like a picture; reading a pipe would wait for ever."""
    (tmp_path / "folder.png").mkdir()
    scene(np.random.default_rng(0)).save(tmp_path / "folder.png" / "in it.PNG")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "gone.png").symlink_to("nowhere")
    (tmp_path / "notes.txt").write_text("no picture")
    assert [name for name, _ in find_images([tmp_path])] == ["folder.png/in it.PNG", "gone.png"]


def test_a_picture_with_more_than_eight_bits_keeps_its_order(tmp_path):
    """Values of 32-bit pictures are scaled by the smallest usual range that holds them."""
    ramp = np.linspace(0, 0.9, 400, dtype=np.float32).reshape(20, 20)
    for scale, top in ((1.0, 1.0), (200.0, 255.0), (60_000.0, 65_535.0)):
        Image.fromarray(ramp * scale).save(tmp_path / "f.tif")
        seen = np.asarray(load_image(tmp_path / "f.tif"))[..., 0].astype(int)
        assert np.abs(seen - ramp * scale / top * 255).max() <= 1
