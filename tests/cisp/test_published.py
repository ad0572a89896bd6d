"""The published CLIP from local files, against open_clip itself."""

from __future__ import annotations

import logging
import pickle

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image, ImageDraw

from cisp import spaces
from cisp.images import GREY, cutout
from cisp.naming import space_folder
from cisp.spaces import PublishedClip, SpaceUnavailable, load_space
from tests.published_fakes import NAME, publish
from tests.shown import shown
from training import unscript


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    """A cut-out, an object on a plain background, a drawing, and square noise that stays whole."""
    cut = Image.new("RGBA", (90, 60))
    ImageDraw.Draw(cut).rectangle((20, 10, 60, 50), fill=(200, 30, 40, 255))
    plain = Image.new("RGB", (120, 80), (240, 240, 235))
    ImageDraw.Draw(plain).ellipse((30, 15, 100, 60), fill=(30, 60, 160))
    drawing = Image.new("RGB", (200, 200), "white")
    ImageDraw.Draw(drawing).line([(40, 50), (150, 60), (120, 160), (40, 50)], "black", 3)
    noise = np.random.default_rng(0).integers(0, 256, (80, 80, 3)).astype(np.uint8)
    return [cut, plain, drawing, Image.fromarray(noise)]


def of_open_clip(model, pictures, mean, std) -> torch.Tensor:
    """The embeddings as open_clip's users make them: its own transform, its own normalisation."""
    transform = open_clip.image_transform(48, is_train=False, mean=mean, std=std)
    grey = [Image.new("RGBA", (48, 48), (GREY, GREY, GREY, 255)) for _ in pictures]
    seen = [
        Image.alpha_composite(paper, cutout(picture, 48)).convert("RGB")
        for paper, picture in zip(grey, pictures, strict=True)
    ]
    with torch.no_grad():
        return model.encode_image(torch.stack([transform(i) for i in seen]), normalize=True)


def test_embeddings_are_those_of_open_clip(published, pictures):
    model, file = published
    space = load_space(f"openclip:{NAME}/{file}", "unused")
    embeds = space.encode_image(torch.cat([shown(space, p) for p in pictures]))
    clip = of_open_clip(
        model, pictures, open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
    )
    # Pillow composites in whole steps of 1/255, so soft edges may differ by one.
    torch.testing.assert_close(embeds, clip, atol=2e-3, rtol=0)
    opaque = pictures[3:]  # where nothing is composited, nothing differs
    alone = space.encode_image(torch.cat([shown(space, p) for p in opaque]))
    torch.testing.assert_close(alone, clip[3:], atol=1e-5, rtol=0)
    assert space.dim == embeds.shape[1] == 20
    assert space.image_size == 48
    assert (embeds[0] - embeds[1]).abs().max() > 1e-3


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".bin"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_checkpoints_of_torch(published, pictures, tmp_path, suffix, wrapped):
    """A plain state dict, or what open_clip's training writes under DistributedDataParallel."""
    model, file = published
    state = model.state_dict()
    if wrapped:
        state = {f"module.{key}": value for key, value in state.items()}
        state = {"epoch": 3, "name": "run", "state_dict": state, "optimizer": {"lr": 1e-3}}
    torch.save(state, tmp_path / f"a{suffix}")
    space = load_space(f"openclip:{NAME}/{tmp_path / f'a{suffix}'}", "unused")
    other = load_space(f"openclip:{NAME}/{file}", "unused")
    pixels = shown(space, pictures[1])
    torch.testing.assert_close(space.encode_image(pixels), other.encode_image(pixels))


class Trap:
    """Creates a file when it is unpickled unsafely."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_checkpoint_runs_nothing(published, tmp_path):
    trap = {"state_dict": Trap(tmp_path / "sprung")}
    torch.save(trap, tmp_path / "a.pt")
    (tmp_path / "b.pt").write_bytes(pickle.dumps(trap))
    for name in "ab":
        with pytest.raises(ValueError, match="do not fit"):
            PublishedClip(f"openclip:{NAME}/{tmp_path / name}.pt")
    assert not (tmp_path / "sprung").exists()


def test_a_torchscript_program_is_not_run_and_its_weights_can_be_taken_out(
    published, pictures, tmp_path
):
    """OpenAI's own files are such programs, with three numbers beside the weights."""
    model, file = published

    class Program(torch.nn.Module):
        def forward(self, x):
            return x

    program = Program()
    for name, value in {**model.state_dict(), "input_resolution": torch.tensor(48)}.items():
        *folders, leaf = name.split(".")
        holder = program
        for part in folders:
            if part not in dict(holder.named_children()):
                holder.add_module(part, torch.nn.Module())
            holder = getattr(holder, part)
        holder.register_buffer(leaf, value)
    torch.jit.trace(program, torch.zeros(1)).save(tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"a\.pt is a TorchScript program, .*training\.unscript"):
        PublishedClip(f"openclip:{NAME}/{tmp_path / 'a.pt'}")
    out = tmp_path / "b.safetensors"
    unscript.main(unscript.UnscriptOptions(tmp_path / "a.pt", out))
    space, other = (PublishedClip(f"openclip:{NAME}/{path}") for path in (out, file))
    pixels = shown(space, pictures[1])
    torch.testing.assert_close(space.encode_image(pixels), other.encode_image(pixels))
    with pytest.raises(ValueError, match="is not a TorchScript program"):
        unscript.main(unscript.UnscriptOptions(out, tmp_path / "c.safetensors"))


