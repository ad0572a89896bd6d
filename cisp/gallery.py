"""The gallery, the known shapes that retrieval searches: embeddings, grids, names, in one npz.

    ids, categories, subtypes     N names each
    bits, resolution              (N, R^3 / 8) uint8, packed occupancy; R
    embeds/<space>/<kind>         (N, D) float16; kind "shape" for the embedding of the grid,
                                  "image" for the mean embedding of pictures of the shape
    towers/<space>                digest of the image tower that pictures must be embedded with
    maps/<space>                  (N, 2) float16 in [-1, 1], places on a map of the space; optional

`training.gallery_index` writes it. Needs numpy alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cisp.pointers import refuse_pointer

KINDS = ("shape", "image")  # what to search, best first: a space without shapes has images only


class Neighbours(NamedTuple):
    """The k most similar gallery entries of Q queries, the nearest first.

    `rows` (Q, k) int indexes the gallery, `similarity` (Q, k) float32 are cosines.
    """

    rows: np.ndarray
    similarity: np.ndarray


def nearest(query: np.ndarray, gallery: np.ndarray, k: int) -> Neighbours:
    """Find the k gallery entries most similar to each query; of equal ones, the earlier first.

    Args:
        query: (Q, D) unit vectors.
        gallery: (N, D) unit vectors.
        k: how many, at most N.

    Raises:
        ValueError: if k or the dimensions do not fit.
    """
    if query.ndim != 2 or gallery.ndim != 2 or query.shape[1] != gallery.shape[1]:
        raise ValueError(
            f"Embeddings of shape {query.shape} cannot be compared with a gallery of shape "
            f"{gallery.shape}."
        )
    if not 1 <= k <= len(gallery):
        raise ValueError(f"A gallery of {len(gallery)} shapes has no {k} nearest ones.")
    similarity = query.astype(np.float32) @ gallery.astype(np.float32).T  # (Q, N)
    rows = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return Neighbours(rows, np.take_along_axis(similarity, rows, 1))


@dataclass(frozen=True)
class Gallery:
    """A loaded gallery of N shapes.

    Attributes:
        ids: N names; "chair-2000000004" is the procedural chair of that seed.
        categories: N.
        subtypes: N, "" where unknown.
        bits: (N, R^3 / 8) uint8, packed occupancy.
        resolution: R.
        embeds: "<space>/<kind>" to (N, D) float32 unit vectors.
        towers: a space to the digest of its image tower, see `tower_digest`.
        maps: a space to (N, 2) float32 in [-1, 1]: near on the map, similar in the space.
    """

    ids: tuple[str, ...]
    categories: tuple[str, ...]
    subtypes: tuple[str, ...]
    bits: np.ndarray
    resolution: int
    embeds: Mapping[str, np.ndarray]
    towers: Mapping[str, str]
    maps: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def nearest(
        self, embeds: np.ndarray, space: str, k: int = 10, kind: str | None = None
    ) -> Neighbours:
        """Find the shapes nearest to pictures.

        Args:
            embeds: (Q, D) unit vectors of pictures in the space.
            space: "cisp", "clip" or whatever the gallery was made with.
            k: how many.
            kind: what to compare with: "shape" or "image"; by default shapes where the space has
                them.

        Raises:
            ValueError: if the gallery lacks the space or kind, or the numbers do not fit.
        """
        return nearest(embeds, self.searched(space, kind), k)

    def searched(self, space: str, kind: str | None = None) -> np.ndarray:
        """The unit vectors (N, D) to search: of `kind`, else of shapes where the space has them.

        Raises:
            ValueError: if the gallery lacks the space or kind.
        """
        for name in (f"{space}/{one}" for one in (KINDS if kind is None else (kind,))):
            if name in self.embeds:
                return self.embeds[name]
        raise ValueError(f"The gallery holds no {space}/{kind or KINDS[-1]} embeddings.")

    @property
    def spaces(self) -> tuple[str, ...]:
        """The spaces that the shapes are embedded in."""
        return tuple(dict.fromkeys(name.rsplit("/", 1)[0] for name in self.embeds))

    def occupancy(self, row: int) -> np.ndarray:
        """The grid of a shape, (R, R, R) bool."""
        cube = (self.resolution,) * 3  # as `diffusion.grids.frame.unpack_bits`, which is not cisp's
        cells = np.unpackbits(self.bits[row], count=self.resolution**3)
        return cells.astype(bool).reshape(cube)

    def fits(self, weights: str | Path) -> bool:
        """Whether the embeddings of these weights may be compared with the gallery's."""
        return towers_fit(self.towers, weights)


