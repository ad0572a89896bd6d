"""Makes shapes from pictures: `python -m training.generate --images DIR_OR_FILES... --out OUT.npz`.

OUT.npz: `occupancy` bool (spaces, images, samples, R, R, R), `grid` float16 likewise in [-1, 1],
positive inside, [x, y, z] with +y up and the front at +x; `spaces` and `images`, the names; and
`seconds`, how long sampling took in all. Sample s of any picture in any space starts from the noise
of seed + s, so a picture's shapes do not depend on the other pictures.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from tqdm import tqdm

from cisp.boxes import Box
from cisp.naming import AUTOMATIC, Way, space_folder
from diffusion.devices import pick_device
from diffusion.presets import Sampling
from training.tools.command import check_seed, one_line, parse_spaces, run_command, save_npz

if TYPE_CHECKING:
    from diffusion.model import VoxelDiffusion


@dataclass(frozen=True)
class GenerateOptions:
    """Make 3D shapes of pictures, in one or more spaces.

    Attributes:
        images: Pictures, or folders that are searched for pictures all the way down.
        out: The npz file to write.
        spaces: Names separated by commas: clip, cisp, openclip:MODEL/TAG.
        cut_out: What pictures are cut out by: alpha, ink or a plain ground (plain), a learned mask
            (mask), nothing (whole), or whatever suits each (automatic).
        box: What counts of every picture: left, top, right and bottom in percent of it, such as
            10,20,60,90; all by default.
        samples: Shapes a picture and space.
        preset: Where steps, guidance and sampler come from unless they are given.
        steps: Sampling steps.
        guidance: Guidance scale, 1 is off.
        strength: Share of the noise's timesteps that are walked from the guess of a model that has
            one; 1 starts at pure noise.
        sampler: ddpm, ddim or dpmpp_2m.
        seed: Of the first sample; the next has the next seed.
        glb: A folder for one GLB file a shape.
        batch: Shapes made at once.
        weights: The folder of the trained weights.
        device: auto, cpu, cuda or mps.
    """

    images: tuple[Path, ...]
    out: Path
    spaces: str = "clip,cisp"
    cut_out: Way = AUTOMATIC
    box: str = ""
    samples: int = 4
    preset: Literal["preview", "standard", "full"] = "standard"
    steps: int | None = None
    guidance: float | None = None
    strength: float | None = None
    sampler: str | None = None
    seed: int = 0
    glb: Path | None = None
    batch: int = 32
    weights: Path = Path("assets/weights")
    device: str = "auto"


def generate_shapes(
    models: dict[str, VoxelDiffusion],
    embeds: dict[str, np.ndarray],
    *,
    samples: int,
    seed: int,
    sampling: Sampling,
    batch: int = 32,
) -> np.ndarray:
    """Grids (spaces, images, samples, R, R, R) float16 of N pictures in every space.

    Args:
        models: one a space.
        embeds: (N, D) unit vectors a space, in the same order of pictures.
        samples: K shapes a picture; sample s starts from the noise of `seed` + s.
        seed: see above.
        sampling: how.
        batch: shapes made at once.
    """
    from training.measure.sampling import sample_shapes

    grids = []
    total = sum(len(embeds[space]) * samples for space in models)
    with tqdm(total=total, desc="generate", unit="shape", disable=total < 2) as bar:
        for space, model in models.items():
            rows = np.repeat(embeds[space], samples, axis=0)
            seeds = [seed + sample for _ in embeds[space] for sample in range(samples)]
            made = []
            for at in range(0, len(rows), batch):
                part = slice(at, at + batch)
                shapes = sample_shapes(model, rows[part], seeds[part], sampling)
                made.append(shapes.astype(np.float16))
                bar.update(len(shapes))
            made = np.concatenate(made)
            grids.append(made.reshape(len(embeds[space]), samples, *made.shape[1:]))
    return np.stack(grids)


def export_meshes(
    folder: Path, grids: np.ndarray, spaces: Sequence[str], names: Sequence[str]
) -> int:
    """Writes FOLDER/SPACE/IMAGE-SAMPLE.glb but for empty shapes; returns how many it wrote."""
    from diffusion.grids.to_mesh import export_glb

    stems = [space_folder(Path(name).with_suffix("").as_posix()).strip("-.") for name in names]
    if len(set(stems)) < len(stems):  # a.png beside a.jpg
        stems = [f"{index}-{stem}" for index, stem in enumerate(stems)]
    written = 0
    for space, of_space in zip(spaces, grids, strict=True):
        target = folder / space_folder(space)
        target.mkdir(parents=True, exist_ok=True)
        for stem, of_image in zip(stems, of_space, strict=True):
            for sample, grid in enumerate(of_image):
                path = target / f"{stem}-{sample}.glb"
                try:
                    export_glb(grid.astype(np.float32), path)
                    written += 1
                except ValueError as error:
                    print(f"skipped: {path}: {one_line(error)}", file=sys.stderr)
    return written


def main(options: GenerateOptions) -> None:
    """Loads, embeds, generates, saves."""
    from cisp.spaces import load_space
    from diffusion.grids.frame import digest
    from training.data.inputs import embed_files, find_images
    from training.measure.sampling import load_diffusion

    if options.samples < 1 or options.batch < 1:
        raise ValueError("--samples and --batch must be positive.")
    check_seed(options.seed)
    box = Box.from_text(options.box)
    names = parse_spaces(options.spaces)
    device = pick_device(options.device)
    sampling = Sampling.resolve(
        options.preset, options.sampler, options.steps, options.guidance, options.strength
    )
    files = find_images(options.images)
    models = {name: load_diffusion(options.weights, name, device) for name in names}
    spaces = [load_space(name, options.weights, device) for name in names]
    embedded = embed_files(files, spaces, device, way=options.cut_out, box=box)
    started = time.perf_counter()
    grids = generate_shapes(
        models,
        embedded.embeds,
        samples=options.samples,
        seed=options.seed,
        sampling=sampling,
        batch=options.batch,
    )
    seconds = time.perf_counter() - started
    save_npz(
        options.out,
        occupancy=grids > 0,
        grid=grids,
        spaces=np.array(names),
        images=np.array(embedded.names),
        seconds=np.array(seconds),
    )
    if options.glb is not None:
        export_meshes(options.glb, grids, names, embedded.names)
    print(f"{grids[..., 0, 0, 0].size} shapes in {seconds:.1f} s: {options.out}")
    for index, name in enumerate(embedded.names):
        print(f"{digest(grids[:, index] > 0)}  {name}")


if __name__ == "__main__":
    run_command(GenerateOptions, main)
