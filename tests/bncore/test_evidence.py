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


def test_one_explanation_within_rounding_is_named():
    assert which({"a": 1e-6, "b": 0.5}, 1e-6) == "a"
    assert which({"a": 0.5, "b": 1e-7}, 1e-6) == "b"
    assert which({"a": 0.3, "b": 0.5}, 1e-6) == CANNOT_TELL


def test_a_float32_layers_numbers_are_predicted_in_float64():
    x, mean, variance, gamma, beta = np.array([[3], [1], [0.5], [-2], [10]], np.float32)
    found = normalised(x, mean, variance, 1e-9, gamma, beta)
    assert found.dtype == np.float64
    assert found.item() == pytest.approx(-2 * 2 / np.sqrt(0.500000001) + 10, rel=1e-14)


def test_a_deviation_of_0_predicts_no_number_and_warns_of_nothing():
    predicted = normalised(np.array([1.0, 2.0]), np.array(2.0), np.array(0.0), 0.0, 1.0, 0.0)
    assert predicted[0] == -np.inf
    assert np.isnan(predicted[1])
    assert output_rounding(np.array([1.0]), np.array([0.0]), 0.0, 1.0, 0.0) == np.inf


def test_rounding_is_a_share_of_the_largest_number_that_is_added():
    """The scale is 3 / sqrt(1/4) = 6, the largest number 4, the shift 5: 24 + 5 and 1 to spare."""
    x, variance = np.array([[-4.0], [2.0]]), np.array([0.25])
    assert output_rounding(x, variance, 0.0, -3.0, -5.0) == pytest.approx(30e-6)
    single = output_rounding(x.astype(np.float32), np.ones(1, np.float32), 1e-9, 1.0, 0.0)
    assert single == output_rounding(x, np.ones(1), 1e-9, 1.0, 0.0)


def test_a_step_shows_from_more_than_four_units_in_the_last_place():
    one = np.ones(3, np.float32)
    unit = np.array([0, 0, 2.0**-23])
    assert stayed(one, one, 4.5 * unit) is True
    assert stayed(one, one, 4 * unit) is None
    assert stayed(one, one, 4.5 * unit, 4 * unit) is None
    assert stayed(one, one + 1, unit) is False
    assert stayed(one.astype(np.float64), one, 1e-9 * one) is None  # as float32 holds the weight
    assert stayed(1000 * one, 1000 * one, 4.5 * unit) is None
