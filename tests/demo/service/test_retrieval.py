"""Neighbours and ranks against sorting by hand, and the place of a query on a map."""

from __future__ import annotations

import numpy as np
import pytest

from demo.service.retrieval import Hit, gallery_embeds, place, retrieve
from tests.demo.explore_fakes import SIZE, known_shapes


def test_hits_and_ranks_are_those_of_sorting():
    gallery = known_shapes()
    rng = np.random.default_rng(5)
    query = {space: rng.normal(size=8) for space in ("clip", "cisp", "openclip-x")}
    found = retrieve(gallery, query, 4)
    kinds = {"clip": "clip/image", "cisp": "cisp/shape"}  # shapes first, where there are any
    cosines = {space: gallery.embeds[kind] @ query[space] for space, kind in kinds.items()}
    order = {s: sorted(range(SIZE), key=lambda i, s=s: -cosines[s][i]) for s in kinds}
    assert list(found) == ["clip", "cisp"]
    for space, other in (("clip", "cisp"), ("cisp", "clip")):
        assert [hit.row for hit in found[space]] == order[space][:4]
        for hit in found[space]:
            assert hit.similarity == pytest.approx(cosines[space][hit.row])
            assert hit.ranks == {other: order[other].index(hit.row) + 1}


def test_a_shape_of_the_gallery_does_not_find_itself():
    gallery = known_shapes()
    embeds = gallery_embeds(gallery, 3)
    assert retrieve(gallery, embeds, 1)["clip"][0].row == 3
    found = retrieve(gallery, embeds, SIZE, without=3)
    for space, other in (("clip", "cisp"), ("cisp", "clip")):
        assert sorted(hit.row for hit in found[space]) == [i for i in range(SIZE) if i != 3]
        assert sorted(hit.ranks[other] for hit in found[space]) == list(range(1, SIZE))


def test_a_question_lies_at_the_weighted_mean_of_its_hits():
    gallery = known_shapes()
    hits = [Hit(2, 0.9, {}), Hit(5, 0.3, {}), Hit(7, -0.5, {})]
    a, b = gallery.maps["clip"][[2, 5]]
    np.testing.assert_allclose(place(gallery, "clip", hits), 0.75 * a + 0.25 * b, atol=1e-5)
    assert place(gallery, "openclip-x", hits) is None
    assert place(gallery, "clip", []) is None
