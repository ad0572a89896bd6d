"""Order of frames, paths in embedding space, curves and smoothness, against slow and plain ways."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from demo.service.frames import Guide, Settings
from demo.service.walk.curves import Curves, curves_of, smoothest, smoothness_of
from demo.service.walk.lattice import Lattice
from demo.service.walk.log import WalkLog, begin, refine, walk
from demo.service.walk.report import report_value, sentences, summary_of

SETTINGS = Settings(0, "ddim", 1, 1.0)


def unit(*values):
    return (np.array(values) / np.linalg.norm(values)).astype(np.float32)


def random_units(count, dim=16, seed=0):
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def slab(thickness, side=8):
    grid = np.zeros((side,) * 3, bool)
    grid[:, :thickness] = True
    return grid


@pytest.mark.parametrize(
    "lattice", [Lattice(1, 17), Lattice(1, 33), Lattice(1, 2), Lattice(5, 5), Lattice(3, 7)]
)
def test_the_order_takes_every_frame_once_and_halves_the_gaps(lattice):
    order = lattice.order()
    assert sorted(order) == list(range(len(lattice)))
    assert order[: len(lattice.ends)] == lattice.ends
    if lattice.rows == 1 and len(lattice) > 2:
        assert order[2] == (len(lattice) - 1) // 2
        for done in range(3, len(lattice)):
            gaps = np.diff(sorted(order[:done]))
            assert gaps.max() <= 2 * (gaps.min() + 1)


def test_five_by_five_starts_with_the_three_by_three_in_it():
    coarse = [row * 5 + column for row in (0, 2, 4) for column in (0, 2, 4)]
    assert sorted(Lattice(5, 5).order()[:9]) == coarse


def test_ends_steps_and_labels_of_a_path():
    path = Lattice(1, 5)
    assert path.ends == [0, 4]
    assert path.steps == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert path.labels == ["A", "25 %", "50 %", "75 %", "B"]


def test_ends_steps_and_labels_of_a_grid():
    grid = Lattice(3, 4)
    assert grid.ends == [0, 3, 8, 11]
    places = list(itertools.product(range(3), range(4)))
    near = [
        (a, b)
        for (a, p), (b, q) in itertools.combinations(enumerate(places), 2)
        if abs(p[0] - q[0]) + abs(p[1] - q[1]) == 1
    ]
    assert sorted(grid.steps) == sorted(near)
    assert [grid.labels[end] for end in grid.ends] == list("ABCD")
    assert grid.labels[5] == "33 % across, 50 % down"


def test_slerp_turns_at_constant_speed_and_lerp_does_not():
    a, b = random_units(2)
    for mode, is_even in (("slerp", True), ("lerp", False)):
        rows = Lattice(1, 9).embeds([{"clip": a}, {"clip": b}], mode)["clip"]
        np.testing.assert_array_equal(rows[0], a)
        np.testing.assert_array_equal(rows[-1], b)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
        angles = np.arccos([rows[i].astype(float) @ rows[i + 1] for i in range(8)])
        assert (np.ptp(angles) < 1e-3) == is_even
    middle = Lattice(1, 3).embeds([{"clip": a}, {"clip": b}], "lerp")["clip"][1]
    np.testing.assert_allclose(middle, (a + b) / np.linalg.norm(a + b), atol=1e-6)


def test_a_grid_has_its_corners_and_walks_its_edges():
    corners = random_units(4)
    ends = [{"clip": one, "cisp": one[::-1].copy()} for one in corners]
    embeds = Lattice(3, 5).embeds(ends, "slerp")
    rows = embeds["clip"].reshape(3, 5, -1)
    for place, corner in zip(((0, 0), (0, 4), (2, 0), (2, 4)), corners, strict=True):
        np.testing.assert_array_equal(rows[place], corner)
    top = Lattice(1, 5).embeds(ends[:2], "slerp")["clip"]
    np.testing.assert_array_equal(rows[0], top)
    across = Lattice(1, 5).embeds(ends[2:], "slerp")["clip"]
    between = top[2] + across[2]  # halfway down an arc lies the direction of the sum
    np.testing.assert_allclose(rows[1, 2], between / np.linalg.norm(between), atol=1e-5)
    np.testing.assert_allclose(embeds["cisp"], embeds["clip"][:, ::-1], atol=1e-5)


def test_only_columns_that_all_ends_know_are_walked():
    a, b = random_units(2)
    embeds = Lattice(1, 3).embeds([{"clip": a, "cisp": a}, {"cisp": b}], "slerp")
    assert list(embeds) == ["cisp"]
    with pytest.raises(ValueError, match="no column in common"):
        Lattice(1, 3).embeds([{"clip": a}, {"cisp": b}], "slerp")


def test_curves_agree_with_counting_cells():
    lattice = Lattice(2, 3)
    draw = np.random.default_rng(1)
    frames = [draw.random((4, 4, 4)) < 0.5 for _ in range(6)]
    frames[4] = None
    embeds = random_units(6)
    curves = curves_of(lattice, frames, embeds)

    def slow_iou(a, b):
        if frames[a] is None or frames[b] is None:
            return None
        cells = list(zip(frames[a].ravel(), frames[b].ravel(), strict=True))
        return sum(p and q for p, q in cells) / sum(p or q for p, q in cells)

    assert curves.steps == [slow_iou(a, b) for a, b in lattice.steps]
    assert curves.iou == [[slow_iou(end, i) for i in range(6)] for end in (0, 2, 3, 5)]
    expected = [[np.dot(embeds[end], embeds[i]) for i in range(6)] for end in (0, 2, 3, 5)]
    np.testing.assert_allclose(curves.cosine, expected, atol=1e-6)


def test_smoothness_of_slabs_that_grow():
    """Slabs of thickness 1, 2, 2, 4: IoUs of 1/2, 1 and 1/2, and 1/4 between the ends."""
    lattice = Lattice(1, 4)
    frames = [slab(n) for n in (1, 2, 2, 4)]
    smooth = smoothness_of(lattice, curves_of(lattice, frames, random_units(4)))
    assert (smooth.known, smooth.where) == (3, 0)
    assert smooth.mean == pytest.approx(2 / 3)
    assert smooth.largest == pytest.approx(1 / 2)
    assert smooth.detour == pytest.approx((1 / 2 + 0 + 1 / 2) / (3 / 4))


def test_smoothness_of_what_is_there():
    lattice = Lattice(1, 4)
    frames = [slab(1), slab(2), None, slab(4)]
    smooth = smoothness_of(lattice, curves_of(lattice, frames, random_units(4)))
    assert (smooth.known, smooth.mean, smooth.detour) == (1, pytest.approx(1 / 2), None)
    nothing = [slab(1), None, None, slab(4)]
    assert smoothness_of(lattice, curves_of(lattice, nothing, random_units(4))) is None


def test_ends_that_are_equal_have_no_detour():
    lattice = Lattice(1, 3)
    frames = [slab(2), slab(2), slab(2)]
    smooth = smoothness_of(lattice, curves_of(lattice, frames, random_units(3)))
    assert (smooth.mean, smooth.detour) == (1, None)


@pytest.mark.parametrize(
    ("clip", "cisp", "winner"),
    [
        ([0.5, 0.6, 0.5, 0.6], [0.8, 0.9, 0.8, 0.9], "cisp"),
        ([0.8, 0.9, 0.8, 0.9], [0.5, 0.6, 0.5, 0.6], "clip"),
        ([0.5, 0.9, 0.5, 0.9], [0.9, 0.6, 0.9, 0.6], None),  # the lead changes sides
        ([0.800, 0.801, 0.8], [0.805, 0.806, 0.805], None),  # sure, but too small to see
        ([0.5, None, None], [0.9, None, None], None),  # one step is not enough
        ([None, None], [None, None], None),
    ],
)
def test_a_column_is_smoother_only_if_it_clearly_is(clip, cisp, winner):
    curves = {"clip": Curves(clip, [], []), "cisp": Curves(cisp, [], [])}
    assert smoothest(curves) == winner


def test_words_tell_the_numbers_and_the_verdict_comes_last():
    lattice = Lattice(1, 5)
    curves = {
        "clip": Curves([0.5, 0.6, 0.4, 0.6], [[1, 0.5, 0.5, 0.5, 0.2]], []),
        "cisp": Curves([0.8, 0.9, 0.8, 0.9], [[1, 0.5, 0.5, 0.5, 0.6]], []),
    }
    clip, cisp, verdict = sentences(lattice, curves, is_complete=True)
    assert clip["text"].startswith("CLIP: neighbours overlap at a mean IoU of 0.525")
    assert "0.400, between 50 % and 75 %" in clip["text"]
    assert "2.4 times as long" in clip["text"]  # (0.5 + 0.4 + 0.6 + 0.4) / (1 - 0.2)
    assert cisp["space"] == "cisp"
    assert verdict["space"] == ""
    assert verdict["text"].startswith("CISP is smoother")
    assert len(sentences(lattice, curves, is_complete=False)) == 2
    even = {"clip": curves["clip"], "cisp": curves["clip"]}
    assert "no clear difference" in sentences(lattice, even, is_complete=True)[-1]["text"]


class Recorder:
    """Makes slabs as thick as the embedding's first number says, and guesses thinner ones."""

    guesses = True

    def guess(self, embeds):
        return {
            space: np.stack([slab(round(7 * float(row[0]))) * 2.0 - 1 for row in rows])
            for space, rows in embeds.items()
        }

    def shapes(self, embeds, settings):
        self.embeds, self.settings = embeds, settings
        for index in range(len(next(iter(embeds.values())))):
            yield {
                space: slab(1 + round(7 * float(rows[index][0]))) * 2.0 - 1
                for space, rows in embeds.items()
            }


