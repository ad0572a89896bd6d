from __future__ import annotations

import itertools

import pytest
import torch

from diffusion.guess import Guess, GuessConfig
from tests.diffusion.fakes import COND_DIM, normal, perturb, unit

CONFIG = GuessConfig(width=16, blocks=2, patch=2, token=12)


def new() -> Guess:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Guess(CONFIG, COND_DIM, resolution=4)


@pytest.fixture
def guess():
    return perturb(new())


def test_the_guess_of_the_null_embedding_learns_the_mean_of_the_data(guess):
    """With every condition dropped only a constant can be fitted; the best one is the mean."""
    shapes = normal(50, 1, 4, 4, 4, seed=1).clamp(-1, 1)
    drop, optimiser = torch.ones(50, dtype=torch.bool), torch.optim.Adam(guess.parameters(), 1e-2)
    for step in range(300):
        optimiser.param_groups[0]["lr"] = 1e-2 * (1 - step / 300)
        optimiser.zero_grad()
        (guess(unit(50, COND_DIM, seed=step), drop) - shapes).square().mean().backward()
        optimiser.step()
    with torch.no_grad():
        constant = guess(unit(1, COND_DIM), drop[:1])
    torch.testing.assert_close(constant, shapes.mean(0, keepdim=True), atol=5e-3, rtol=0)


@torch.no_grad()
def test_a_dropped_condition_is_dead(guess):
    cond, drop = unit(3, COND_DIM), torch.tensor([True, False, True])
    answer, other = guess(cond, drop), guess(cond + 1, drop)
    assert torch.equal(answer[drop], other[drop])
    assert not torch.isclose(answer[~drop], other[~drop]).all()
    as_null = guess(guess.null_embedding.expand(2, -1) / COND_DIM**0.5)
    torch.testing.assert_close(answer[drop], as_null)
    torch.testing.assert_close(answer[~drop], guess(cond[~drop]))


@torch.no_grad()
def test_cells_lie_where_their_token_and_their_place_in_it_say(guess):
    """Cell (x, y, z): token (x // 2, y // 2, z // 2), place (x % 2, y % 2, z % 2), z fastest."""
    guess.to_cells.weight.zero_()
    guess.to_cells.bias.copy_(torch.arange(8.0))
    grid = guess(unit(1, COND_DIM))[0, 0]
    for x, y, z in itertools.product(range(4), repeat=3):
        assert grid[x, y, z] == (x % 2 * 2 + y % 2) * 2 + z % 2
    guess = perturb(new())
    before = guess(unit(1, COND_DIM))
    for token, corner in enumerate(itertools.product((0, 2), repeat=3)):
        moved = perturb(new())
        moved.to_tokens.bias[token * 12 : token * 12 + 12] += normal(12)
        changed = (moved(unit(1, COND_DIM)) != before)[0, 0].nonzero()
        assert len(changed) == 8
        assert (changed // 2 * 2 == torch.tensor(corner)).all()


def test_every_parameter_learns(guess):
    guess(unit(3, COND_DIM), torch.tensor([True, False, False])).square().mean().backward()
    for name, parameter in guess.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


@torch.no_grad()
def test_rows_do_not_see_each_other(guess):
    cond = unit(5, COND_DIM)
    alone = torch.cat([guess(row[None]) for row in cond])
    torch.testing.assert_close(guess(cond), alone)


def test_cubes_must_fill_the_grid():
    with pytest.raises(ValueError, match="Cubes of 8 do not fill a grid of 12"):
        Guess(GuessConfig(patch=8), COND_DIM, resolution=12)
