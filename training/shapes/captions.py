"""Captions in the words people use, assembled from what is true of a shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NUM_CAPTIONS = 6
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number in words with its noun: `count(2, "leg")` is "two legs"."""
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def comparative(value: float, low: float, high: float, small: str, large: str) -> list[str]:
    """`[small]` below `low`, `[large]` above `high`, else nothing worth saying."""
    return [small] if value < low else [large] if value > high else []


def describe(
    rng: np.random.Generator,
    nouns: Sequence[str],
    adjectives: Sequence[str],
    details: Sequence[str],
    materials: Sequence[str],
) -> list[str]:
    """Several sentences, each with a different selection of the facts.

    Args:
        rng: the shape's own generator.
        nouns: names for the thing, most specific first ("armchair", "chair").
        adjectives: true words that stand before the noun ("tall", "wide").
        details: true phrases that follow "with" ("four legs", "a slatted back").
        materials: names of its materials, most visible first.
    """
    captions = []
    for _ in range(NUM_CAPTIONS):
        noun = nouns[0] if rng.random() < 0.7 else str(rng.choice(list(nouns)))
        chosen = [str(a) for a in rng.permutation(list(adjectives))[: rng.integers(3)]]
        if materials and rng.random() < 0.6:
            chosen.append(materials[0])
        phrases = [str(d) for d in rng.permutation(list(details))[: rng.integers(4)]]
        thing = " ".join([*chosen, noun])
        thing = f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"
        sentence = thing if not phrases else f"{thing} with {_listed(phrases)}"
        opening = str(rng.choice(["", "", "", "a picture of ", "a drawing of ", "this is "]))
        captions.append(opening + sentence)
    return captions


def _listed(phrases: Sequence[str]) -> str:
    if len(phrases) == 1:
        return phrases[0]
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]
