"""The gallery on disk: what is written is what is read, and it stays small."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cisp.gallery import load_gallery
from tests.training.retrieval_fakes import SCALE, FakeCache, command_fakes, fake_spaces
from training import gallery_index
from training.gallery_index import GalleryIndexOptions, build_gallery, main, save_gallery
from training.gallery_maps import GalleryMapsOptions, draw_maps
from training.gallery_maps import main as draw_again
from training.tools.command import run_command

N = 30


@pytest.fixture(scope="module")
def cache():
    codes = np.random.default_rng(0).uniform(-0.9, 0.9, (N, 16))
    return FakeCache(codes, ["car", "chair", "lamp"] * 10, noise=(0.1,) * 5)


@pytest.fixture
def weights(tmp_path):
    for space in ("clip", "cisp"):
        (tmp_path / "weights" / space / "image").mkdir(parents=True)
        (tmp_path / "weights" / space / "image" / "model.safetensors").write_text(space)
    return tmp_path / "weights"


def test_the_command_writes_a_gallery_that_pictures_find(cache, weights, monkeypatch, capsys):
    spaces = fake_spaces(cache)
    command_fakes(monkeypatch, gallery_index, cache, spaces)
    run_command(
        GalleryIndexOptions, main, ["--weights", str(weights), "--count", str(N), "--device", "cpu"]
    )
    assert f"{N} shapes" in capsys.readouterr().out
    gallery = load_gallery(weights / "gallery.npz")
    assert list(gallery.ids) == cache.ids
    assert list(gallery.categories) == cache.categories
    assert list(gallery.subtypes) == cache.subtypes
    assert set(gallery.embeds) == {"clip/image", "cisp/image", "cisp/shape"}
    for row in (0, 7, N - 1):
        assert (gallery.occupancy(row) == (cache.grids[row] > 0)).all()
    # float16 keeps three digits, and the vectors are unit vectors again
    exact = cache.grids[:, 0].reshape(N, 16).astype(float)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert np.abs(gallery.embeds["cisp/shape"] - exact).max() < 1e-3
    pictures = gallery_index.embed_views(spaces["cisp"], cache.cutouts, [0])[:, 0]
    for space in ("cisp", "clip"):
        found = gallery.nearest(pictures, space, k=3)
        assert (found.rows[:, 0] == np.arange(N)).all()
        assert found.rows.shape == found.similarity.shape == (N, 3)
        assert (np.diff(found.similarity, axis=1) <= 0).all()
    assert gallery.fits(weights)
    (weights / "clip" / "image" / "model.safetensors").write_text("trained on")
    assert not gallery.fits(weights)


def test_means_are_of_all_views(cache, weights):
    gallery = build_gallery(cache, fake_spaces(cache), weights)
    views = cache.cutouts[..., ::SCALE, ::SCALE, 0].reshape(N, 5, 16) / 127.5 - 1
    views /= np.linalg.norm(views, axis=2, keepdims=True)
    mean = views.mean(1)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    assert np.abs(gallery.embeds["clip/image"] - mean).max() < 1e-5


def test_maps_span_the_square_and_are_drawn_again_without_touching_the_rest(cache, weights, capsys):
    gallery = build_gallery(cache, fake_spaces(cache), weights)
    assert set(gallery.maps) == {"clip", "cisp"}
    for places in gallery.maps.values():
        assert places.shape == (N, 2)
        assert np.abs(places).max() == pytest.approx(1, abs=1e-5)
        assert len(np.unique(places.round(4), axis=0)) == N
    path = weights / "gallery.npz"
    save_gallery(dataclasses.replace(gallery, maps={}), path)
    with np.load(path) as file:
        before = {name: file[name] for name in file.files}
    run_command(GalleryMapsOptions, draw_again, ["--gallery", str(path)])
    assert "maps of clip, cisp" in capsys.readouterr().out
    with np.load(path) as file:
        assert set(file.files) - set(before) == {"maps/clip", "maps/cisp"}
        assert all((file[name] == values).all() for name, values in before.items())
        assert file["maps/clip"].dtype == np.float16
    few = dataclasses.replace(
        gallery, ids=gallery.ids[:5], embeds={n: e[:5] for n, e in gallery.embeds.items()}
    )
    assert draw_maps(few) == {}


def test_too_large_a_gallery_is_refused_and_the_old_one_kept(cache, weights, monkeypatch):
    gallery = build_gallery(cache, fake_spaces(cache), weights)
    path = weights / "gallery.npz"
    assert save_gallery(gallery, path) == path.stat().st_size
    before = path.read_bytes()
    monkeypatch.setattr(gallery_index, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="take fewer shapes"):
        save_gallery(gallery, path)
    assert path.read_bytes() == before


def test_a_gallery_of_2600_shapes_stays_below_8_mb(weights, tmp_path):
    """The embeddings are noise, which no compression helps."""
    from cisp.gallery import Gallery

    rng = np.random.default_rng(0)
    count = 2600
    embeds = rng.normal(size=(3, count, 256)).astype(np.float32)
    boxes = np.zeros((count, 32, 32, 32), bool)
    for grid, (a, b, c) in zip(boxes, rng.integers(4, 32, (count, 3)), strict=True):
        grid[:a, :b, :c] = True
    gallery = Gallery(
        ids=tuple(f"chair-{2_000_000_000 + i}" for i in range(count)),
        categories=("chair",) * count,
        subtypes=("office chair",) * count,
        bits=np.packbits(boxes.reshape(count, -1), axis=1),
        resolution=32,
        embeds=dict(zip(("cisp/shape", "cisp/image", "clip/image"), embeds, strict=True)),
        towers={},
    )
    assert save_gallery(gallery, tmp_path / "gallery.npz") < gallery_index.MOST_BYTES


def test_bad_options_end_in_one_sentence(tmp_path, capsys):
    for argv in (["--split", "all"], ["--weights", str(tmp_path)]):
        with pytest.raises(SystemExit) as stopped:
            run_command(
                GalleryIndexOptions,
                main,
                [*argv, "--device", "cpu", "--cache", str(tmp_path / "c")],
            )
        assert stopped.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "c").exists()
