"""A verdict between two explanations is right or is not given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bncore.evidence import CANNOT_TELL, normalised, output_rounding, stayed, which

finite = st.floats(-1e6, 1e6)


@given(finite, finite, st.floats(0, 1), st.sampled_from(["a", "b"]), st.floats(-1, 1))
def test_what_is_named_is_what_it_was(a, b, rounding, truth, error):
    predicted = {"a": a, "b": b}
    measured = predicted[truth] + error * rounding
    far = {name: abs(value - measured) for name, value in predicted.items()}
    assert which(far, rounding) in (truth, CANNOT_TELL)


@given(finite, st.floats(0, 1))
def test_two_that_predict_the_same_are_not_told_apart(far, rounding):
    assert which({"a": far, "b": far}, rounding) == CANNOT_TELL


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_tells_nothing(bad):
    assert which({"a": 0.0, "b": bad}, 1e-6) == CANNOT_TELL
    assert which({"a": 0.0, "b": 1.0}, bad) == CANNOT_TELL


@given(
    arrays(np.float32, (4, 2), elements=st.floats(-1000, 1000, width=32)),
    st.sampled_from([0.0, 1e3, 1e5]),
    st.sampled_from([1e-3, 1.0]),
)
def test_a_float32_layer_is_within_what_rounding_allows(x, offset, epsilon):
    """As TensorFlow computes it: x * s + (beta - mean * s)."""
    x = x + np.float32(offset)
    mean, variance = x.mean(axis=0), ((x - x.mean(axis=0)) ** 2).mean(axis=0)
    gamma, beta = np.float32(1.5), np.float32(-0.5)
    s = gamma / np.sqrt(variance + np.float32(epsilon))
    output = x * s + (beta - mean * s)
    exact = normalised(x, mean, variance, epsilon, gamma, beta)
    assert np.abs(output - exact).max() <= output_rounding(x, variance, epsilon, gamma, beta)


@given(
    arrays(np.float32, 3, elements=st.floats(-100, 100, width=32)),
    arrays(np.float64, 3, elements=st.floats(-1, 1)),
)
def test_a_weight_is_called_left_alone_only_where_an_update_would_have_shown(before, step):
    updated = (before.astype(np.float64) + step).astype(np.float32)
    assert stayed(before, updated, step) is not True
    if np.array_equal(before, updated):
        assert stayed(before, before, step) is None
