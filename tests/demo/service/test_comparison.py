from __future__ import annotations

import contextlib
import dataclasses
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from cisp import images
from cisp.boxes import Box
from cisp.naming import space_folder
from cisp.picture_files import load_image
from demo import precompute, strings
from demo.service.columns import (
    embed_pixels,
    grow,
    load_columns,
    picture_of,
    pixels_of,
    preprocess,
    starting_noise,
)
from demo.service.comparison import NOISE_LEVEL, SPACES, ComparisonService, known_spaces
from demo.service.examples import load_result, read_examples
from demo.service.frames import Guide, Settings
from demo.widgets.viewer.viewer import build_viewer
from diffusion.grids.frame import iou
from diffusion.model import VoxelDiffusion
from diffusion.samplers import SAMPLERS
from tests.demo.fakes import draw_chair
from tests.published_fakes import CONFIG, NAME, publish

SETTINGS = Settings(seed=7, sampler="dpmpp_2m", num_steps=3, guidance_scale=2.0)


def test_frames_are_plain_data_and_grow_step_by_step(service, picture):
    truth = np.zeros((16, 16, 16), bool)
    truth[4:9] = True
    frames = list(service.compare(str(picture), SETTINGS, truth))
    assert [frame.step for frame in frames] == [0, 1, 2, 3]
    assert [frame.is_last for frame in frames] == [False, False, False, True]
    for frame in frames:
        assert list(frame.occupancy) == list(SPACES)
        assert all(type(g) is np.ndarray and g.dtype == bool for g in frame.occupancy.values())
    last = frames[-1]
    for space, (grid,) in last.samples.items():
        assert grid.dtype == np.float32
        assert np.abs(grid).max() <= 1
        np.testing.assert_array_equal(last.occupancy[space], grid > 0)
        assert last.iou_to_truth[space] == iou(grid > 0, truth)
    assert last.iou_between == iou(*last.occupancy.values())
    assert last.seconds >= frames[1].seconds > 0


def test_a_truth_of_another_resolution_is_not_scored(service, picture):
    *_, last = service.compare(str(picture), SETTINGS, np.ones((32, 32, 32), bool))
    assert last.iou_to_truth == {}


def test_both_columns_start_from_bit_identical_noise(service, picture):
    pixels = {space: [] for space in SPACES}
    hooks = [
        column.model.unet.register_forward_pre_hook(
            lambda _, args, space=column.name: pixels[space].append(args[0].clone())
        )
        for column in service._columns
    ]
    frames = list(service.compare(str(picture), SETTINGS))
    for hook in hooks:
        hook.remove()
    first = {space: calls[0] for space, calls in pixels.items()}
    assert torch.equal(first["clip"], first["cisp"])
    x_t = first["clip"][0, 0].numpy()
    np.testing.assert_array_equal(x_t, starting_noise(service._columns[0], SETTINGS.seed))
    np.testing.assert_array_equal(frames[0].occupancy["clip"], x_t > NOISE_LEVEL)
    np.testing.assert_array_equal(frames[0].occupancy["cisp"], x_t > NOISE_LEVEL)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_columns_differ_in_nothing_but_embedder_and_weights(service, picture, sampler):
    """The same embedder and weights in both columns give the same bits, whatever the sampler."""
    column = service._columns[0]
    twins = [dataclasses.replace(column, name=name) for name in SPACES]
    settings = dataclasses.replace(SETTINGS, sampler=sampler)
    embeds = embed_pixels(twins, preprocess(twins, load_image(picture)))
    rows = {name: embed[None] for name, embed in embeds.items()}
    for grids in grow(twins, rows, [settings.seed], settings):
        np.testing.assert_array_equal(grids["clip"], grids["cisp"])


def test_a_seed_decides_the_shapes(service, picture):
    def shapes(seed):
        settings = dataclasses.replace(SETTINGS, seed=seed)
        *_, last = service.compare(str(picture), settings)
        return last.samples

    first, again, other = shapes(1), shapes(1), shapes(2)
    for space in SPACES:
        np.testing.assert_array_equal(first[space], again[space])
        assert (first[space] != other[space]).any()


