import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bncore.activations import ACTIVATIONS


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@given(y=st.floats(-20, 20).filter(lambda y: abs(y) > 1e-3))
def test_the_slope_is_the_derivative(name, y):
    activation, step = ACTIVATIONS[name], 1e-5
    around = np.array([y - step, y + step])
    low, high = activation.value(around)
    assert activation.slope(np.array([y]))[0] == pytest.approx((high - low) / (2 * step), abs=1e-6)


def test_sigmoid_overflows_nowhere():
    with np.errstate(all="raise"):
        np.testing.assert_allclose(ACTIVATIONS["sigmoid"].value(np.array([-1e4, 1e4])), [0, 1])


def test_relu_has_no_slope_at_0_and_keeps_the_precision():
    slope = ACTIVATIONS["relu"].slope(np.array([-1, 0, 1], np.float32))
    assert slope.tolist() == [0, 0, 1]
    assert slope.dtype == np.float32