def test_a_walk_puts_each_frame_in_its_place_from_one_noise():
    service = Recorder()
    ends = [Guide({"clip": unit(0, 1), "cisp": unit(0, 1)}), Guide({"clip": unit(1, 0)})]
    ends[1].embeds["cisp"] = unit(1, 1)
    seen = []
    for log in walk(service, ends, Lattice(1, 9), "slerp", SETTINGS):
        seen.append([i for i, grid in enumerate(log.frames["clip"]) if grid is not None])
    assert seen[:3] == [[0], [0, 8], [0, 4, 8]]
    assert log.is_complete
    assert service.settings == SETTINGS
    for space, rows in log.embeds.items():
        for index, row in enumerate(rows):
            expected = slab(1 + round(7 * float(row[0])))
            np.testing.assert_array_equal(log.frames[space][index], expected)


@pytest.mark.parametrize("lattice", [Lattice(1, 17), Lattice(5, 5), Lattice(3, 7)])
def test_outward_takes_every_frame_once_and_never_comes_nearer(lattice):
    for start in (0, len(lattice) // 2, len(lattice) - 1):
        order = lattice.outward(start)
        assert sorted(order) == list(range(len(lattice)))
        assert order[0] == start
        near = {start: 0}  # by breadth-first search along the steps
        for index in (queue := [start]):
            for a, b in [*lattice.steps, *[(b, a) for a, b in lattice.steps]]:
                if a == index and b not in near:
                    near[b] = near[a] + 1
                    queue.append(b)
        distances = [near[index] for index in order]
        assert distances == sorted(distances)


ENDS = [Guide({"clip": unit(0, 1), "cisp": unit(0, 1)}), Guide({"clip": unit(1, 0)})]
ENDS[1].embeds["cisp"] = unit(1, 1)


def test_guesses_stand_in_every_place_until_their_frames_are_made():
    service = Recorder()
    log = begin(service, ENDS, Lattice(1, 9), "slerp")
    assert log.guessed == [True] * 9
    assert (log.num_done, log.is_complete) == (0, False)
    for space, rows in log.embeds.items():
        for index, row in enumerate(rows):
            expected = slab(round(7 * float(row[0])))
            np.testing.assert_array_equal(log.frames[space][index], expected)
    before = log.viewer_value("running", "")["frames"]["clip"]
    order = []
    for _ in refine(service, log, SETTINGS, lambda: 6):
        [new] = [i for i, guess in enumerate(log.guessed) if not guess and i not in order]
        order.append(new)
        value = log.viewer_value("running", "")
        assert value["guessed"] == log.guessed
        assert [a != b for a, b in zip(value["frames"]["clip"], before, strict=True)] == [
            i in order for i in range(9)
        ]
    assert order == [6, 5, 7, 4, 8, 3, 2, 1, 0]
    *_, plain = walk(service, ENDS, Lattice(1, 9), "slerp", SETTINGS)
    for space, frames in plain.frames.items():
        np.testing.assert_array_equal(log.frames[space], frames)


def test_the_order_follows_the_frame_on_show_and_no_frame_is_made_twice():
    place, order, log = [0], [], begin(Recorder(), ENDS, Lattice(1, 9), "slerp")
    for _ in refine(Recorder(), log, SETTINGS, lambda: place[0]):
        [new] = [i for i, guess in enumerate(log.guessed) if not guess and i not in order]
        order.append(new)
        if len(order) == 2:
            place[0] = 7
    assert order == [0, 1, 7, 6, 8, 5, 4, 3, 2]


def test_without_guesses_a_walk_is_refined_coarse_to_fine():
    service = Recorder()
    service.guesses = False
    log = begin(service, ENDS, Lattice(1, 9), "slerp")
    assert log.frames["clip"] == [None] * 9
    seen = []
    for _ in refine(service, log, SETTINGS, lambda: 6):
        seen.append(sum(grid is not None for grid in log.frames["clip"]))
        assert log.guessed == [False] * 9
    assert seen == list(range(1, 10))
    assert [i for i, row in enumerate(service.embeds["clip"]) if (row == unit(1, 0)).all()] == [1]


def test_the_words_say_how_many_frames_are_guesses():
    log = begin(Recorder(), ENDS, Lattice(1, 9), "slerp")
    for _ in refine(Recorder(), log, SETTINGS, lambda: 0):
        told = [one["text"] for one in report_value(log)["words"]]
        guessed = 9 - log.num_done
        sentence = f"{guessed} of 9 frames are guesses so far: these numbers will change."
        assert (sentence in told) == (guessed > 0)
        assert any("clear difference" in t or "is smoother" in t for t in told) == (guessed == 0)


def test_values_for_the_page_hold_what_is_there():
    log = WalkLog(Lattice(1, 3), {"clip": random_units(3)})
    log.add(0, {"clip": slab(2)})
    value = log.viewer_value("running", "note", "left")
    assert value["labels"] == ["A", "50 %", "B"]
    assert value["num_frames"] == 3
    assert [bits is not None for bits in value["frames"]["clip"]] == [True, False, False]
    assert log.pad_value() == {}
    assert report_value(log)["curves"]["clip"]["iou"] == [[1.0, None, None], [None, None, None]]
    log.add(2, {"clip": slab(4)})
    log.add(1, {"clip": slab(4)})
    summary = summary_of(log)
    assert summary["curves"]["clip"]["iou_neighbours"] == [0.5, 1.0]
    assert summary["smoothness"]["clip"]["largest_jump"] == {"iou": 0.5, "between": ["A", "50 %"]}


def test_a_grid_is_told_to_the_pad_and_has_no_curves():
    log = WalkLog(Lattice(2, 2), {"clip": random_units(4)})
    log.add(3, {"clip": slab(2)})
    pad = log.pad_value()
    assert (pad["rows"], pad["columns"]) == (2, 2)
    assert [bits is not None for bits in pad["frames"]["clip"]] == [False, False, False, True]
    assert pad["ends"] == [0, 1, 2, 3]
    assert report_value(log)["curves"] == {}