def test_the_cutout_is_what_the_tower_receives(service, picture):
    column, pixels = service._columns[1], []
    hook = column.embedder.image_tower.register_forward_pre_hook(
        lambda _, args: pixels.append(args[0][0].clone())
    )
    *_, last = service.compare(str(picture), SETTINGS)
    hook.remove()
    shown = torch.from_numpy(last.guide.pixels).permute(2, 0, 1) / 127.5 - 1
    assert torch.equal(shown, pixels[0].cpu())
    again = service.pixels_guide(last.guide.pixels)  # a saved cut-out says exactly the same
    for space in SPACES:
        np.testing.assert_array_equal(again.embeds[space], last.guide.embeds[space])


def test_a_photograph_is_given_twice_and_its_embedding_is_the_mean(service):
    photograph = np.random.default_rng(0).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    mask = Image.new("L", (120, 90))
    mask.paste(255, (40, 20, 90, 70))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images, "object_mask", lambda image: mask.resize(image.size))
        guide = service.image_guide(photograph)
    assert guide.pixels.shape == (64, 128, 3)
    halves = [service.pixels_guide(half).embeds for half in np.split(guide.pixels, 2, axis=1)]
    again = service.pixels_guide(guide.pixels)
    for space in SPACES:
        mean = halves[0][space] + halves[1][space]
        np.testing.assert_allclose(guide.embeds[space], mean / np.linalg.norm(mean), atol=1e-6)
        np.testing.assert_array_equal(again.embeds[space], guide.embeds[space])


@pytest.mark.parametrize("shape", [(32, 32), (64, 192), (64, 96), (32, 64)])
def test_a_cut_out_of_another_size_is_refused(service, shape):
    with pytest.raises(ValueError, match="64 × 64"):
        service.pixels_guide(np.zeros((*shape, 3), np.uint8))


