"""All embedders: the spaces trained here, read from disk, and the published CLIP.

<weights>/clip/image/{config.json,model.safetensors}    <weights>/clip/text/...
<weights>/cisp/image/...                                <weights>/cisp/shape/...
"""

from __future__ import annotations

import zipfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cisp.checkpoints import hub_file, load_tower
from cisp.embedder import Embedder
from cisp.image_tower import ImageTower
from cisp.naming import PUBLISHED, SPACES
from cisp.shape_tower import SHAPE_TOWERS, ShapeCnn, ShapeEncoder

if TYPE_CHECKING:
    from open_clip import CustomTextCLIP

    from cisp.text_tower import TextTower

CHECKPOINTS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")  # what a local file ends with
HUB_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


class SpaceUnavailable(ValueError):
    """The weights of a space are not available; the message is one sentence for the user."""


class _TrainedSpace:
    """A space trained here: an image tower, and a partner tower that is loaded on first use.

    Args:
        folder: <weights>/<name>.
        device: where the towers live.

    Raises:
        SpaceUnavailable: there are no weights in the folder.
        ValueError: there are, but they are damaged or do not fit.
    """

    name: str

    def __init__(self, folder: Path, device: torch.device | str = "cpu"):
        self.folder, self.device = Path(folder), torch.device(device)
        if not (self.folder / "image").is_dir():
            raise SpaceUnavailable(f"There are no weights of the {self.name} space in {folder}.")
        self.image_tower = load_tower(ImageTower, self.folder / "image").to(self.device)
        self.dim = self.image_tower.config.embed_dim
        self.image_size = self.image_tower.config.image_size

    @torch.no_grad()
    def encode_image(self, pixels: Tensor) -> Tensor:
        """See `Embedder`."""
        return _unit(self.image_tower(pixels.to(self.device)))


class CispSpace(_TrainedSpace):
    """Images and shapes in one space."""

    name = "cisp"

    @cached_property
    def shape_tower(self) -> ShapeEncoder | ShapeCnn:
        """The partner tower; loaded on first use."""
        return load_tower(SHAPE_TOWERS, self.folder / "shape").to(self.device)

    @torch.no_grad()
    def encode_shape(self, voxels: Tensor) -> Tensor:
        """Embed grids (B, 1, R, R, R) in [-1, 1] as unit vectors (B, D) float32.

        Raises:
            ValueError: they are of another resolution than the tower's.
        """
        side, known = voxels.shape[-1], self.shape_tower.config.resolution
        if side != known:
            raise ValueError(f"This space knows shapes of {known}³ cells, not of {side}³.")
        return _unit(self.shape_tower(voxels.to(self.device)))


class ClipSpace(_TrainedSpace):
    """Images and captions in one space."""

    name = "clip"

    @cached_property
    def text_tower(self) -> TextTower:
        """The partner tower; loaded on first use."""
        from cisp.text_tower import TextTower  # needs open_clip

        return load_tower(TextTower, self.folder / "text").to(self.device)

    @torch.no_grad()
    def encode_text(self, captions: list[str]) -> Tensor:
        """Embed captions as unit vectors (B, D) float32."""
        return _unit(self.text_tower(self.text_tower.tokenize(captions).to(self.device)))

    def to_open_clip(self) -> CustomTextCLIP:
        """The same space as a model of open_clip, sharing its weights with this one.

        Built from an open_clip configuration with a timm vision tower. Two things that such a
        configuration cannot express are then replaced: the trunk's own arguments and the head
        Linear - SiLU - Linear. The logit scale stays at its initial value: embeddings do
        not depend on it. It takes pixels of `cisp.images.all_pixels`, and tokens padded to the
        context.
        """
        from open_clip import CustomTextCLIP

        tower, text = self.image_tower, self.text_tower
        vision_config = {
            "timm_model_name": tower.config.model_name,
            "timm_pool": "",
            "timm_proj": "none",
            "image_size": tower.config.image_size,
        }
        model = CustomTextCLIP(self.dim, vision_config, text.text_config)
        model.visual.trunk, model.visual.head = tower.trunk, tower.head
        model.text = text.text
        return model.to(self.device).eval()


