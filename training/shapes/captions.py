"""Captions in the words people use, made only of what is true of a shape.

A family lists the claims that may be made about its shapes, each with the condition under which
it holds. Captions are drawn from the claims that hold; `untrue_claims` reads any caption back and
names those that do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

import numpy as np

from training.shapes.materials import material_names

NUM_CAPTIONS = 6
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LOOK = "|".join(sorted(map(re.escape, material_names()), key=len, reverse=True))
Facts = Mapping[str, float | int | bool]


@dataclass(frozen=True)
class Claim:
    """Words that may be said of a shape.

    Attributes:
        words: ways to say it. "{num_legs:leg}" becomes "four legs", "one leg" or "no legs" by the
            fact of that name; "{num_shelves:shelf/shelves}" gives the plural too.
        holds: whether it is true, from the shape's attributes.
        adjective: whether the words stand before the noun ("tall") or after "with" ("armrests").
    """

    words: tuple[str, ...]
    holds: Callable[[Facts], bool]
    adjective: bool = False


def detail(words: str | Sequence[str], holds: Callable[[Facts], bool]) -> Claim:
    """A claim that follows "with" or "has": "armrests", "{num_legs:leg}", "a round top"."""
    return Claim((words,) if isinstance(words, str) else tuple(words), holds)


def adjective(words: str | Sequence[str], holds: Callable[[Facts], bool]) -> Claim:
    """A claim that stands before the noun: "tall", "round", "armless"."""
    return Claim((words,) if isinstance(words, str) else tuple(words), holds, adjective=True)


class _Counted(int):
    """A number that writes itself with its noun: f"{_Counted(2):leg}" is "two legs"."""

    def __format__(self, noun: str) -> str:
        singular, _, plural = noun.partition("/")
        return f"{_number(self)} {singular if self == 1 else plural or singular + 's'}"


def _filled(words: str, facts: Facts) -> str:
    whole = {k: _Counted(v) for k, v in facts.items() if isinstance(v, int | np.integer)}
    return words.format_map(whole)


def describe(
    rng: np.random.Generator,
    nouns: Sequence[str],
    claims: Sequence[Claim],
    facts: Facts,
    materials: Mapping[str, str],
) -> list[str]:
    """Several sentences (NUM_CAPTIONS), each with a different selection of the facts.

    Args:
        rng: the shape's own generator.
        nouns: names for the thing, most specific first ("swivel chair", "office chair", "chair").
        claims: what may be said.
        facts: the shape's attributes.
        materials: part name to material name, the most visible part first.
    """
    adjectives = [c for c in claims if c.adjective and c.holds(facts)]
    details = [c for c in claims if not c.adjective and c.holds(facts)]
    looks = [_look(material, part) for part, material in materials.items()]
    main = next(iter(materials.values()))

    def some(options: Sequence, most: int) -> list:
        chosen = rng.permutation(len(options))[: rng.integers(most + 1)]
        return [options[i] for i in chosen]

    def said(claim: Claim) -> str:
        return _filled(claim.words[rng.integers(len(claim.words))], facts)

    captions = []
    for _ in range(NUM_CAPTIONS):
        noun = nouns[0] if rng.random() < 0.6 else str(rng.choice(list(nouns)))
        before = [said(claim) for claim in some(adjectives, 2)]
        before = [w for w in dict.fromkeys(before) if w.lower() not in noun.lower().split()]
        phrases = [said(claim) for claim in some(details, 3)]
        if looks and rng.random() < 0.3:
            phrases.append(looks[rng.integers(len(looks))])
        if rng.random() < 0.45:
            before.append(main)
        captions.append(_sentence(rng, noun, before, phrases))
    return captions


def _sentence(rng, noun: str, before: list[str], phrases: list[str]) -> str:
    style = rng.random()
    if style < 0.15 and before:
        head, tail = f"{with_article(noun)}, {_listed(before)}", ", with "
    elif style < 0.25:
        head, tail = f"this {' '.join([*before, noun])}", " has "
    elif style < 0.40:
        head, tail = " ".join([*before, noun]), ", "
    else:
        head, tail = with_article(" ".join([*before, noun])), " with "
    if not phrases:
        return head if not head.startswith("this ") else head.replace("this ", "the ", 1)
    return f"{head}{tail}{_listed(phrases)}"


def view_words(azimuth: float, elevation: float, drawn: bool = False) -> str:
    """What to say of a picture: "seen from the left and above", "a drawing, seen from the front".

    Args:
        azimuth: degrees, 0 in front, 90 at the object's left-hand side.
        elevation: degrees above the horizon.
        drawn: whether it is a line drawing.
    """
    sides = ("the front", "the front left", "the left", "the back left")
    sides += ("the back", "the back right", "the right", "the front right")
    words = f"seen from {sides[round(azimuth / 45) % 8]}"
    if elevation > 60:
        words = "seen from above"
    elif elevation > 20:
        words += " and above"
    elif elevation < -3:
        words += " and below"
    return f"a drawing, {words}" if drawn else words


def in_view(caption: str, view: str) -> str:
    """A caption that also says how the thing is seen, by `view_words`."""
    medium, separator, words = view.rpartition(", ")
    return f"{medium} of {caption}, {words}" if separator else f"{caption}, {words}"


def with_article(thing: str) -> str:
    """The thing with "a" or "an" before it, by its sound: an LCD television, a U-shaped sofa."""
    first = re.split(r"[ -]", thing)[0]
    if len(first) > 1 and first.isupper():
        vowel = first[0] in "AEFHILMNORSX" and not first.startswith(("UA", "SUB"))
    else:
        vowel = thing[0].lower() in "aeiou" and first.lower() not in ("u", "one", "used")
    return f"{'an' if vowel else 'a'} {thing}"


def _look(material: str, part: str) -> str:
    plural = part.endswith(("s", "feet")) and not part.endswith(("ss", "chassis"))
    return f"{material} {part}" if plural else with_article(f"{material} {part}")


def _listed(phrases: Sequence[str]) -> str:
    if len(phrases) == 1:
        return phrases[0]
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]


def untrue_claims(
    caption: str, claims: Sequence[Claim], facts: Facts, materials: Mapping[str, str]
) -> list[str]:
    """The words of a caption that do not agree with the facts; empty for a true caption.

    Longer claims are read first, so that "no armrests" is not taken for "armrests".

    Args:
        caption: any sentence.
        claims: those of the shape's family.
        facts: the shape's attributes.
        materials: part name to material name.
    """
    wrong, rest = [], caption
    for part, material in materials.items():
        for match in re.finditer(rf"\b({_LOOK}) {re.escape(part)}\b", rest):
            if match[1] != material:
                wrong.append(match[0])
    ways = [(words, claim) for claim in claims for words in claim.words]
    for words, claim in sorted(ways, key=lambda way: -len(way[0])):
        pattern, counted = _pattern(words)
        for match in re.finditer(pattern, rest):
            numbers = [match[name] for name in counted]
            right = all(
                said == _number(facts[name]) for said, name in zip(numbers, counted, strict=True)
            )
            if not (right and claim.holds(facts)):
                wrong.append(match[0])
        rest = re.sub(pattern, "...", rest)
    return wrong


def _number(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else str(int(value))


def _pattern(words: str) -> tuple[str, list[str]]:
    """A regular expression for the ways to say a claim, and the facts that it counts."""
    counted, pattern = [], ""
    for plain, name, noun, _ in Formatter().parse(words):
        pattern += re.escape(plain)
        if name is not None:
            singular, _, plural = noun.partition("/")
            counted.append(name)
            nouns = f"{re.escape(singular)}|{re.escape(plural or singular + 's')}"
            pattern += rf"(?P<{name}>{'|'.join(NUMBERS)}|\d+) (?:{nouns})"
    return rf"\b{pattern}\b", counted
