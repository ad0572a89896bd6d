from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from cisp.interpolation import lerp, slerp

PATHS = pytest.mark.parametrize("path", [lerp, slerp])


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def test_slerp_matches_the_closed_form():
    a, b = unit(5, 32), unit(5, 32, seed=1)
    angle = torch.acos((a.double() * b.double()).sum(-1, keepdim=True))
    for t in (0.1, 0.5, 0.9):
        weights = (
            torch.sin((1 - t) * angle) / torch.sin(angle),
            torch.sin(t * angle) / torch.sin(angle),
        )
        expected = weights[0] * a + weights[1] * b
        torch.testing.assert_close(slerp(a, b, t).double(), expected, atol=1e-6, rtol=0)


def test_lerp_is_the_normalised_chord():
    a, b = unit(5, 32), unit(5, 32, seed=1)
    torch.testing.assert_close(lerp(a, b, 0.3), F.normalize(0.7 * a + 0.3 * b, dim=-1))


def test_slerp_walks_at_constant_speed_and_lerp_does_not():
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([-0.6, 0.8])
    t = torch.linspace(0, 1, 11)
    steps = [torch.acos((p[1:] * p[:-1]).sum(-1)) for p in (slerp(a, b, t), lerp(a, b, t))]
    assert steps[0].max() - steps[0].min() < 1e-4
    assert steps[1].argmax() in (4, 5)


@PATHS
def test_ends_are_exact(path):
    a, b = unit(4, 256), unit(4, 256, seed=1)
    ends = path(a, b, torch.tensor([0.0, 1.0]))
    assert torch.equal(ends, torch.stack([a, b]))
    assert torch.equal(path(a, b, 0.0), a)
    assert torch.equal(path(a, b, 1), b)


@PATHS
@pytest.mark.parametrize("shape", [(8,), (3, 8)])
def test_shapes(path, shape):
    a, b = unit(*shape), unit(*shape, seed=1)
    assert path(a, b, 0.25).shape == shape
    t = torch.linspace(0, 1, 5)
    together = path(a, b, t)
    assert together.shape == (5, *shape)
    for row, position in zip(together, t, strict=True):
        torch.testing.assert_close(row, path(a, b, float(position)))


@PATHS
@pytest.mark.parametrize("noise", [0.0, 1e-8, 1e-6, 1e-4, 1e-3])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_nearly_identical_and_nearly_antipodal_inputs(path, noise, sign):
    a = unit(3, 256)
    b = F.normalize(sign * a + noise * unit(3, 256, seed=1), dim=-1)
    points = path(a, b, torch.linspace(0, 1, 9))
    torch.testing.assert_close(points.norm(dim=-1), torch.ones(9, 3))
    if sign > 0:
        assert (points - a).norm(dim=-1).max() < 2 * noise + 1e-6
    else:
        jumps = (points[1:] - points[:-1]).norm(dim=-1)
        limit = 2 * math.sin(math.pi / 16)  # the chord of an eighth of half a circle
        assert path is lerp or jumps.max() < limit + 0.01


@PATHS
def test_antipodal_path_is_a_half_circle(path):
    a = torch.tensor([0.0, 0.0, 1.0])
    middle = path(a, -a, 0.5)
    assert abs(middle @ a) < 1e-6
    assert math.isclose(middle.norm(), 1.0, abs_tol=1e-6)


def test_outside_zero_to_one_slerp_goes_on_around_the_circle():
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    torch.testing.assert_close(slerp(a, b, 2.0), -a, atol=1e-6, rtol=0)


@PATHS
def test_wrong_shapes_are_refused(path):
    with pytest.raises(ValueError, match="one shape"):
        path(unit(3), unit(4), 0.5)
    with pytest.raises(ValueError, match="t must be"):
        path(unit(3), unit(3), torch.zeros(2, 2))
