"""Training of both kinds, and the whole pipeline at the smallest size that still is all of it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

from cisp.attributes import load_attributes
from cisp.checkpoints import load_tower
from cisp.gallery import load_gallery
from cisp.image_tower import ImageTower
from cisp.images import cutout, to_pixels
from diffusion.model import VoxelDiffusion
from tests.demo.attribute_fakes import known_attributes
from tests.training.micro import MICRO, SPACES, PixelMean, all_weights, assert_same
from training import pipeline
from training.data.embeddings import embed_views, plain
from training.data.pair_batches import PairBatches
from training.data.procedural import VIEWS, build_cache, draw_item, open_procedural
from training.loop.lockstep import Budget, Optimisation
from training.loop.presets import PRESETS
from training.measure.answers import read_shapes
from training.shapes import CATEGORIES
from training.tools.record import RECORD
from training.train_diffusion import Denoising, some_augmented, train_models
from training.train_embedding import build_encoders, train_embeddings, were_frozen


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return build_cache(tmp_path_factory.mktemp("data") / "train", "train", 20, 32)


def test_items_are_repeatable_and_splits_differ():
    first, again, other = draw_item("test", 3), draw_item("test", 3), draw_item("train", 3)
    assert np.array_equal(first.grid, again.grid)
    assert np.array_equal(first.pictures, again.pictures)
    assert first.row["category"] == other.row["category"]
    assert not np.array_equal(first.grid, other.grid)
    assert len(first.pictures) == len(VIEWS)
    assert all(picture[..., 3].max() > 200 for picture in first.pictures)


def test_the_procedural_source_gives_items():
    item = open_procedural("val")[4]
    assert item.category == CATEGORIES[4]
    assert item.grid.shape == (32, 32, 32)
    assert (item.grid > 0).any()
    assert item.images[0].mode == "RGBA"
    whole = draw_item("val", 4).pictures
    assert len(item.images) == len(whole)
    for picture, view in zip(item.images, whole, strict=True):  # drawn alone, it is the same
        np.testing.assert_allclose(np.asarray(picture, int), view.astype(int), atol=1)
    with pytest.raises(ValueError, match="train, val and test"):
        open_procedural("everything")


def test_shapes_are_read_alike_by_one_process_and_by_two(monkeypatch):
    monkeypatch.setattr("training.measure.answers.MANY", 1)
    read = partial(read_shapes, "procedural:test", "test", 3, 1, SPACES, torch.device("cpu"))
    (truth, grids, embeds), (same, other, others) = read(workers=1), read(workers=2)
    assert truth.ids == same.ids
    assert np.array_equal(grids, other)
    assert embeds.keys() == others.keys()
    for name in embeds:
        np.testing.assert_allclose(embeds[name], others[name], atol=1e-6)


def test_a_cache_may_begin_anywhere_and_draw_some_views(cache, tmp_path):
    views = ("drawing", "wide")
    part = build_cache(tmp_path, "train", 2, 32, first=5, views=views)
    assert np.array_equal(part.grids, cache.grids[5:7])
    assert part.ids == cache.ids[5:7]
    drawn = draw_item("train", 6, views)
    for row, picture in enumerate(drawn.pictures):
        expected = np.asarray(cutout(Image.fromarray(picture, "RGBA"), 32))
        assert np.array_equal(part.cutouts[1, row], expected)
    with pytest.raises(ValueError, match="other settings"):  # whoever resumes must not mix them
        build_cache(tmp_path, "train", 2, 32, first=5, views=("wide", "drawing"))


def test_both_spaces_start_from_the_same_image_tower():
    pairs = build_encoders(["clip", "cisp"], MICRO.embedding, seed=0)
    ours, theirs = (pairs[name].image.state_dict() for name in ("clip", "cisp"))
    assert_same(ours, theirs)
    with pytest.raises(ValueError, match="Only clip and cisp"):
        build_encoders(["resnet"], MICRO.embedding, seed=0)


@pytest.mark.parametrize("space", ["clip", "cisp"])
def test_chunks_give_the_same_gradients_with_less_in_memory(cache, space):
    pair = build_encoders([space], MICRO.embedding, seed=0)[space]
    batch = PairBatches(cache, 10, 0, pair.image)(0)
    held, gradients = [], []
    for pair.chunk in (None, 3):
        sizes = []
        keep = torch.autograd.graph.saved_tensors_hooks(
            lambda t, sizes=sizes: sizes.append(t.numel()) or t, lambda t: t
        )
        pair.zero_grad()
        with keep:
            loss = pair(batch)
        held.append(sum(sizes))
        loss.backward()
        gradients.append({name: p.grad for name, p in pair.named_parameters()})
    assert held[1] < 0.6 * held[0]  # the inputs themselves stay
    for name, gradient in gradients[0].items():
        difference = (gradients[1][name] - gradient).norm()
        assert difference <= 1e-3 * gradient.norm() + 1e-6, name  # in single precision


def test_embedding_training_resumes_to_the_same_bits(cache, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    spaces = ["clip", "cisp"]
    train_embeddings(spaces, MICRO.embedding, cache, Budget(steps=4), whole)
    train_embeddings(spaces, MICRO.embedding, cache, Budget(steps=4), parts, stop_after=2)
    train_embeddings(spaces, MICRO.embedding, cache, Budget(steps=4), parts, resume=True)
    assert_same(all_weights(whole / "weights"), all_weights(parts / "weights"))
    alone = tmp_path / "alone"
    train_embeddings(["cisp"], MICRO.embedding, cache, Budget(steps=4), alone)
    ours, lockstep = (all_weights(folder / "weights" / "cisp") for folder in (alone, whole))
    assert_same(ours, lockstep)


def test_diffusion_training_resumes_to_the_same_bits(cache, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train_models(SPACES, MICRO.diffusion, cache, Budget(steps=4), whole)
    train_models(SPACES, MICRO.diffusion, cache, Budget(steps=4), parts, stop_after=3)
    train_models(SPACES, MICRO.diffusion, cache, Budget(steps=4), parts, resume=True)
    assert_same(all_weights(whole / "weights"), all_weights(parts / "weights"))


def test_an_earlier_run_in_the_same_folder_leaves_nothing_to_resume(cache, tmp_path):
    """Neither of a stage that the new run had not reached, nor of embeddings of other towers."""
    used, clean = tmp_path / "used", tmp_path / "clean"
    train_models(SPACES, MICRO.diffusion, cache, Budget(steps=2), tmp_path / "first")
    budget, given = Budget(steps=4), {"start": tmp_path / "first" / "weights"}
    train_models(SPACES, MICRO.diffusion, cache, budget, used)
    train_models(SPACES, MICRO.diffusion, cache, budget, used, stop_after=1, **given)
    train_models(SPACES, MICRO.diffusion, cache, budget, used, resume=True, **given)
    train_models(SPACES, MICRO.diffusion, cache, budget, clean, **given)
    assert_same(all_weights(used / "weights"), all_weights(clean / "weights"))
    kept = used / "embeddings" / "clip.npy"
    before, written = np.load(kept), kept.stat().st_mtime_ns
    train_models(SPACES, MICRO.diffusion, cache, budget, used, resume=True, **given)
    assert kept.stat().st_mtime_ns == written
    further = [PixelMean("clip", 0.2), SPACES[1]]  # as if its towers had been trained on
    with pytest.raises(ValueError, match="other settings"):
        train_models(further, MICRO.diffusion, cache, budget, used, resume=True, **given)
    assert np.abs(np.load(kept) - before).max() > 0.01


def still(preset, **changes):
    """The preset with a learning rate too small to change anything."""
    if getattr(preset, "guess", None) is not None:
        changes["guess"] = still(preset.guess)
    return dataclasses.replace(preset, optimisation=Optimisation(1e-12), **changes)


def test_training_starts_from_given_weights(cache, tmp_path):
    """A second round that learns nothing gives the weights of the first back."""
    first, second, names = tmp_path / "first", tmp_path / "second", ["clip", "cisp"]
    train_embeddings(names, MICRO.embedding, cache, Budget(steps=2), first)
    train_models(SPACES, MICRO.diffusion, cache, Budget(steps=2), first)
    start = first / "weights"
    again = {"seed": 1, "start": start}  # another seed: another start, were it not given
    train_embeddings(names, still(MICRO.embedding), cache, Budget(steps=1), second, **again)
    train_models(SPACES, still(MICRO.diffusion), cache, Budget(steps=2), second, **again)
    assert_same(all_weights(start), all_weights(second / "weights"))
    wider = dataclasses.replace(MICRO.diffusion.unet, width=32)
    with pytest.raises(ValueError, match="diffusion-clip"):
        train_models(
            SPACES, still(MICRO.diffusion, unet=wider), cache, Budget(steps=2), second, start=start
        )


def test_the_two_models_see_the_same_but_for_the_embedding(cache, tmp_path, monkeypatch):
    """Same start, shapes, timesteps, noise and dropped conditions; other embeddings."""
    seen = {"clip": [], "cisp": []}
    starts = {}
    original = Denoising.forward

    def recorded(self, batch):
        name = self.model.space
        starts.setdefault(name, {k: v.clone() for k, v in self.model.state_dict().items()})
        seen[name].append((batch.x_0, batch.t, batch.noise, batch.drop_cond, batch.cond[name]))
        return original(self, batch)

    monkeypatch.setattr(Denoising, "forward", recorded)
    plain = dataclasses.replace(MICRO.diffusion, guess=None)
    train_models(SPACES, plain, cache, Budget(steps=3), tmp_path)
    assert_same(starts["clip"], starts["cisp"])
    assert len(seen["clip"]) == len(seen["cisp"]) == 3
    for ours, theirs in zip(seen["clip"], seen["cisp"], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours[:4], theirs[:4], strict=True))
        assert not torch.equal(ours[4], theirs[4])
        torch.testing.assert_close(ours[4].norm(dim=1), torch.ones(4), atol=1e-2, rtol=0)


def test_views_are_embedded_in_order(cache):
    embeds = embed_views(SPACES[0], cache.cutouts, range(len(VIEWS)))
    assert embeds.shape == (20, len(VIEWS), 16)
    cutout = Image.fromarray(np.array(cache.cutouts[13, 2]), "RGBA")
    expected = SPACES[0].encode_image(to_pixels(cutout)[None])[0].numpy()
    np.testing.assert_allclose(embeds[13, 2], expected, atol=2e-3)
    some = embed_views(SPACES[0], cache.cutouts, (0, 2))
    assert np.array_equal(some, embeds[:, [0, 2]])


def test_a_share_of_the_views_is_augmented(cache):
    """The same pictures in the same way for every space."""
    cutouts = torch.from_numpy(np.array(cache.cutouts[:, 0]))
    clean = plain(cutouts)
    assert torch.equal(some_augmented(0.0, 1)(cutouts), clean)
    once, again = some_augmented(0.5, 1)(cutouts), some_augmented(0.5, 1)(cutouts)
    assert torch.equal(once, again)
    changed = (once != clean).flatten(1).any(1)
    assert 4 <= changed.sum() <= 16
    assert (some_augmented(1.0, 1)(cutouts) != clean).flatten(1).any(1).all()


@pytest.mark.slow
def test_pipeline_from_nothing_to_weights(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(PRESETS, "micro", MICRO)
    out = tmp_path / "run"
    options = pipeline.PipelineOptions(out=out, preset="micro", workers=1, device="cpu")
    pipeline.main(options)
    results = json.loads((out / "results.json").read_text())
    assert {"clip", "cisp"} <= results["methods"].keys()
    (report,) = json.loads((out / "weights" / RECORD).read_text())
    assert report["embedding"]["steps"] > 0
    assert report["diffusion"]["steps"] > 0
    for name in (
        "clip/image",
        "clip/text",
        "cisp/image",
        "cisp/shape",
        "diffusion-clip",
        "diffusion-cisp",
    ):
        assert (out / "weights" / name / "model.safetensors").is_file()
    gallery = load_gallery(out / "weights" / "gallery.npz")
    assert gallery.fits(out / "weights")
    assert sorted(gallery.embeds) == ["cisp/image", "cisp/shape", "clip/image"]
    assert len(gallery) == report["gallery"]["shapes"] == MICRO.test_shapes
    assert report["attributes"] == 0  # of so few shapes none can be read: no file, no sliders
    assert not (out / "weights" / "attributes.npz").exists()
    assert "python app.py --weights" in capsys.readouterr().out
    with pytest.raises(ValueError, match="--resume"):
        pipeline.main(options)
    before = all_weights(out / "weights")
    pipeline.main(dataclasses.replace(options, resume=True))  # all done: nothing is trained again
    assert_same(before, all_weights(out / "weights"))
    further = dataclasses.replace(options, out=tmp_path / "second", start=out / "weights")
    with monkeypatch.context() as patched:
        patched.setattr("training.measure.attributes.attributes_of", lambda *_: known_attributes())
        pipeline.main(further)
    sliders = load_attributes(further.out / "weights" / "attributes.npz")
    assert sliders.names == known_attributes().names
    rounds = json.loads((further.out / "weights" / RECORD).read_text())
    assert rounds[0]["embedding"] == report["embedding"]
    assert rounds[1]["options"]["start"] == str(out / "weights")
    with pytest.raises(ValueError, match="how it was trained is unknown"):
        pipeline.main(dataclasses.replace(further, out=tmp_path / "x", start=tmp_path))
    third = dataclasses.replace(further, out=tmp_path / "third", start=further.out / "weights")
    third = dataclasses.replace(third, preset="micro-3")
    monkeypatch.setitem(PRESETS, "micro-3", dataclasses.replace(MICRO, shares=(0.0, 1.0)))
    pipeline.main(third)  # the diffusion models alone
    second, now = all_weights(third.start), all_weights(third.out / "weights")
    kept = {key for key in now if not key[0].startswith("diffusion")}
    assert_same({key: second[key] for key in kept}, {key: now[key] for key in kept})
    assert any(not torch.equal(second[key], now[key]) for key in now.keys() - kept)
    (*_, last) = json.loads((third.out / "weights" / RECORD).read_text())
    assert "embedding" not in last
    unet = dataclasses.replace(MICRO.diffusion.unet, width=32)
    wider = dataclasses.replace(MICRO.diffusion, unet=unet)
    fourth = dataclasses.replace(MICRO, shares=(0.0, 1.0), diffusion=wider, anew=True)
    monkeypatch.setitem(PRESETS, "micro-4", fourth)
    pipeline.main(dataclasses.replace(third, preset="micro-4", out=tmp_path / "fourth"))
    model = VoxelDiffusion.load(tmp_path / "fourth" / "weights" / "diffusion-cisp")
    assert model.unet.config.width == 32
    with pytest.raises(ValueError, match="goes on from trained towers: give --start"):
        pipeline.main(dataclasses.replace(third, out=tmp_path / "y", start=None))


def test_frozen_stages_stay_frozen_in_a_later_round_without_imagenet_weights(
    cache, tmp_path, monkeypatch
):
    from training import train_embedding

    image = dataclasses.replace(
        MICRO.embedding.image, model_name="tf_efficientnet_lite0", frozen_stages=2, model_kwargs={}
    )
    preset = dataclasses.replace(MICRO.embedding, image=image, pretrained=True)
    state = ImageTower(image).trunk.state_dict()
    monkeypatch.setattr(train_embedding, "initial_trunk", lambda name: state)
    rounds, reports = [tmp_path / name for name in "ab"], []
    for out, start in zip(rounds, (None, rounds[0] / "weights"), strict=True):
        reports.append(
            train_embeddings(["clip", "cisp"], preset, cache, Budget(steps=2), out, start=start)
        )
        monkeypatch.setattr(train_embedding, "initial_trunk", lambda name: None)
    assert [report["pretrained"] for report in reports] == [True, True]
    for name in ["clip", "cisp"]:
        first, second = (load_tower(ImageTower, out / "weights" / name / "image") for out in rounds)
        same = [
            all(torch.equal(a, b) for a, b in zip(x.parameters(), y.parameters(), strict=True))
            for x, y in zip(first.stages(), second.stages(), strict=True)
        ]
        assert same == [True, True] + [False] * (len(same) - 2)
        kept, new = (tower.trunk.bn2.running_mean for tower in (first, second))
        assert torch.equal(kept, new)
    half = tmp_path / "half"
    shutil.copytree(rounds[0] / "weights" / "clip", half / "clip")
    assert were_frozen(rounds[0] / "weights")
    assert not were_frozen(half)  # one tower alone does not tell
    unfrozen = dataclasses.replace(preset, pretrained=False)
    train_embeddings(["clip", "cisp"], unfrozen, cache, Budget(steps=2), tmp_path / "whole")
    assert not were_frozen(tmp_path / "whole" / "weights")


def test_a_pretrained_trunk_is_probed_first_and_resumes_to_the_same_bits(
    cache, tmp_path, monkeypatch
):
    """With ImageNet weights, heads learn on the trunk's features before all is tuned."""
    from training import train_embedding

    state = ImageTower(MICRO.embedding.image).trunk.state_dict()
    monkeypatch.setattr(train_embedding, "initial_trunk", lambda name: state)
    slow = Optimisation(1e-3, slow="image.trunk", slow_factor=0.1)
    preset = dataclasses.replace(
        MICRO.embedding,
        pretrained=True,
        probe=Optimisation(1e-3),
        probe_share=0.5,
        optimisation=slow,
    )
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    spaces = ["clip", "cisp"]
    report = train_embeddings(spaces, preset, cache, Budget(steps=6), whole)
    assert (report["probe"]["steps"], report["embedding"]["steps"]) == (3, 3)
    for stop in (2, None):
        train_embeddings(
            spaces, preset, cache, Budget(steps=6), parts, resume=True, stop_after=stop
        )
    assert_same(all_weights(whole / "weights"), all_weights(parts / "weights"))
    changed, clean = dataclasses.replace(preset, chunk=5), tmp_path / "clean"
    for stop in (2, None):  # anew, where a whole run lies: its second stage is not taken over
        train_embeddings(
            spaces, changed, cache, Budget(steps=6), parts, resume=stop is None, stop_after=stop
        )
    train_embeddings(spaces, changed, cache, Budget(steps=6), clean)
    assert_same(all_weights(clean / "weights"), all_weights(parts / "weights"))
    features = np.load(whole / "trunk-maps.npy")
    assert features.shape[:2] == (20, len(VIEWS))
