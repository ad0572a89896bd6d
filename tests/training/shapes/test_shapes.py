"""What every family must fulfil, by looking at its shapes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.shapes import CATEGORIES, FAMILIES, make_shape
from training.shapes.captions import NUM_CAPTIONS, untrue_claims
from training.shapes.measure import grid_attributes, speck_share

R2N2_CATEGORIES = (
    *("airplane", "bench", "cabinet", "car", "chair", "display", "lamp", "loudspeaker"),
    *("rifle", "sofa", "table", "telephone", "watercraft"),
)


def test_the_thirteen_categories_of_r2n2_have_families():
    assert CATEGORIES == R2N2_CATEGORIES
    for family in FAMILIES.values():
        assert len(family.SUBTYPES) >= 6
        assert set(family.SYNONYMS) <= set(family.SUBTYPES)
        assert len(family.CLAIMS) >= 8


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_shape_is_valid(category):
    for seed in range(40):
        shape = make_shape(category, seed)
        full = (shape.volume()[0] > 0).numpy()
        assert 0.002 < full.mean() < 0.9, seed
        found = grid_attributes(full)
        assert max(found["height"], found["width"], found["depth"]) == 1.0
        cells = np.argwhere(full)
        # Roundings and carves may cost the longest side a cell or two.
        assert 30 <= np.ptp(cells, axis=0).max() + 1 <= 32, seed
        assert speck_share(full) < 0.02, seed
        low, high = shape.bounds()
        np.testing.assert_allclose(low, -high, atol=1e-9)
        assert np.isclose((high - low).max(), 1)
        assert len(shape.attributes) >= 8
        assert all(np.isfinite(float(v)) for v in shape.attributes.values())
        assert shape.category == category
        assert shape.subtype in FAMILIES[category].SUBTYPES


@pytest.mark.parametrize("category", CATEGORIES)
def test_captions_are_many_different_and_true(category):
    family, texts = FAMILIES[category], []
    for seed in range(300):
        shape = make_shape(category, seed)
        assert len(shape.captions) == NUM_CAPTIONS
        texts += shape.captions
        for caption in shape.captions:
            wrong = untrue_claims(caption, family.CLAIMS, shape.attributes, shape.materials)
            assert not wrong, (seed, caption)
    assert len(set(texts)) > 0.8 * len(texts)
    words = " / ".join(texts)
    assert any(synonym in words for names in family.SYNONYMS.values() for synonym in names)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_subtype_occurs_and_every_claim_says_something(category):
    """A claim that never holds is dead; one that always holds and counts nothing says nothing."""
    family = FAMILIES[category]
    shapes = [make_shape(category, seed) for seed in range(1000)]  # some are rare
    assert {shape.subtype for shape in shapes} == set(family.SUBTYPES)
    facts = [shape.attributes for shape in shapes]
    for claim in family.CLAIMS:
        share = np.mean([bool(claim.holds(f)) for f in facts])
        assert share > 0, claim.words
        assert share < 1 or "{" in claim.words[0], claim.words


def test_same_seed_same_shape_and_different_seeds_differ():
    first, again, other = (make_shape("car", s).volume(64)[0] for s in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert make_shape("car", 5).captions == make_shape("car", 5).captions


def test_unknown_category_is_refused():
    with pytest.raises(ValueError, match="Unknown category"):
        make_shape("teapot", 0)
