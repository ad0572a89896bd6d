"""Strange requests to a page: every endpoint, every event of its own, and links."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from cisp.naming import WAYS
from demo.soak.fuzz import Tally, is_one_sentence, sound_recipe
from demo.soak.inputs import NUMBERS, WORDS, any_json, changed, write_file
from demo.soak.server import Answer, Page

ENDPOINTS = ("compare", "sketch", "retrieve", "batch", "interpolate", "roam", "attributes")
BOXES = ("", "10,10,90,90", "0,0,1,1", "90,10,10,90", "a,b", "nan,0,inf,9")
EVERY = 200  # requests between two looks at memory and files


def fuzz_page(page: Page, folder: Path, count: int, seed: int) -> tuple[Tally, list[dict]]:
    """Send `count` requests; request i depends on `seed` and i alone.

    Args:
        page: a running one.
        folder: an empty one, for files.
        count: of requests.
        seed: of them.

    Returns:
        What became of them, and `Page.measures` in between.
    """
    tally, seen = Tally(Counter(), []), [page.measures()]
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        kind, answer = _one(page, folder, rng)
        if answer.output is not None or answer.error == "":
            tally.note(kind, "used")
        elif is_one_sentence(answer.error) and str(folder) not in answer.error:
            tally.note(kind, "refused")
        else:
            tally.note(kind, "fault", f"request {index}: {str(answer.error)[:200]!r}")
        for path in folder.iterdir():
            path.unlink()
        if index % EVERY == EVERY - 1:
            seen.append(page.measures())
    return tally, [*seen, page.measures()]


def _one(page: Page, folder: Path, rng: np.random.Generator) -> tuple[str, Answer]:
    kind = str(rng.choice([*ENDPOINTS, "event"]))
    if kind == "event":
        return kind, page.ask(*_event(page, rng))
    image = page.upload(write_file(folder, rng, lambda _: True))
    seed, quality = _number(rng), str(rng.choice([*WORDS, "preview", "preview", "preview"]))
    way, box = str(rng.choice(WAYS)), str(rng.choice(BOXES))
    data = {
        "compare": [image, seed, quality, _number(rng), way, box],
        "sketch": [image, seed, quality],
        "retrieve": [image, _number(rng), bool(rng.integers(2))],
        "batch": [[image, image], seed, quality],
        "interpolate": [image, image, _number(rng), "slerp", seed, quality],
        "roam": [image] * 4 + [[[_number(rng), 0]], "slerp", seed, quality],
        "attributes": [image, "chair", f"height {_number(rng)}", seed, quality],
    }[kind]
    return kind, page.ask(kind, changed(data, rng) if rng.random() < 0.4 else data)


def _event(page: Page, rng: np.random.Generator) -> tuple[int, list[Any]]:
    """Any event of the page, with inputs of any type; links get recipes that are nearly right."""
    events = [event for event in page.config["dependencies"] if event["backend_fn"]]
    event = events[int(rng.integers(len(events)))]
    recipe = sound_recipe(rng).to_text()
    cut = recipe[: int(rng.integers(len(recipe)))]
    pool = [recipe, cut, any_json(rng), any_json(rng), None]
    return event["id"], [pool[int(rng.integers(len(pool)))] for _ in event["inputs"]]


def _number(rng: np.random.Generator) -> float:
    """Mostly small, so that work ends soon; else at and beyond every limit."""
    if rng.random() < 0.7:
        return int(rng.integers(1, 4))
    return NUMBERS[int(rng.integers(len(NUMBERS)))]
