"""Nearest neighbours against sorting, and galleries that are damaged."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cisp.gallery import Gallery, gallery_arrays, load_gallery, nearest, tower_digest


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.fixture
def gallery():
    rng = np.random.default_rng(0)
    grids = rng.random((12, 6, 6, 6)) < 0.5
    return Gallery(
        ids=tuple(f"car-{i}" for i in range(12)),
        categories=("car",) * 12,
        subtypes=("van",) * 12,
        bits=np.packbits(grids.reshape(12, -1), axis=1),
        resolution=6,
        embeds={
            "cisp/shape": unit(rng.normal(size=(12, 8))).astype(np.float32),
            "cisp/image": unit(rng.normal(size=(12, 8))).astype(np.float32),
            "clip/image": unit(rng.normal(size=(12, 5))).astype(np.float32),
        },
        towers={},
    )


def test_the_nearest_are_those_of_a_full_search():
    rng = np.random.default_rng(1)
    query, entries = unit(rng.normal(size=(9, 6))), unit(rng.normal(size=(40, 6)))
    found = nearest(query, entries, 4)
    for q, rows, similarity in zip(query, *found, strict=True):
        cosines = [float(q @ e) for e in entries]
        expected = sorted(range(40), key=lambda i: -cosines[i])[:4]
        assert rows.tolist() == expected
        assert similarity == pytest.approx([cosines[i] for i in expected], abs=1e-6)
    same = nearest(query, np.repeat(entries[:1], 5, 0), 3)
    assert (same.rows == [0, 1, 2]).all()  # of equals the first
    for wrong in ((query[:, :5], entries, 3), (query, entries, 41), (query, entries, 0)):
        with pytest.raises(ValueError, match="gallery"):
            nearest(*wrong)


def test_shapes_are_searched_before_pictures_unless_asked(gallery):
    for name, embeds in gallery.embeds.items():
        space, kind = name.split("/")
        assert (gallery.nearest(embeds, space, 1, kind).rows[:, 0] == np.arange(12)).all()
    own = gallery.nearest(gallery.embeds["cisp/shape"], "cisp", 1)
    assert (own.rows[:, 0] == np.arange(12)).all()
    assert (gallery.nearest(gallery.embeds["clip/image"], "clip", 1).similarity > 0.999).all()
    with pytest.raises(ValueError, match="no clip/shape"):
        gallery.nearest(gallery.embeds["clip/image"], "clip", 1, "shape")
    with pytest.raises(ValueError, match="no dino/image"):
        gallery.nearest(gallery.embeds["clip/image"], "dino")


def test_a_round_trip_keeps_grids_to_the_bit(gallery, tmp_path):
    np.savez(tmp_path / "g.npz", **gallery_arrays(gallery))
    read = load_gallery(tmp_path / "g.npz")
    assert len(read) == 12
    assert all((read.occupancy(i) == gallery.occupancy(i)).all() for i in range(12))
    assert read.ids == gallery.ids
    for name, embeds in gallery.embeds.items():
        assert np.linalg.norm(read.embeds[name], axis=1) == pytest.approx(1, abs=1e-6)
        assert np.abs(read.embeds[name] - embeds).max() < 1e-3
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.ids = ()


def test_maps_are_kept_and_a_gallery_may_have_none(gallery, tmp_path):
    assert gallery.spaces == ("cisp", "clip")
    assert gallery.searched("cisp") is gallery.embeds["cisp/shape"]
    assert gallery.searched("clip") is gallery.embeds["clip/image"]
    places = np.random.default_rng(2).uniform(-1, 1, (12, 2))
    mapped = dataclasses.replace(gallery, maps={"clip": places})
    np.savez(tmp_path / "mapped.npz", **gallery_arrays(mapped))
    np.savez(tmp_path / "plain.npz", **gallery_arrays(gallery))
    assert load_gallery(tmp_path / "plain.npz").maps == {}
    read = load_gallery(tmp_path / "mapped.npz").maps
    assert list(read) == ["clip"]
    assert read["clip"].dtype == np.float32
    np.testing.assert_allclose(read["clip"], places, atol=1e-3)
    for wrong in (places[:5], places[:, :1], places * np.nan):
        np.savez(tmp_path / "w.npz", **gallery_arrays(gallery), **{"maps/clip": wrong})
        with pytest.raises(ValueError, match="not a gallery"):
            load_gallery(tmp_path / "w.npz")


def test_damaged_galleries_are_refused_in_one_sentence(gallery, tmp_path):
    with pytest.raises(ValueError, match="There is no gallery"):
        load_gallery(tmp_path / "none.npz")
    arrays = gallery_arrays(gallery)
    broken = {
        "short": arrays | {"ids": arrays["ids"][:-1]},
        "missing": {name: values for name, values in arrays.items() if name != "bits"},
        "other cells": arrays | {"resolution": np.array(8)},
        "no embeddings": {n: v for n, v in arrays.items() if not n.startswith("embeds/")},
        "flat": arrays | {"embeds/clip/image": np.zeros(12, np.float16)},
        "pickle": arrays | {"ids": np.array([{"a": 1}] * 12, object)},
    }
    for name, wrong in broken.items():
        path = tmp_path / f"{name}.npz"
        np.savez(path, **wrong)
        with pytest.raises(ValueError, match="not a gallery"):
            load_gallery(path)
    whole = tmp_path / "whole.npz"
    np.savez(whole, **arrays)
    cut = tmp_path / "cut.npz"
    cut.write_bytes(whole.read_bytes()[:-200])
    np.save(tmp_path / "one.npy", arrays["bits"])
    (tmp_path / "text.npz").write_text("hello")
    np.savez_compressed(tmp_path / "flipped.npz", **arrays)
    packed = bytearray((tmp_path / "flipped.npz").read_bytes())
    packed[60:90] = bytes(30)
    (tmp_path / "flipped.npz").write_bytes(packed)
    for path in (cut, *(tmp_path / name for name in ("one.npy", "text.npz", "flipped.npz"))):
        with pytest.raises(ValueError, match="not a gallery"):
            load_gallery(path)


def test_the_digest_follows_the_tower(tmp_path):
    folder = tmp_path / "cisp" / "image"
    assert tower_digest(tmp_path, "cisp") == ""
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"one")
    one = tower_digest(tmp_path, "cisp")
    assert len(one) == 64
    (folder / "config.json").write_text("{}")
    assert tower_digest(tmp_path, "cisp") == one
    (folder / "model.safetensors").write_bytes(b"two")
    assert tower_digest(tmp_path, "cisp") != one
