"""What is foretold of a GPU: counts by hand, and the steps of the smallest preset."""

from __future__ import annotations

import pytest
import torch

from tests.training.micro import MICRO
from training.costs import step_costs
from training.costs.roofline import DEVICES, Work, counted, foretold
from training.costs.steps import (
    Step,
    embedding_step,
    guess_step,
    refinement_step,
    sampling_step,
)


def test_a_product_is_counted_as_it_is_by_hand():
    def product(device: torch.device) -> Step:
        x, weight = torch.ones(5, 3).to(device), torch.ones(3, 7).to(device)
        return Step(lambda: (x @ weight).relu(), 5, torch.float32)

    work = counted(product)
    read_and_written = (5 * 3 + 3 * 7 + 5 * 7) + 2 * 5 * 7  # the product, then the rectifier
    assert work == Work(5, 2, 0, 0, 4 * read_and_written, 2 * 5 * 3 * 7)


def test_a_larger_batch_lies_on_the_line():
    four, eight = Work(4, 10, 2, 0, 140.0, 40.0), Work(8, 11, 2, 0, 180.0, 80.0)
    assert four.at(eight, 100) == Work(100, 11, 2, 0, 1100.0, 1000.0)
    assert four.times(3, 10) == Work(10, 30, 6, 0, 420.0, 120.0)


def test_a_step_takes_the_sum_of_its_parts():
    peak, bandwidth = DEVICES["H100"]
    step = foretold(Work(10, 1000, 0, 0, bandwidth / 1000, peak / 500), peak, bandwidth)
    assert step["launching"] == pytest.approx(5e-3)
    assert step["moving"] == pytest.approx(1e-3)
    assert step["computing"] == pytest.approx(2e-3)
    assert step["seconds"] == pytest.approx(8e-3)
    assert step["samples_per_second"] == pytest.approx(1250)
    assert step["share_of_peak"] == pytest.approx(0.25)


STEPS = {embedding_step: 1, guess_step: 0, refinement_step: 0, sampling_step: 1}


@pytest.mark.parametrize("make", STEPS, ids=lambda make: make.__name__)
def test_every_step_runs_and_waits_as_it_should(make, monkeypatch):
    """For the JPEG encoder, and to see that embeddings are unit vectors."""
    monkeypatch.setattr("diffusion.generate.BATCH_SIZE_ELSEWHERE", 2)
    work = counted(lambda device: make(MICRO, 16 if make is embedding_step else 2, device))
    assert work.waits <= STEPS[make]
    assert work.launches > 50
    assert work.operations > 1e4


def test_steps_are_reported_beside_the_peak(monkeypatch):
    work = Work(20, 300, 4, 1, 1e6, 1e9)
    large = Work(256, 2400, 8, 8, 1e6, 256e6)
    asked = {"embedding": work, "sampling 1": work, "sampling 256": large}
    monkeypatch.setattr(step_costs, "works", lambda preset: asked)
    monkeypatch.setattr(step_costs, "median_seconds", lambda *_: 0.5)
    monkeypatch.setattr(step_costs, "matrix_peak", lambda *_: 4e9)
    found = step_costs.step_costs(MICRO, 1, torch.device("cpu"))
    assert list(found) == list(asked)
    # A guided pass has two rows on a CPU, one of them for nothing.
    assert found["sampling 1"]["share_of_peak"] == pytest.approx(2e6 / 0.5 / 4e9)
    assert found["sampling 256"]["share_of_peak"] == pytest.approx(256e6 / 0.5 / 4e9)
    assert found["embedding"] == {
        "samples": 20,  # ten pairs in two spaces
        "precision": "float32",
        "seconds": 0.5,
        "samples_per_second": 40,
        "share_of_peak": 0.5,
        "launches": 300,
        "copies": 4,
        "waits": 1,
    }
    assert found["sampling 1"]["samples"] == 1
