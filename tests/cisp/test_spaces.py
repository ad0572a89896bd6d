from __future__ import annotations

import shutil

import open_clip
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from cisp import spaces
from cisp.checkpoints import hub_file, save_tower
from cisp.embedder import EncodesShapes, EncodesText
from cisp.image_tower import ImageTower, ImageTowerConfig
from cisp.shape_tower import ShapeEncoder, ShapeEncoderConfig
from cisp.spaces import ClipSpace, PublishedClip, SpaceUnavailable, load_space
from cisp.text_tower import TextTower, TextTowerConfig
from tests.shown import shown

CAPTIONS = ["a wooden chair", "a red car with a spoiler", "lamp"]
SMALL_CLIP = {
    "embed_dim": 20,
    "vision_cfg": {"image_size": 48, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        kwargs = {"depth": 1, "img_size": 48}
        image = ImageTower(ImageTowerConfig("deit_tiny_patch16_224", 48, 24, model_kwargs=kwargs))
        shape = ShapeEncoder(ShapeEncoderConfig(16, width=48, depth=1, embed_dim=24))
        text = TextTower(TextTowerConfig(24, width=32, layers=1, context_length=16))
    for name, kind, partner in (("cisp", "shape", shape), ("clip", "text", text)):
        save_tower(image, folder / name / "image", half=True)
        save_tower(partner, folder / name / kind, half=True)
    return folder


@pytest.fixture(scope="module")
def small_clip(tmp_path_factory):
    """A published model in small, and a file with its weights."""
    patch = pytest.MonkeyPatch()
    known = open_clip.get_model_config
    patch.setattr(
        open_clip, "get_model_config", lambda name: SMALL_CLIP if name == "small" else known(name)
    )
    patch.setattr(
        open_clip.factory,
        "get_model_config",
        lambda name: SMALL_CLIP if name == "small" else known(name),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = open_clip.CLIP(**SMALL_CLIP).eval()
    file = tmp_path_factory.mktemp("published") / "small.safetensors"
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, file)
    yield model, file
    patch.undo()


@pytest.fixture
def picture() -> Image.Image:
    image = Image.new("RGBA", (90, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 10, 60, 50), fill=(200, 30, 40, 255))
    draw.rectangle((40, 20, 75, 30), fill=(20, 130, 40, 255))
    return image


@pytest.mark.parametrize("name", ["clip", "cisp"])
def test_a_trained_space_is_an_embedder(weights, picture, name):
    space = load_space(name, weights, "cpu")
    [pixels] = shown(space, picture)
    assert (space.name, space.dim, pixels.shape) == (name, 24, (3, 48, 48))
    embeds = space.encode_image(torch.stack([pixels, pixels.flip(2)]))
    assert embeds.shape == (2, 24)
    assert embeds.dtype == torch.float32
    assert not embeds.requires_grad
    torch.testing.assert_close(embeds.norm(dim=1), torch.ones(2))
    torch.testing.assert_close(space.encode_image(pixels[None])[0], embeds[0])
    assert (embeds[0] - embeds[1]).abs().max() > 1e-4
    assert isinstance(space, EncodesText) == (name == "clip")
    assert isinstance(space, EncodesShapes) == (name == "cisp")


def test_partner_towers_load_when_they_are_asked_for(weights, tmp_path):
    shutil.copytree(weights / "cisp" / "image", tmp_path / "cisp" / "image")
    shutil.copytree(weights / "clip" / "image", tmp_path / "clip" / "image")
    cisp, clip = load_space("cisp", tmp_path), load_space("clip", tmp_path)
    with pytest.raises(ValueError, match="shape"):
        cisp.encode_shape(torch.zeros(1, 1, 16, 16, 16))
    with pytest.raises(ValueError, match="text"):
        clip.encode_text(["a chair"])
    shapes = load_space("cisp", weights).encode_shape(torch.zeros(2, 1, 16, 16, 16))
    with pytest.raises(ValueError, match=r"shapes of 16³ cells, not of 32³\.$"):
        load_space("cisp", weights).encode_shape(torch.zeros(1, 1, 32, 32, 32))
    captions = load_space("clip", weights).encode_text(CAPTIONS)
    for embeds, count in ((shapes, 2), (captions, 3)):
        assert embeds.shape == (count, 24)
        torch.testing.assert_close(embeds.norm(dim=1), torch.ones(count))


def test_the_trained_clip_is_an_open_clip_model(weights):
    space = ClipSpace(weights / "clip")
    model = space.to_open_clip()
    assert type(model) is open_clip.CustomTextCLIP
    assert type(model.visual).__name__ == "TimmModel"
    assert type(model.text).__name__ == "TextTransformer"
    generator = torch.Generator().manual_seed(0)
    pixels = torch.rand(2, 3, 48, 48, generator=generator) * 2 - 1
    tokens = open_clip.SimpleTokenizer()(CAPTIONS, 16)
    image, text, scale = model(pixels, tokens)
    torch.testing.assert_close(image, space.encode_image(pixels))
    torch.testing.assert_close(text, space.encode_text(CAPTIONS))
    assert scale.item() == pytest.approx(1 / 0.07)


def test_a_published_clip_from_a_file(small_clip, picture):
    model, file = small_clip
    spec = f"openclip:small/{file}"
    space = load_space(spec, file.parent / "unused", "cpu")
    assert isinstance(space, PublishedClip)
    assert (space.name, space.dim) == (spec, 20)
    [pixels] = shown(space, picture)
    assert pixels.shape == (3, 48, 48)
    mean = torch.tensor(open_clip.OPENAI_DATASET_MEAN).view(3, 1, 1)
    std = torch.tensor(open_clip.OPENAI_DATASET_STD).view(3, 1, 1)
    with torch.no_grad():
        expected = model.encode_image(((pixels + 1) / 2 - mean)[None] / std, normalize=True)
        tokens = open_clip.SimpleTokenizer()(CAPTIONS, 16)
        expected_text = model.encode_text(tokens, normalize=True)
    torch.testing.assert_close(space.encode_image(pixels[None]), expected)
    torch.testing.assert_close(space.encode_text(CAPTIONS), expected_text)


def test_published_weights_must_fit(small_clip, tmp_path):
    model, _ = small_clip
    state = {k: v.contiguous() for k, v in model.state_dict().items() if k != "logit_scale"}
    save_file(state, tmp_path / "less.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"no weights")
    for name in ("less", "broken"):
        with pytest.raises(ValueError, match="do not fit small"):
            PublishedClip(f"openclip:small/{tmp_path / name}.safetensors")


@pytest.mark.parametrize(
    "spec",
    [
        "openclip:ViT-B-32/laion2b_s34b_b79k",
        "openclip:ViT-B-32/no_such_tag",
        "openclip:ViT-B-32",
        "openclip:no-such-model/laion2b_s34b_b79k",
        "openclip:ViT-B-32/absent.safetensors",
        "clip",
        "cisp",
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(tmp_path, monkeypatch, spec):
    monkeypatch.setattr(spaces, "hub_file", lambda repo, name: None)
    with pytest.raises(SpaceUnavailable) as error:
        load_space(spec, tmp_path)
    assert "\n" not in str(error.value)


def test_an_unknown_space_is_refused(tmp_path):
    with pytest.raises(ValueError, match="There is no space 'dino'"):
        load_space("dino", tmp_path)


def test_without_a_network_the_hub_is_given_up_at_once(monkeypatch, tmp_path):
    """The hub's client waits 23 s before it gives up; the page would seem to hang."""

    class Session:
        def head(self, url, timeout):
            raise OSError("no network")

    def must_not_run(*args, **kwargs):
        raise AssertionError("the hub's own client was asked although there is no network")

    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda repo, name: None)
    monkeypatch.setattr(huggingface_hub, "get_session", Session)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", must_not_run)
    assert hub_file("owner/name", "model.safetensors") is None
    cached = str(tmp_path / "model.safetensors")
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda repo, name: cached)
    assert str(hub_file("owner/name", "model.safetensors")) == cached
