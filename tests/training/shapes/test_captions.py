"""Captions: said only when true, and read back by an independent rule."""

from __future__ import annotations

import re

import numpy as np
import pytest

from training.shapes.captions import (
    adjective,
    describe,
    detail,
    in_view,
    untrue_claims,
    view_words,
    with_article,
)

CLAIMS = (
    detail(("armrests", "arms"), lambda f: f["has_arms"]),
    detail("no armrests", lambda f: not f["has_arms"]),
    detail("{num_legs:leg}", lambda f: f["num_legs"] > 1),
    detail("{num_shelves:shelf/shelves}", lambda f: True),
    adjective("tall", lambda f: f["height"] > 0.5),
)
FACTS = {"has_arms": False, "num_legs": 4, "num_shelves": 1, "height": 0.9}
MATERIALS = {"seat": "red leather", "legs": "oak"}


def test_captions_say_true_things_in_many_ways():
    rng = np.random.default_rng(0)
    captions = [
        caption
        for _ in range(50)
        for caption in describe(rng, ["stool", "chair"], CLAIMS, FACTS, MATERIALS)
    ]
    for caption in captions:
        assert untrue_claims(caption, CLAIMS, FACTS, MATERIALS) == []
        assert caption == caption.strip()
        assert "  " not in caption
        assert "stool" in caption or "chair" in caption
    text = " / ".join(captions)
    for words in ("four legs", "one shelf", "no armrests", "tall", "oak legs", "red leather"):
        assert words in text
    assert len(set(captions)) > 150


@pytest.mark.parametrize(
    ("caption", "wrong"),
    [
        ("a tall chair with armrests", ["armrests"]),
        ("a chair with no armrests", []),
        ("a chair with three legs and one shelf", ["three legs"]),
        ("a chair with 4 shelves", ["4 shelves"]),
        ("a chair with pine legs", ["pine legs"]),
        ("a chair with oak legs and a red fabric seat", ["red fabric seat"]),
        ("a chair for charms", []),  # no arms inside other words
    ],
)
def test_untrue_claims_are_found(caption, wrong):
    assert untrue_claims(caption, CLAIMS, FACTS, MATERIALS) == wrong


def test_a_counted_claim_must_also_hold():
    facts = FACTS | {"num_legs": 1}
    assert untrue_claims("a chair with one leg", CLAIMS, facts, MATERIALS) == ["one leg"]


def test_views_are_said_as_people_say_them():
    assert view_words(0, 0) == "seen from the front"
    assert view_words(358, 28) == "seen from the front and above"
    assert view_words(92, -10) == "seen from the left and below"
    assert view_words(270, 10) == "seen from the right"
    assert view_words(180, 80) == "seen from above"
    drawn = view_words(180, 0, drawn=True)
    assert in_view("an oak chair, tall", drawn) == (
        "a drawing of an oak chair, tall, seen from the back"
    )
    assert in_view("a chair", view_words(0, 0)) == "a chair, seen from the front"


@pytest.mark.parametrize(
    ("thing", "article"),
    [
        ("armchair", "an"),
        ("chair", "a"),
        ("SUV", "an"),
        ("LCD monitor", "an"),
        ("MPV", "an"),
        ("TV", "a"),
        ("Adirondack chair", "an"),
        ("U-shaped sofa", "a"),
        ("u-boat", "a"),
        ("x-shaped desk", "a"),
    ],
)
def test_articles_follow_the_sound(thing, article):
    assert with_article(thing) == f"{article} {thing}"


def test_no_word_is_said_twice_in_a_row():
    claims = (adjective(("tall", "high"), lambda f: True), adjective("tall", lambda f: True))
    rng = np.random.default_rng(0)
    for _ in range(200):
        for caption in describe(rng, ["tall cabinet"], claims, {}, {"feet": "walnut"}):
            assert not re.search(r"\b(\w+) \1\b", caption), caption
            assert "a walnut feet" not in caption
