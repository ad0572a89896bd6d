"""Print every study's finding and the command that makes it again: `python -m training.studies`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from training.tools.command import run_command


@dataclass(frozen=True)
class StudiesOptions:
    """Print the findings as Markdown.

    Attributes:
        results: The folder of the studies' JSON files.
    """

    results: Path = Path("assets/results")


def findings(folder: Path) -> list[str]:
    """A Markdown paragraph a study, by name; other JSON files are passed over.

    Raises:
        ValueError: if a file is no JSON.
    """
    paragraphs = []
    for path in sorted(folder.glob("*.json")):
        try:
            study = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise ValueError(f"'{path}' is no JSON file.") from error
        if isinstance(study, dict) and {"finding", "command"} <= study.keys():
            name = path.stem.replace("-", " ").replace("_", " ").capitalize()
            paragraphs.append(f"* **{name}.** {study['finding']}  \n  `{study['command']}`")
    return paragraphs


def main(options: StudiesOptions) -> None:
    """Read and print."""
    paragraphs = findings(options.results)
    if not paragraphs:
        raise ValueError(f"There is no study in '{options.results}'.")
    print("\n".join(paragraphs))


if __name__ == "__main__":
    run_command(StudiesOptions, main)
