"""A recipe: all that is needed to reproduce a result, as JSON for a file and as text for a link.

A link carries the recipe behind its "#", which browsers do not send: the picture in it reaches no
log. The hash of a result tells whether another machine made the same shapes.
"""

from __future__ import annotations

import base64
import json
import shlex
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from cisp.boxes import Box
from cisp.naming import AUTOMATIC, WAYS
from demo.service.frames import Settings
from demo.service.sources import Source
from diffusion.grids.frame import digest

VERSION = 1
KINDS = {"compare": (1,), "attributes": (1,), "walk": (2, 4)}  # how many sources each has
LONGEST = 800_000  # characters of a link's recipe
INFLATED = 4_000_000  # bytes that it may unpack to
# Bounds of everything that an untrusted link can request from the models.
BOUNDS = {"seed": (0, 2**31 - 1), "num_steps": (1, 100)}
BOUNDS |= {"guidance_scale": (1.0, 6.0), "strength": (0.05, 1.0)}
OPTIONS = {"samples": (1, 8), "frames": (2, 65)}
LONGEST_TEXTS = {"trace": 900, "moves": 600}  # characters; 40 of other options
SAMPLERS = ("ddpm", "ddim", "dpmpp_2m")


@dataclass(frozen=True)
class Recipe:
    """All that a result was made from.

    Args:
        kind: "compare": samples of one source; "attributes": the same, with attributes moved;
            "walk": a path between two, or a grid of four.
        sources: one or more, see `KINDS`.
        settings: how every shape was sampled.
        spaces: the columns.
        weights: fingerprint of the models.
        options: of the kind: "samples" of a comparison, and "cut_out" and "box" if they were
            chosen; "moves" of attributes (`cisp.attributes.moves_of`); "frames" and "mode" of a
            walk, and "trace" of one that follows places in a square.
    """

    kind: str
    sources: tuple[Source, ...]
    settings: Settings
    spaces: tuple[str, ...]
    weights: str
    options: Mapping[str, int | str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, data: Any) -> Recipe:
        """Check and read what `to_json` made.

        Raises:
            ValueError: it is not a recipe, or its values are out of bounds; one sentence.
        """
        try:
            if data["version"] != VERSION:
                raise ValueError("This recipe was made by another version of the page.")
            settings = Settings(**data["settings"])
            recipe = cls(
                str(data["kind"]),
                tuple(Source(**source) for source in data["sources"]),
                settings,
                tuple(map(str, data["spaces"])),
                str(data["weights"]),
                {str(key): value for key, value in data["options"].items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("This is not a recipe of this page.") from error
        if len(recipe.sources) not in KINDS.get(recipe.kind, ()):
            raise ValueError("This is not a recipe of this page.")
        for name, (low, high) in BOUNDS.items():
            number = getattr(settings, name)
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(f"The {name} of this recipe is not a number.")
            if not low <= number <= high:
                raise ValueError(f"The {name} of this recipe is not between {low} and {high}.")
        if not isinstance(settings.seed, int) or not isinstance(settings.num_steps, int):
            raise ValueError("The seed and the steps of a recipe are whole numbers.")
        if settings.sampler not in SAMPLERS:
            raise ValueError(f"There is no sampler “{str(settings.sampler)[:40]}”.")
        if recipe.options.get("cut_out", AUTOMATIC) not in WAYS:
            raise ValueError("There is no such way to cut out.")
        for name, value in recipe.options.items():
            low, high = OPTIONS.get(name, (0, 0))
            longest = LONGEST_TEXTS.get(name, 40)
            if not isinstance(value, int if name in OPTIONS else str) or len(str(value)) > longest:
                raise ValueError("This is not a recipe of this page.")
            if name in OPTIONS and not low <= value <= high:
                raise ValueError(f"The {name} of this recipe is not between {low} and {high}.")
        Box.from_text(recipe.options.get("box", ""))
        return recipe

    def to_text(self) -> str:
        """The text behind "#KIND=" in a link: letters, digits, - and _ only."""
        packed = zlib.compress(json.dumps(self.to_json(), separators=(",", ":")).encode(), 9)
        return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> Recipe:
        """Read what `to_text` made.

        Raises:
            ValueError: it is damaged, or not a recipe; one sentence.
        """
        if len(text) > LONGEST:
            raise ValueError("The recipe in this link is too long.")
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            unpacker = zlib.decompressobj()
            data = json.loads(unpacker.decompress(packed, INFLATED))
        except (ValueError, RecursionError, zlib.error) as error:
            raise ValueError("The recipe in this link is damaged: was it copied whole?") from error
        return cls.from_json(data)


def command(recipe: Recipe, picture: str, stem: str, weights: str, specs: Mapping[str, str]) -> str:
    """The command that makes the shapes again.

    Args:
        recipe: of the result.
        picture: the file that a comparison was made from; "" where there is none, or for another
            kind: then `demo.replay` follows the recipe in the archive.
        stem: name of the command's output file.
        weights: the folder of the weights, "" for those that come with the repository.
        specs: column name -> name of its space, where they differ.
    """
    settings, spaces = recipe.settings, ",".join(specs.get(name, name) for name in recipe.spaces)
    if picture:
        words = ["training.generate", "--images", picture]
        words += ["--spaces", spaces, "--samples", recipe.options.get("samples", 1)]
        words += ["--sampler", settings.sampler, "--steps", settings.num_steps]
        words += ["--guidance", f"{settings.guidance_scale:g}", "--seed", settings.seed]
        words += ["--strength", f"{settings.strength:g}"] if settings.strength != 1 else []
        words += ["--cut-out", recipe.options["cut_out"]] if "cut_out" in recipe.options else []
        words += ["--box", recipe.options["box"]] if "box" in recipe.options else []
    else:
        words = ["demo.replay", "--recipe", "recipe.json", "--spaces", spaces]
    words += ["--weights", weights] if weights else []
    return shlex.join(map(str, ["python", "-m", *words, "--out", f"{stem}.npz"]))


def result_hash(shapes: Mapping[str, np.ndarray], spaces: Sequence[str]) -> str:
    """Identify a result: `digest` of its occupancy, with the spaces in this order.

    Args:
        shapes: column name -> (N, R, R, R), positive inside.
        spaces: the columns; those without a shape are left out.
    """
    return digest(np.stack([shapes[space] > 0 for space in spaces if space in shapes]))
