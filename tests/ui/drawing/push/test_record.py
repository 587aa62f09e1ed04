"""What is pushed, and what the engine makes of it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.drawing.push import Push
from ui.drawing.push.record import MODES, record

NUMBERS = st.floats(-100, 100)


@given(
    st.lists(NUMBERS, min_size=1, max_size=9),
    NUMBERS, NUMBERS, NUMBERS, st.floats(0.01, 100), st.floats(-1, 1), st.sampled_from(MODES),
)  # fmt: skip
def test_the_outputs_are_those_of_the_formula(z, gamma, beta, mean, variance, share, mode):
    z = np.array(z)
    far = Push(z, gamma, beta, mean, variance, 1e-3).far
    told = record(Push(z, gamma, beta, mean, variance, 1e-3, by=share * far, mode=mode))
    pushed = z + share * far
    if mode == "training":
        mean, variance = pushed.mean(), pushed.var()
    expected = gamma * (pushed - mean) / np.sqrt(variance + 1e-3) + beta
    np.testing.assert_allclose(told["outputs"], expected, rtol=1e-7, atol=1e-7)
    json.dumps(told)


@pytest.mark.parametrize(
    ("z", "far"), [([0, 3], 2), ([0, 1e-3], 5e-4), ([-80, 80], 100), ([7, 7], 1), ([5], 1)]
)
def test_it_can_be_pushed_about_as_far_as_it_spreads(z, far):
    made = Push(np.array(z, float), 1, 0, 0, 1, 1e-3, by=-1e6)
    assert made.far == pytest.approx(far)
    assert made.pushed == -made.far  # a link may say more