@pytest.mark.parametrize("fault", ["empty", "text", "short", "another", "number"])
def test_a_damaged_checkpoint_is_one_sentence(published, tmp_path, fault):
    model, _ = published
    file = tmp_path / "a.pt"
    torch.save(model.state_dict(), file)
    if fault == "empty":
        file.write_bytes(b"")
    elif fault == "text":
        file.write_text("no weights")
    elif fault == "short":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        torch.save({"visual.conv1.weight": torch.zeros(2)} if fault == "another" else 3, file)
    with pytest.raises(ValueError, match=f"do not fit {NAME}") as error:
        PublishedClip(f"openclip:{NAME}/{file}")
    assert "\n" not in str(error.value)


def test_a_tag_is_loaded_with_its_own_numbers(published, pictures, monkeypatch):
    """A model of the hub, from its cache: the tag says which mean and deviation it expects."""
    model, file = published
    asked = []
    tag = {"hf_hub": "some/where/", "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
    monkeypatch.setattr(open_clip, "get_pretrained_cfg", lambda name, source: tag)

    def hub_file(repo, name):
        asked.append((repo, name))
        return file if name == spaces.HUB_FILES[0] else None

    monkeypatch.setattr(spaces, "hub_file", hub_file)
    space = load_space(f"openclip:{NAME}/best", "unused")
    assert asked == [("some/where", "open_clip_model.safetensors")]
    pixels = shown(space, pictures[3])
    clip = of_open_clip(model, pictures[3:], (0.5,) * 3, (0.5,) * 3)
    torch.testing.assert_close(space.encode_image(pixels), clip, atol=1e-5, rtol=0)


def test_a_file_is_fed_as_its_published_siblings_are(published, monkeypatch):
    """SigLIP, for one, expects another mean and deviation than OpenAI's."""
    _, file = published
    monkeypatch.setattr(open_clip, "list_pretrained_tags_by_model", lambda name: ["other"])
    known = {"other": {"mean": (0.5, 0.4, 0.3), "std": (0.1, 0.2, 0.3)}}
    monkeypatch.setattr(open_clip, "get_pretrained_cfg", lambda name, tag: known.get(tag, {}))
    space = PublishedClip(f"openclip:{NAME}/{file}")
    assert space.mean.flatten().tolist() == pytest.approx([0.5, 0.4, 0.3])
    assert space.std.flatten().tolist() == pytest.approx([0.1, 0.2, 0.3])


def test_what_the_hub_lacks_is_one_sentence(published, monkeypatch, caplog):
    asked = []
    monkeypatch.setattr(spaces, "hub_file", lambda repo, name: asked.append(name))
    with caplog.at_level(logging.WARNING), pytest.raises(SpaceUnavailable, match="local file"):
        load_space("openclip:ViT-B-32/laion2b_s34b_b79k", "unused")
    assert asked == list(spaces.HUB_FILES)
    assert not caplog.records


def test_every_model_of_open_clip_with_its_own_text_tower_is_known():
    """Every tag names where its weights are, so only a missing network makes one fail."""
    for name, tag in open_clip.list_pretrained():
        config = open_clip.get_pretrained_cfg(name, tag)
        repo, _, _ = config["hf_hub"].rpartition("/")
        assert repo.count("/") == 1, (name, tag)


def test_names_of_folders():
    assert space_folder("cisp") == "cisp"
    assert space_folder("openclip:ViT-B-32/laion2b") == "openclip-ViT-B-32-laion2b"
    assert space_folder("openclip:A//tmp/x y.pt") == "openclip-A-tmp-x-y.pt"
