"""How a large tensor is cut into blocks: that no number depends on it is tested elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from bncore.blocked import BLOCK, STRETCH, _steps


def tensor(shape, inwards):
    """A view of this shape, whose axes come in this order in the memory, the innermost first."""
    strides, step = [0] * len(shape), 8
    for axis in inwards:
        strides[axis], step = step, step * shape[axis]
    return as_strided(np.zeros(1), shape, strides, writeable=False)


@st.composite
def cases(draw):
    sizes = st.sampled_from([1, 2, 3, 7, 64, 112, 1000, 4096, 10**6])
    shapes = st.lists(sizes, min_size=1, max_size=4)
    shape = draw(shapes.filter(lambda shape: math.prod(shape) < 2**50))
    inwards = draw(st.permutations(range(len(shape))))
    return tensor(shape, inwards), inwards, draw(st.integers(0, len(shape)))


@given(cases())
def test_blocks_are_stretches_of_the_memory_and_not_too_large(case):
    x, inwards, reduced = case
    steps, rows = _steps(x, reduced)
    long = [axis for axis in inwards if x.shape[axis] > 1]
    assert math.prod(steps) <= BLOCK
    if long:
        assert rows == (long[0] < reduced)
    for axis, step in enumerate(steps):
        assert step == x.shape[axis] or (step < x.shape[axis] and step & (step - 1) == 0)
    kept = math.prod(steps[reduced:])
    elements = math.prod(x.shape[:reduced])
    most = BLOCK if rows else max(STRETCH, BLOCK // elements)
    assert kept <= most
    # From the innermost axis on, each takes all that there is room for.
    room, features = BLOCK, most
    for axis in [*long, *(set(inwards) - set(long))]:
        free = room if axis < reduced else min(room, features)
        assert steps[axis] == x.shape[axis] or 2 * steps[axis] > free or free < 1
        room //= steps[axis]
        features //= 1 if axis < reduced else steps[axis]


@pytest.mark.parametrize(
    ("shape", "inwards", "reduced", "steps", "rows"),
    [
        ((64, 112, 112, 64), (3, 2, 1, 0), 3, [1, 64, 112, 64], False),  # NHWC over (0, 1, 2)
        ((64, 112, 112, 64), (2, 1, 3, 0), 3, [1, 112, 112, 32], True),  # NCHW, channels last
        ((10**6, 64), (1, 0), 1, [8192, 64], False),
        ((10**6, 64), (0, 1), 1, [524288, 1], True),
        ((3, 10**6), (1, 0), 1, [3, 131072], False),
        ((4, 1, 5), (1, 2, 0), 2, [4, 1, 5], False),  # an axis of one element stands nowhere
    ],
)
def test_examples(shape, inwards, reduced, steps, rows):
    assert _steps(tensor(shape, inwards), reduced) == (steps, rows)
