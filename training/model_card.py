"""Write the model card of a run: `python -m training.model_card --run RUN --results RESULTS.json`.

Everything in it is read from the run's pipeline.json and from measured results.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.command import atomic_path, run_command
from training.shapes.dataset import VIEWS
from training.studies.__main__ import findings

CARD = """---
license: mit
tags: [3d, diffusion, clip, image-to-3d]
---

# Model card

Two embedding spaces, `clip` (pictures and captions) and `cisp` (pictures and shapes), and one voxel
diffusion model guided by each, for {categories}. 32^3 grids; everything in half precision.

**Meant for** comparing what the two kinds of embedding capture, and for studying embedding spaces.
**Not meant for** products: shapes are coarse, and anything outside these categories becomes one of
them.

## Training

| | |
|---|---|
| data | {train_shapes} procedural shapes, {views} pictures each: renderings and drawings |
| initial image tower | {trunk} |
| device | {device}, torch {torch} |
| embedding spaces | {embedding} |
| diffusion models | {diffusion} |
| seed | {seed} |
| command | `{command}` |

`clip` and `cisp` start from the same image tower and see the same pictures in the same order for
the same number of steps. The two diffusion models start from the same weights and see the same
shapes, timesteps and noise.

## Measured

{images} held-out procedural shapes, one rendering each, {samples} samples an image, with 95%
bootstrap intervals over images (`{evaluate_command}`):

{table}

{difference}

What the spaces capture and miss, a command each:

{findings}

A voxel classifier trained on the same clean shapes (in `classifier/`, {accuracy:.1%} right on
held-out shapes) judges the categories of generated shapes.
"""


@dataclass(frozen=True)
class Options:
    """Write a model card.

    Attributes:
        run: The folder of a finished `training.pipeline`.
        results: A JSON file of `training.evaluate`; the studies of its folder are told as well.
        out: The card.
    """

    run: Path
    results: Path
    out: Path = Path("assets/weights/README.md")


def results_table(results: dict[str, Any]) -> str:
    """The overall numbers of every method as a Markdown table."""
    names = ["iou", "iou_best", "f_score"]
    lines = ["| | mean IoU | best IoU | F-Score@1% |", "|---|---|---|---|"]
    for method, measured in results["methods"].items():
        cells = []
        for name in names:
            value = measured["overall"].get(name)
            cells.append(
                ""
                if value is None
                else f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
            )
        lines.append(f"| {method} | {' | '.join(cells)} |")
    return "\n".join(lines)


def budget(stage: dict[str, Any], batch: str) -> str:
    """How long a stage of the pipeline trained, in words."""
    return f"{stage['seconds'] / 60:.1f} minutes in lockstep, {stage['steps']} steps of {batch}"


def model_card(report: dict[str, Any], results: dict[str, Any], findings: Sequence[str]) -> str:
    """The card's text from a pipeline's report, an evaluation's results and the studies."""
    preset, embedding = report["preset"], report["preset"]["embedding"]
    gap = results["differences"]["cisp minus clip"]["overall"]["iou"]
    pretrained = (
        "ImageNet weights (Apache-2.0)" if report["embedding"]["pretrained"] else "random weights"
    )
    categories = sorted(next(iter(results["methods"].values()))["per_category"])
    return CARD.format(
        categories=", ".join(categories),
        train_shapes=preset["train_shapes"],
        views=len(VIEWS),
        trunk=f"{embedding['image']['model_name']}, {pretrained}",
        device=report["device"],
        torch=report["torch"],
        embedding=budget(report["embedding"], f"{embedding['batch_size']} pairs"),
        diffusion=budget(report["diffusion"], f"{preset['diffusion']['batch_size']} shapes"),
        seed=report["options"]["seed"],
        command=report["command"],
        images=results["images"],
        samples=results["config"]["samples"],
        evaluate_command=results["command"],
        table=results_table(results),
        difference=(
            f"CISP minus CLIP, paired over images: {gap['mean']:+.3f} "
            f"[{gap['low']:+.3f}, {gap['high']:+.3f}] mean IoU."
        ),
        accuracy=report["classifier"]["test_accuracy"],
        findings="\n".join(findings) or "No study was made yet.",
    )


def main(options: Options) -> None:
    """Read, format, write."""
    report = json.loads((options.run / "pipeline.json").read_text(encoding="utf-8"))
    results = json.loads(options.results.read_text(encoding="utf-8"))
    with atomic_path(options.out) as temporary:
        card = model_card(report, results, findings(options.results.parent))
        temporary.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    run_command(Options, main)
