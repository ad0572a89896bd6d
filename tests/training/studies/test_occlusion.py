"""Retrieval of hidden objects: occluders of an exact size, and what is counted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from cisp.images import GREY
from tests.training.studies.looking_fakes import (
    SIDE,
    check_command,
    check_refusal,
    fake_cache,
    fake_spaces,
    looking_fakes,
)
from training.data.embeddings import mean_embeds
from training.studies import occlusion
from training.studies.occlusion import (
    KINDS,
    SHARES,
    covered,
    figure_of,
    finding_of,
    growth,
    measure,
    occlude,
    summarise,
)


def disc(side: int = SIDE) -> np.ndarray:
    """The alpha of a soft disc with a hole, (S, S) uint8."""
    y, x = np.indices((side, side)) - side / 2 + 0.5
    away = np.hypot(x, y)
    return (255 * (0.4 * side - away).clip(0, 1) * (away > 4)).astype(np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_an_occluder_hides_its_share_to_less_than_a_pixel(kind):
    alpha = disc()
    for seed in range(10):
        reach = growth(kind, alpha, np.random.default_rng(seed))
        assert len(np.unique(reach)) > 0.99 * reach.size  # it grows pixel by pixel
        before = np.zeros(alpha.shape, bool)
        for share in SHARES:
            mask = covered(alpha, reach, share)
            excess = alpha[mask].sum() / 255 - share * alpha.sum() / 255
            assert -1e-6 <= excess < 1
            assert (mask >= before).all()
            before = mask
        assert before.sum() > (alpha[before] > 0).sum() > 0  # it reaches beyond the object


def test_shares_are_exact_on_hard_edges():
    alpha = np.zeros((20, 20), np.uint8)
    alpha[5:15, 5:15] = 255
    reach = growth("half-plane", alpha, np.random.default_rng(3))
    for share in SHARES:
        assert (alpha[covered(alpha, reach, share)] > 0).sum() == round(100 * share)


def test_kinds_have_their_forms():
    alpha = disc()
    rng = np.random.default_rng(0)
    half = covered(alpha, growth("half-plane", alpha, rng), 0.5)
    assert half[[0, 0, -1, -1], [0, -1, 0, -1]].sum() == 2  # two of four corners, of a half
    box = covered(alpha, growth("rectangle", alpha, rng), 0.1)
    y, x = np.nonzero(box)
    spread = np.linalg.eigvalsh(np.cov(x, y))
    # A uniform rectangle of sides a and b has variances a^2 / 12 and b^2 / 12.
    assert 12 * np.sqrt(spread.prod()) == pytest.approx(box.sum(), rel=0.15)
    with pytest.raises(ValueError, match="occluder"):
        growth("cloud", alpha, rng)


def test_only_what_is_covered_changes():
    rng = np.random.default_rng(1)
    cutout = rng.integers(0, 256, (SIDE, SIDE, 4)).astype(np.uint8)
    cutout[..., 3] = disc()
    colors = set()
    for row in range(20):
        pictures = occlude(cutout, (0, row))
        assert (pictures[0] == cutout).all()
        last = (pictures[-1] != cutout).any(-1)
        for before, after in pairwise(pictures):
            grown = (after != before).any(-1)
            assert grown.any()
            assert not (grown & ~last).any()
            assert len(np.unique(after[grown], axis=0)) == 1  # one colour, opaque
            assert (after[grown, 3] == 255).all()
        colors.add(tuple(pictures[-1][last][0, :3].tolist()))
        assert (pictures == occlude(cutout, (0, row))).all()
    assert (GREY,) * 3 in colors
    assert 5 < len(colors) < 20  # half of them are grey
    with pytest.raises(ValueError, match="no object"):
        occlude(np.zeros((SIDE, SIDE, 4), np.uint8), (0, 0))


def test_what_sees_finds_and_what_is_blind_does_not(tmp_path):
    cache = fake_cache(tmp_path / "test", 40)
    spaces = fake_spaces()
    found = measure(spaces, cache, 30, seed=0)
    assert set(found) == {"clip image to image", "cisp image to image", "cisp image to shape"}
    assert all(rank.shape == (len(SHARES), 30) for rank in found.values())
    assert (found["cisp image to image"][0] == 1).all()
    assert (found["cisp image to shape"][0] == 1).all()
    assert (found["clip image to image"] == 40).all()  # ties count against
    # A pattern of 64 cells is found by what is left of it, but not always by a third of them.
    hits = (found["cisp image to shape"] <= 1).mean(1)
    assert hits[2] > 0.8
    assert hits[-1] < hits[0]
    for one, other in zip(*(space.seen for space in spaces.values()), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)  # the same pixels
    first = torch.cat(spaces["cisp"].seen)[: 4 * len(SHARES)].unflatten(0, (4, len(SHARES)))
    covers = [(shown[-1] != shown[0]).any(0) for shown in first]
    assert len({cover.numpy().tobytes() for cover in covers}) == 4  # to each query its own


def test_the_summary_counts_and_the_finding_follows_it():
    cisp = np.array([[1, 1, 1, 1]] * 5 + [[1, 1, 5, 20]] * 3)
    clip = np.array([[1, 1, 1, 1]] * 5 + [[30, 30, 30, 30]] * 3)
    found = {
        "cisp image to image": cisp,
        "cisp image to shape": cisp,
        "clip image to image": clip,
    }
    result = summarise(found, ["a", "a", "b", "b"], seed=0)
    recall = result["recall"]["cisp image to image"]
    assert [value.mean for value in recall["R@1"]["all"]] == [1] * 5 + [0.5] * 3
    assert [value.mean for value in recall["R@10"]["all"]] == [1] * 5 + [0.75] * 3
    assert recall["R@1"]["a"][-1].mean == 1
    assert recall["R@1"]["b"][-1].mean == 0
    assert result["cisp_minus_clip_image_to_image"]["R@1"][5].mean == 0.5
    assert result["loss_of_cisp_minus_loss_of_clip_image_to_image"]["R@1"][5].mean == -0.5
    assert "CISP's R@1 goes from 100 % [100, 100] to 50 %" in finding_of(result)
    found["cisp image to image"], found["clip image to image"] = clip, np.ones_like(cisp)
    assert "then behind CLIP: -100 points [-100, -100]" in finding_of(
        summarise(found, ["a", "a", "b", "b"], seed=0)
    )
    found["clip image to image"] = clip
    assert "then not clearly apart from CLIP: +0" in finding_of(
        summarise(found, ["a", "a", "b", "b"], seed=0)
    )
    figure = figure_of(result)
    assert [line["name"].split()[0] for line in figure["data"]] == ["CISP", "CLIP", "CISP"]
    assert figure["data"][0]["x"] == [0, 10, 20, 30, 40, 50, 60, 70]
    assert figure["data"][1]["y"] == [1] * 5 + [0] * 3


def test_means_are_directions():
    embeds = np.array([[[1.0, 0], [0, 1]], [[1, 0], [1, 0]]])
    np.testing.assert_allclose(mean_embeds(embeds), [[0.5**0.5, 0.5**0.5], [1, 0]])


@pytest.fixture
def argv(monkeypatch, tmp_path):
    return looking_fakes(monkeypatch, tmp_path, 20)


def test_the_command_writes_one_file_with_a_figure_and_a_finding(argv, capsys):
    report = check_command(occlusion, [*argv, "--queries", "10"], capsys)
    assert report["results"]["queries"] == 10
    assert "then ahead of CLIP" in report["finding"]


@pytest.mark.parametrize("more", [["--queries", "0"], ["--queries", "21"], ["--seed", "-1"]])
def test_bad_options_end_in_one_sentence(tmp_path, argv, more, capsys):
    check_refusal(occlusion, [*argv, *more], tmp_path, capsys)