def test_a_tower_of_another_size_is_given_the_cut_out_resized():
    sizes = {"clip": 64, "openclip-A-b": 96}
    columns = [
        SimpleNamespace(name=n, embedder=SimpleNamespace(image_size=s)) for n, s in sizes.items()
    ]
    picture = np.asarray(draw_chair().resize((64, 64)))
    pixels = pixels_of(columns, picture)
    np.testing.assert_array_equal(picture_of(pixels["clip"]), picture)
    theirs = np.asarray(Image.fromarray(picture).resize((96, 96), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(picture_of(pixels["openclip-A-b"]), theirs.astype(float), atol=2)


@pytest.mark.parametrize("guidance_scale", [1.0, 2.0])
def test_each_sample_is_the_shape_of_its_own_seed(service, picture, guidance_scale):
    """Even in one batch: without guidance two samples share one."""
    settings = dataclasses.replace(SETTINGS, guidance_scale=guidance_scale)
    *_, last = service.compare(str(picture), settings, num_samples=4)
    for index in range(4):
        alone = dataclasses.replace(settings, seed=settings.seed + index)
        *_, one = service.compare(str(picture), alone)
        for space in SPACES:
            np.testing.assert_array_equal(last.samples[space][index], one.samples[space][0])


def test_shapes_of_embeddings_are_those_of_their_pictures(service, picture):
    *_, last = service.compare(str(picture), SETTINGS)
    rows = {name: np.stack([-embed, embed]) for name, embed in last.guide.embeds.items()}
    _, grids = service.shapes(rows, SETTINGS)
    for space in SPACES:
        np.testing.assert_array_equal(grids[space], last.samples[space][0])


def test_a_column_that_cannot_be_told_makes_nothing(service, picture):
    guide = service.image_guide(str(picture))
    *_, last = service.compare(Guide({"cisp": guide.embeds["cisp"]}), SETTINGS)
    assert list(last.samples) == ["cisp"]
    with pytest.raises(ValueError, match="No space of this page understands that"):
        next(service.compare(Guide({"other": guide.embeds["cisp"]}), SETTINGS))


def bad_images(folder):
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing of the kind")
    Image.new("RGB", (50, 50), (9, 9, 9)).save(folder / "blank.png")
    Image.new("1", (9000, 9000)).save(folder / "huge.png")
    return [folder / name for name in ("broken.png", "blank.png", "huge.png", "missing.png")]


def test_bad_images_are_refused_in_one_sentence(service, tmp_path):
    for path in bad_images(tmp_path):
        with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
            next(service.compare(str(path), SETTINGS))


def test_an_animation_is_read_by_its_first_frame(service, tmp_path):
    frames = [draw_chair(), Image.new("RGB", (160, 160), "white")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    frames[0].convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "b.png")
    animated = service.image_guide(str(tmp_path / "a.gif")).pixels.astype(int)
    still = service.image_guide(str(tmp_path / "b.png")).pixels.astype(int)
    assert np.abs(animated - still).mean() < 4


def test_without_weights_it_says_what_to_do(tmp_path, picture):
    service = ComparisonService(tmp_path / "none", "cpu")
    service.load_in_background()
    status = service.wait(60)
    assert status.state == "unavailable"
    assert "training.pipeline" in status.message
    with pytest.raises(ValueError, match=r"training\.pipeline"):
        next(service.compare(str(picture), SETTINGS))
    assert service.estimate(10, 2.0) is None


def test_weights_of_another_space_are_refused(weights, tmp_path):
    (tmp_path / "clip").symlink_to(weights / "clip")
    (tmp_path / "cisp").symlink_to(weights / "cisp")
    (tmp_path / "diffusion-clip").symlink_to(weights / "diffusion-cisp")
    (tmp_path / "diffusion-cisp").symlink_to(weights / "diffusion-cisp")
    service = ComparisonService(tmp_path, "cpu")
    service.load()
    assert service.status.state == "unavailable"
    assert "cisp" in service.status.message


def test_towers_that_are_loaded_later_are_refused_without_a_path(service, weights):
    """There are no text and shape towers beside these weights."""
    for tower, guide in (
        ("clip/text", lambda: service.text_guide("a chair")),
        ("cisp/shape", lambda: service.shape_guide(np.zeros((32, 32, 32), np.float32))),
    ):
        assert not (weights / tower).exists()
        with pytest.raises(ValueError, match=f"There is no config.json in [^/]*/{tower}") as caught:
            guide()
        assert str(weights.parent) not in str(caught.value)


def test_an_unknown_device_is_refused(weights):
    service = ComparisonService(weights, "abacus")
    service.load()
    assert service.status.message == "The device 'abacus' is not available here."


def test_estimates_grow_with_steps_and_guidance(service):
    plain, guided = service.estimate(10, 1.0, 4), service.estimate(10, 2.0, 4)
    assert 0 < plain < guided < service.estimate(20, 2.0, 4)


def test_the_page_offers_exactly_the_samplers_there_are():
    assert {name for _, name in strings.SAMPLERS} == set(SAMPLERS)


def test_precomputed_results_are_those_of_the_service(service, weights, assets, tmp_path):
    shutil.copytree(assets / "examples", tmp_path / "examples")
    precompute.main(
        precompute.PrecomputeOptions(weights, tmp_path / "examples", "preview", 5, "cpu")
    )
    example = read_examples(tmp_path / "examples")[0]
    *_, saved = load_result(example, service.fingerprint)
    *_, fresh = service.compare(example.image, saved.settings, example.truth())
    assert saved.settings.seed == 5
    for space in SPACES:
        np.testing.assert_array_equal(saved.occupancy[space], fresh.occupancy[space])
    assert saved.iou_to_truth == fresh.iou_to_truth
    with pytest.raises(ValueError, match="no preset 'perfect'"):
        precompute.main(precompute.PrecomputeOptions(weights, tmp_path / "examples", "perfect"))


@pytest.fixture(scope="module")
def published(weights, tmp_path_factory):
    """A published CLIP's name, and weights with a diffusion model that was trained on it."""
    folder = tmp_path_factory.mktemp("published")
    _, file = publish(folder)
    name = f"openclip:{NAME}/{file}"
    for entry in weights.iterdir():
        (folder / entry.name).symlink_to(entry)
    unet = VoxelDiffusion.load(weights / "diffusion-clip").unet.config
    model = VoxelDiffusion(space=name, unet=replace(unet, cond_dim=CONFIG["embed_dim"]))
    model.save(folder / f"diffusion-{space_folder(name)}")
    return name, folder


def test_a_damaged_model_is_left_out_of_the_known_spaces(tmp_path):
    for name, text in (("a", '{"space": "openclip:A/b"}'), ("b", "{"), ("c", "[]")):
        (tmp_path / f"diffusion-openclip-{name}").mkdir()
        (tmp_path / f"diffusion-openclip-{name}" / "config.json").write_text(text)
    assert known_spaces(tmp_path) == [*SPACES, "openclip:A/b"]


def test_a_published_clip_is_a_column_of_its_own(published, service, picture):
    name, weights = published
    assert known_spaces(weights) == [*SPACES, name]
    three = ComparisonService(weights, "cpu", known_spaces(weights))
    three.load()
    assert three.status.state == "ready", three.status.message
    assert three.spaces == (*SPACES, space_folder(name))
    *_, last = three.compare(str(picture), SETTINGS)
    assert tuple(last.samples) == three.spaces
    assert last.iou_between is None
    *_, alone = service.compare(str(picture), SETTINGS)
    for space in SPACES:  # the others are what they are without it
        np.testing.assert_array_equal(last.samples[space], alone.samples[space])
    # Results computed beforehand for two columns are not shown for three.
    assert three.fingerprint != service.fingerprint


@pytest.mark.parametrize("spec", ["openclip:{}/absent.safetensors", "openclip:{}/no_such_tag"])
def test_a_published_clip_that_cannot_be_had_is_left_out(published, weights, spec, caplog):
    spec = spec.format(NAME)
    service = ComparisonService(weights, "cpu", [*SPACES, spec])
    service.load()
    assert service.status.state == "ready"
    assert service.spaces == SPACES
    [record] = [r for r in caplog.records if r.levelname == "WARNING"]
    assert spec in record.getMessage()
    assert "\n" not in record.getMessage()
    alone = ComparisonService(weights, "cpu", [spec])
    alone.load()
    assert alone.status.state == "unavailable"
    assert spec in alone.status.message


def test_columns_of_one_image_size_share_a_cut_out(service, picture, monkeypatch):
    made = []
    once = images._find
    monkeypatch.setattr(images, "_find", lambda image: made.append(image) or once(image))
    list(service.compare(str(picture), SETTINGS))
    assert len(made) == 1


def test_what_lies_outside_of_the_box_does_not_count(service, picture, tmp_path):
    image = load_image(picture)
    box = Box(5, 5, 60, 95)
    image.crop((8, 8, 96, 152)).save(tmp_path / "part.png")  # of 160 x 160 pixels
    part = service.image_guide(str(tmp_path / "part.png"))
    for source in (str(picture), image):
        guide = service.image_guide(source, box=box)
        np.testing.assert_array_equal(guide.pixels, part.pixels)
        np.testing.assert_array_equal(guide.embeds["cisp"], part.embeds["cisp"])
    assert service.picture_size(str(picture)) == (160, 160)


def test_one_picture_is_cut_out_at_a_time(service, monkeypatch):
    """Two at once would hold twice the memory, and be no faster."""
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3)).astype(np.uint8)
    inside, peak, both = [], [], threading.Barrier(2)

    def mask(photograph):
        inside.append(0)
        peak.append(len(inside))
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # met by a second one, should there be one
        inside.pop()

    monkeypatch.setattr(images, "object_mask", mask)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(service.image_guide, [noise, noise]))
    assert peak == [1, 1]