class PublishedClip:
    """A CLIP published through open_clip, from the hub, its cache or a local file.

    Checkpoints that are pickles (.pt and the like) are read by `torch.load(weights_only=True)`,
    which takes tensors and refuses to run anything.

    Args:
        spec: "openclip:<model>/<tag>" or "openclip:<model>/<path to a checkpoint>".
        device: where the model lives.

    Raises:
        SpaceUnavailable: the model or tag is unknown, or its weights are not available.
        ValueError: the weights cannot be read or do not fit the model.
    """

    def __init__(self, spec: str, device: torch.device | str = "cpu"):
        import open_clip

        self.name, self.device = spec, torch.device(device)
        self.model_name, _, source = spec.removeprefix(PUBLISHED).partition("/")
        config = open_clip.get_model_config(self.model_name)
        if config is None or "hf_model_name" in config["text_cfg"]:
            raise SpaceUnavailable(f"open_clip's own models do not include '{self.model_name}'.")
        self.dim = config["embed_dim"]
        tag = open_clip.get_pretrained_cfg(self.model_name, source)
        file = _published_file(self.model_name, source, tag)
        _refuse_torchscript(file)
        try:
            self.model = open_clip.create_model(
                self.model_name,
                pretrained=str(file),
                force_quick_gelu=tag.get("quick_gelu", False),
                device=self.device,
                weights_only=True,
            ).eval()
        except Exception as error:  # a damaged or foreign file may raise anything
            raise ValueError(f"The weights {file} do not fit {self.model_name}.") from error
        for other in open_clip.list_pretrained_tags_by_model(self.model_name) if not tag else ():
            tag = open_clip.get_pretrained_cfg(self.model_name, other)  # a file: any of them
            break
        size = self.model.visual.image_size
        self.image_size = size if isinstance(size, int) else size[0]
        mean, std = (
            torch.tensor(tag.get(key, default), device=self.device).view(3, 1, 1)
            for key, default in (
                ("mean", open_clip.OPENAI_DATASET_MEAN),
                ("std", open_clip.OPENAI_DATASET_STD),
            )
        )
        self.mean, self.std = mean, std

    @torch.no_grad()
    def encode_image(self, pixels: Tensor) -> Tensor:
        """See `Embedder`; the model's own mean and deviation are applied here."""
        values = ((pixels.to(self.device) + 1) / 2 - self.mean) / self.std
        return _unit(self.model.encode_image(values))

    @torch.no_grad()
    def encode_text(self, captions: list[str]) -> Tensor:
        """Embed captions as unit vectors (B, D) float32."""
        import open_clip

        tokens = open_clip.get_tokenizer(self.model_name)(captions)
        return _unit(self.model.encode_text(tokens.to(self.device)))


def load_space(spec: str, weights: str | Path, device: torch.device | str = "cpu") -> Embedder:
    """Load an embedding space.

    Args:
        spec: "clip", "cisp" or "openclip:<model>/<tag or checkpoint file>".
        weights: folder that holds the spaces trained here.
        device: where the towers live.

    Raises:
        SpaceUnavailable: the weights are not available.
        ValueError: no such space, or its weights are damaged or do not fit.
    """
    if spec.startswith(PUBLISHED):
        return PublishedClip(spec, device)
    for space in (ClipSpace, CispSpace):
        if spec == space.name:
            return space(Path(weights) / spec, device)
    raise ValueError(f"There is no space '{spec}': take clip, cisp or openclip:<model>/<tag>.")


def load_spaces(weights: str | Path, device: torch.device | str = "cpu") -> dict[str, Embedder]:
    """Both bundled spaces by name; see `load_space`."""
    return {name: load_space(name, weights, device) for name in SPACES}


def _published_file(model_name: str, source: str, tag: dict[str, Any]) -> Path:
    """The file of weights behind a tag of open_clip, or the local file itself."""
    if source.endswith(CHECKPOINTS):
        if not Path(source).is_file():
            raise SpaceUnavailable(f"There is no file {source}.")
        return Path(source)
    if not tag:
        raise SpaceUnavailable(f"open_clip has no weights '{source}' of {model_name}.")
    repo, _, filename = tag["hf_hub"].rpartition("/")
    for name in (filename,) if filename else HUB_FILES:
        file = hub_file(repo, name)
        if file is not None:
            return file
    raise SpaceUnavailable(
        f"The published weights {model_name}/{source} cannot be downloaded here; "
        "give a local file of weights instead."
    )


def _refuse_torchscript(file: Path) -> None:
    """OpenAI publishes its CLIPs as programs, which would have to be run to be loaded.

    Raises:
        ValueError: the file is one; the sentence says how to get the weights out of it.
    """
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        is_program = any("/code/" in name for name in archive.namelist())
    if is_program:
        weights = file.with_suffix(".safetensors")
        raise ValueError(
            f"{file} is a TorchScript program, as OpenAI publishes its CLIPs: take its weights out "
            f"with “python -m training.unscript {file} {weights}”, if you trust it."
        )


def _unit(embeds: Tensor) -> Tensor:
    return F.normalize(embeds.float(), dim=-1)
