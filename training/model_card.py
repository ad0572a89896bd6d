"""Write the model card: `python -m training.model_card --results assets/results/procedural.json`.

Everything in it is read from the record of training beside the weights and from measured results.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cisp.naming import SPACES
from training.data.procedural import VIEWS
from training.measure.statistics import Interval
from training.studies.__main__ import findings
from training.studies.report import number
from training.tools.command import atomic_path, run_command
from training.tools.record import read_record

CARD = """---
license: mit
tags: [3d, diffusion, clip, image-to-3d]
---

# Model card

Two embedding spaces, `clip` (pictures and captions) and `cisp` (pictures and shapes), and one voxel
diffusion model guided by each, for {categories}. 32^3 grids; towers and diffusion
models in half precision. In `mask/` lie the weights of another work, [by its
notice](mask/NOTICE.md): they find the object of a photograph.

**Meant for** comparing what the two kinds of embedding capture, and for studying embedding spaces.
**Not meant for** products: shapes are coarse, and anything outside these categories becomes one of
them.

## Training

{training}
{average}
`clip` and `cisp` start from the same image tower and see the same pictures in the same order for
the same number of steps. The two diffusion models start from the same weights and see the same
shapes, timesteps and noise.

## Measured

{images} held-out procedural shapes, one rendering each, {samples} samples an image, with 95%
bootstrap intervals over images (`{evaluate_command}`):

{table}

Differences are paired over images. The right category is what a voxel classifier says (in
`classifier/`, trained on clean shapes, {accuracy:.1%} right on held-out ones), thin recall the
share of cells in parts at most two cells thick that are found, diversity the mean of 1 - IoU over
pairs of samples. A guess is what a diffusion model starts from: one shape, whatever the seed.

What the spaces capture and miss, a command each:

{findings}
"""


AVERAGE = """
After round {later} the {networks} became the mean of those before and after it, {share:.0%} of the
later (`{command}`).{but}
"""
OTHER_EMBEDDINGS = " The diffusion models of round {later} had learned on its own embeddings."


@dataclass(frozen=True)
class ModelCardOptions:
    """Write a model card.

    Attributes:
        results: A JSON file of `training.evaluate`; the studies of its folder are told as well.
        weights: Their folder, where the card is written.
    """

    results: Path
    weights: Path = Path("assets/weights")


def results_table(results: dict[str, Any]) -> str:
    """The overall numbers of every method as a Markdown table."""
    measures = {
        "iou": "mean IoU",
        "iou_best": "best IoU",
        "f_score": "F-Score@1%",
        "named": "right category",
        "thin_recall": "thin recall",
        "more_pieces": "in more pieces",
        "diversity": "diversity",
    }
    told = [name for method in results["methods"].values() for name in method["overall"]]
    measures = {name: title for name, title in measures.items() if name in told}
    lines = [f"| | {' | '.join(measures.values())} |", f"|{'---|' * (len(measures) + 1)}"]
    rows = {name: (measured, "") for name, measured in results["methods"].items()}
    rows["**CISP minus CLIP**"] = results["differences"]["cisp minus clip"], "+"
    for name, (measured, sign) in rows.items():
        found = [measured["overall"].get(measure) for measure in measures]
        cells = [number(Interval(**value), sign) if value else "" for value in found]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def budget(stage: dict[str, Any], batch: str) -> str:
    """How long a stage of the pipeline trained, in words."""
    return f"{stage['seconds'] / 60:.1f} minutes in lockstep, {stage['steps']} steps of {batch}"


def training_table(rounds: Sequence[dict[str, Any]]) -> str:
    """How each round trained, a column a round."""
    facts: dict[str, list[str]] = {}
    for report in rounds:
        for name, value in training_facts(report).items():
            facts.setdefault(name, []).append(value)
    titles = [f"round {n}" if len(rounds) > 1 else "" for n in range(1, len(rounds) + 1)]
    lines = [["", *titles], ["---"] * (len(rounds) + 1), *([n, *v] for n, v in facts.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def training_facts(report: dict[str, Any]) -> dict[str, str]:
    """What one round trained on, how long, and how to do it again."""
    preset, embedding = report["preset"], report["preset"]["embedding"]
    sizes, guess = preset["diffusion"], report["diffusion"].get("guess")
    first, views = preset.get("first_shape", 0), len(preset.get("train_views", VIEWS))
    start, towers = "the round before", "as they were"
    if trained := report.get("embedding"):
        towers = budget(trained, f"{embedding['batch_size']} pairs")
    if preset.get("anew"):
        start = "the towers of the round before, diffusion models at random"
    elif not report["options"].get("start"):
        weights = "ImageNet weights (Apache-2.0)" if trained["pretrained"] else "random weights"
        start = f"{embedding['image']['model_name']}, {weights}, all else random"
    return {
        "data": f"{preset['train_shapes']} procedural shapes"
        + (f", from number {first} on" if first else "")
        + f"; {views} pictures each: renderings and drawings",
        "start": start,
        "device": f"{report['device']}, torch {report['torch']}",
        "embedding spaces": towers,
        "guesses": budget(guess, f"{sizes['guess']['batch_size']} shapes") if guess else "none",
        "diffusion models": budget(report["diffusion"], f"{sizes['batch_size']} shapes"),
        "seed": str(report["options"]["seed"]),
        "command": f"`{report['command']}`",
    }


def averages(reports: Sequence[dict[str, Any]]) -> str:
    """After which rounds networks were averaged, in words."""
    done, text = 0, ""
    for report in reports:
        if "average" not in report:
            done += 1
            continue
        mean = report["average"]
        towers = set(SPACES) & set(mean["folders"])
        text += AVERAGE.format(
            later=done,
            networks="towers" if towers else "diffusion models",
            share=mean["share"],
            command=mean["command"],
            but=OTHER_EMBEDDINGS.format(later=done) if towers else "",
        )
    return text


def model_card(
    reports: Sequence[dict[str, Any]], results: dict[str, Any], findings: Sequence[str]
) -> str:
    """The card's text from the record of training, an evaluation's results and the studies."""
    rounds = [report for report in reports if "average" not in report]
    categories = sorted(next(iter(results["methods"].values()))["per_category"])
    return CARD.format(
        categories=", ".join(categories),
        training=training_table(rounds),
        average=averages(reports),
        images=results["images"],
        samples=results["config"]["samples"],
        evaluate_command=results["command"],
        table=results_table(results),
        accuracy=[one["classifier"] for one in rounds if "classifier" in one][-1]["test_accuracy"],
        findings="\n".join(findings) or "No study was made yet.",
    )


def main(options: ModelCardOptions) -> None:
    """Read, format, write."""
    results = json.loads(options.results.read_text(encoding="utf-8"))
    card = model_card(read_record(options.weights), results, findings(options.results.parent))
    with atomic_path(options.weights / "README.md") as temporary:
        temporary.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    run_command(ModelCardOptions, main)