def test_the_page_has_a_pane_for_every_column(published):
    viewer = build_viewer([*SPACES, space_folder(published[0])], "twin")
    assert viewer.html_template.count('<section class="pane') == 3
    assert "--columns: 3" in viewer.html_template
    assert "Published CLIP" in viewer.html_template


def test_a_guess_is_the_networks_own_and_the_same_in_any_company(guessing_models):
    rows = np.random.default_rng(0).standard_normal((11, 32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert guessing_models.guesses
    guesses = guessing_models.guess({"clip": rows, "cisp": rows})
    for column in guessing_models._columns:
        with torch.inference_mode():
            expected = column.model.guess(torch.from_numpy(rows))[:, 0].clamp(-1, 1)
        np.testing.assert_allclose(guesses[column.name], expected, atol=1e-5)
    alone = guessing_models.guess({"cisp": rows[9:10]})
    assert list(alone) == ["cisp"]
    np.testing.assert_array_equal(alone["cisp"][0], guesses["cisp"][9])
    assert (guesses["clip"] != guesses["cisp"]).any()


def test_weights_without_a_guess_say_so(service):
    assert not service.guesses
    with pytest.raises(ValueError, match="have no guess"):
        service.guess({"clip": np.eye(1, 32, dtype=np.float32)})


def test_where_the_gpu_is_borrowed_guesses_are_made_beside_the_towers(guessing_models):
    """A copy: the device's own model is not at hand between two loans."""
    [column] = load_columns(guessing_models.weights, torch.device("cpu"), ["clip"], embed_on="meta")
    assert column.guess is not column.model.guess
    assert {p.device.type for p in column.guess.parameters()} == {"meta"}
    [same] = load_columns(guessing_models.weights, torch.device("cpu"), ["clip"])
    assert same.guess is same.model.guess
