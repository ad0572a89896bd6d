"""The shapes that a file's tests look at: the first `COUNT` of its `FAMILY`."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.shapes.drawn import drawn, grid_of
from training.shapes.shape import Shape


@pytest.fixture(scope="module")
def shapes(request) -> list[Shape]:
    return drawn(request.module.FAMILY, request.module.COUNT)


@pytest.fixture(scope="module")
def grids(shapes) -> list[np.ndarray]:
    return [grid_of(shape) for shape in shapes]