def towers_fit(towers: Mapping[str, str], weights: str | Path) -> bool:
    """Whether these weights have the image towers of these digests, by space."""
    return all(tower_digest(weights, space) == known for space, known in towers.items())


def tower_digest(weights: str | Path, space: str) -> str:
    """SHA-256 of the image tower of a space, "" where there is none."""
    files = sorted((Path(weights) / space / "image").glob("*.safetensors"))
    if not files:
        return ""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def gallery_arrays(gallery: Gallery) -> dict[str, np.ndarray]:
    """The arrays of the npz."""
    arrays = {name: np.array(getattr(gallery, name)) for name in ("ids", "categories", "subtypes")}
    arrays |= {"bits": gallery.bits, "resolution": np.array(gallery.resolution)}
    arrays |= {
        f"embeds/{name}": values.astype(np.float16) for name, values in gallery.embeds.items()
    }
    arrays |= {f"towers/{name}": np.array(one) for name, one in gallery.towers.items()}
    return arrays | {f"maps/{name}": one.astype(np.float16) for name, one in gallery.maps.items()}


def load_gallery(path: str | Path) -> Gallery:
    """Read a gallery; nothing in the file is unpickled.

    Raises:
        ValueError: in one sentence, if there is none, or it is damaged.
    """
    if not Path(path).is_file():
        raise ValueError(f"There is no gallery '{path}'.")
    refuse_pointer(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        gallery = _from_arrays(arrays)
    except Exception as error:  # parsers of a damaged npz may raise anything
        raise ValueError(f"'{path}' is not a gallery that can be read.") from error
    return gallery


def _from_arrays(arrays: Mapping[str, np.ndarray]) -> Gallery:
    names = {key: tuple(arrays[key].tolist()) for key in ("ids", "categories", "subtypes")}
    bits, resolution = arrays["bits"], int(arrays["resolution"])
    count = len(names["ids"])
    embeds = {
        key.removeprefix("embeds/"): _unit(values.astype(np.float32))
        for key, values in arrays.items()
        if key.startswith("embeds/")
    }
    maps = {
        key.removeprefix("maps/"): values.astype(np.float32)
        for key, values in arrays.items()
        if key.startswith("maps/")
    }
    columns = (*names.values(), bits, *embeds.values(), *maps.values())
    lengths = {len(column) for column in columns}
    if lengths != {count} or bits.shape != (count, -(-(resolution**3) // 8)) or not embeds:
        raise ValueError("The arrays disagree.")
    if bits.dtype != np.uint8 or any(values.ndim != 2 for values in embeds.values()):
        raise ValueError("An array is of the wrong kind.")
    if any(v.shape != (count, 2) or not np.isfinite(v).all() for v in maps.values()):
        raise ValueError("A map has no place for every shape.")
    towers = {
        key.removeprefix("towers/"): str(value)
        for key, value in arrays.items()
        if key.startswith("towers/")
    }
    return Gallery(
        **names, bits=bits, resolution=resolution, embeds=embeds, towers=towers, maps=maps
    )


def _unit(values: np.ndarray) -> np.ndarray:
    """Normalise rows again, since float16 has rounded them."""
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
