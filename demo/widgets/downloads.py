"""Downloads of a finished comparison: files, a link, a command and a hash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from cisp.boxes import Box
from cisp.naming import AUTOMATIC
from demo import strings
from demo.service.exports import Meshes, write_files, write_zip
from demo.service.frames import Frame
from demo.service.models import Models
from demo.service.recipes import Recipe, command
from demo.service.sources import Source
from demo.strings.recipes import ZIP
from demo.widgets.inputs import stem_of
from demo.widgets.recipe_card import build_recipe_card, recipe_value

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "weights"


def command_of(service: Models, recipe: Recipe, stem: str, picture: str = "") -> str:
    """The command that makes a result of this page again; see `demo.service.recipes.command`."""
    weights = "" if service.weights.resolve() == BUNDLED else str(service.weights)
    return command(recipe, picture, stem, weights, service.specs)


def no_downloads() -> dict[str, Any]:
    """Empty downloads, by the names that `Downloads` uses."""
    return {"recipe": {}, "downloads": gr.DownloadButton(value=None, interactive=False)}


class Downloads:
    """The recipe card and the download buttons under a result, by the names `recipe`, `downloads`.

    Buttons: a voxel and a smooth mesh for each column, then the archive.
    """

    def __init__(self, service: Models):
        self.service = service

    def build(self, name: str) -> dict[str, Any]:
        """Lay them out; their elements are NAME-downloads and NAME-recipe."""
        texts = [
            text.format(space=strings.space_text(space).title)
            for space in self.service.spaces
            for text in (strings.GLB_VOXELS, strings.GLB_SMOOTH)
        ]
        with gr.Row(elem_id=f"{name}-downloads", elem_classes="downloads"):
            buttons = [
                gr.DownloadButton(text, size="sm", interactive=False, min_width=120)
                for text in [*texts, ZIP]
            ]
        return {"recipe": build_recipe_card(f"{name}-recipe"), "downloads": buttons}

    def of(
        self,
        frame: Frame,
        source: Source,
        folder: Path,
        picture: str = "",
        stem: str = "shape",
        meshes: Meshes | None = None,
        options: Mapping[str, str] | None = None,
        kind: str = "compare",
    ) -> dict[str, Any]:
        """Downloads of the finished samples.

        Args:
            frame: of the comparison.
            source: what it was made from.
            folder: takes the files; belongs to the caller.
            picture: the name of the image's file, if any: the command can only use a file.
            stem: prefix of file names when there is no picture.
            meshes: of this comparison, if this is called repeatedly.
            options: of the recipe, beside the number of samples.
            kind: of the recipe.
        """
        meshes = meshes or Meshes()
        recipe = self._recipe(frame, source, options or {}, kind)
        stem = stem_of(Path(picture)) if picture else stem
        file = picture if source.kind == "pixels" else ""
        if source.kind == "example":
            file = f"assets/examples/{source.value}"
        if kind != "compare":
            file = ""  # a file alone does not tell how it was moved
        line = command_of(self.service, recipe, stem, file)
        files = write_files(frame, folder, stem, meshes)
        paths = [
            *(
                kind.get(space)
                for space in self.service.spaces
                for kind in (files.voxels, files.smooth)
            ),
            write_zip(frame, recipe, folder, stem, line, meshes),
        ]
        buttons = [gr.DownloadButton(value=path, interactive=path is not None) for path in paths]
        return {"recipe": recipe_value(recipe, frame.samples, line), "downloads": buttons}

    def _recipe(
        self, frame: Frame, source: Source, options: Mapping[str, str], kind: str
    ) -> Recipe:
        spaces = tuple(frame.samples)
        count = len(frame.samples[spaces[0]])
        weights = self.service.fingerprint or ""
        every = {"samples": count, **options}
        return Recipe(kind, (source,), frame.settings, spaces, weights, every)


def cutting(cut_out: str, box: Box | None) -> dict[str, str]:
    """The options of a recipe that tell how a picture was cut out, where someone chose."""
    chosen = {"cut_out": cut_out} if cut_out != AUTOMATIC else {}
    return chosen | ({"box": str(box)} if box is not None else {})
