"""The bounds hold for a computation in float32, and are no wider than they must be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import bncore
from bncore.rounding import PRECISIONS, forward_rounding, moments_rounding

SPLIT = bncore.split_axes((4, 1), -1)
NUMBERS = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([16777217.0, 1e7 + 1, 0.1, 1e-20]))


def bounds(x, epsilon):
    moments, precision = bncore.batch_moments(x, SPLIT), PRECISIONS["float32"]
    statistics = moments_rounding(x, SPLIT, moments.variance, precision)
    one, zero = np.ones(1), np.zeros(1)
    forward = forward_rounding(
        x, moments.mean, moments.variance, statistics, epsilon, one, zero, precision
    )
    return moments, statistics, forward["x_hat"]


@given(st.lists(NUMBERS, min_size=4, max_size=4), st.sampled_from([1e-12, 1e-3, 1.0]))
def test_plain_float32_stays_within(column, epsilon):
    x = np.array(column)[:, None]
    moments, (mean_off, variance_off), x_hat_off = bounds(x, epsilon)
    single = x.astype(np.float32)
    mean = single.mean(axis=0)
    variance = ((single - mean) ** 2).mean(axis=0)
    scale = 1 / np.sqrt(variance + np.float32(epsilon))
    x_hat = single * scale - mean * scale  # as the layers compute it
    exact = bncore.normalize(x, SPLIT, moments, epsilon)
    assert (np.abs(mean - moments.mean) <= mean_off).all()
    assert (np.abs(variance - moments.variance) <= variance_off).all()
    assert (np.abs(x_hat - exact) <= x_hat_off).all()


def test_ordinary_data_leave_little_room():
    moments, (mean_off, variance_off), x_hat_off = bounds(np.array([[1.0], [2], [3], [6]]), 1e-3)
    assert mean_off[0] < 2e-5
    assert variance_off[0] < 2e-5 * moments.variance[0]
    assert x_hat_off.max() < 5e-5


def test_squares_beyond_float32_leave_the_variance_open():
    _, (_, variance_off), _ = bounds(np.array([[1e25], [0.0], [0.0], [0.0]]), 1e-3)
    assert np.isinf(variance_off[0])
