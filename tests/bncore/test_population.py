"""Algorithm 2, held against its formula, written another way, and against what it estimates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import bncore
from bncore.population import population_statistics


def moments(rows):
    return bncore.batch_moments(rows, bncore.split_axes(rows.shape, feature_axis=-1))


@given(arrays(np.float64, (4, 3, 2), elements=st.floats(-1e3, 1e3)))
def test_batches_of_one_size_follow_the_paper(batches):
    mean, variance = population_statistics([moments(rows) for rows in batches])
    expected = np.mean([rows.mean(axis=0) for rows in batches], axis=0)
    np.testing.assert_allclose(mean, expected, atol=1e3 * 12 * 2**-53)  # 12 terms may cancel
    unbiased = np.mean([rows.var(axis=0, ddof=1) for rows in batches], axis=0)
    np.testing.assert_allclose(variance, unbiased, atol=1e-9)


@given(st.integers(2, 9))
def test_all_rows_count_whatever_the_size_of_the_last_batch(size):
    x = np.random.default_rng(0).normal(3, 2, (10, 2))
    parts = np.split(x, range(size, 10, size))
    mean, variance = population_statistics([moments(rows) for rows in parts])
    np.testing.assert_allclose(mean, x.mean(axis=0))
    assert np.isfinite(variance).all()


def test_on_average_it_is_the_unbiased_variance_of_the_data():
    x = np.random.default_rng(0).normal(3, 2, (11, 2))
    rng = np.random.default_rng(1)
    found = [
        population_statistics([moments(r) for r in np.split(rng.permutation(x), (4, 8))])[1]
        for _ in range(4000)
    ]
    np.testing.assert_allclose(np.mean(found, axis=0), x.var(axis=0, ddof=1), rtol=0.02)


def test_batches_of_one_row_have_no_variance():
    with pytest.raises(ValueError, match="2 rows or more"):
        population_statistics([moments(np.ones((1, 2)))] * 3)


def test_each_batch_counts_by_its_elements():
    """Of 3 elements with the variance 6 and 1 of 2 with 1: (3 * 6 * 3/2 + 2 * 1 * 2) / 5."""
    parts = [bncore.Moments(np.zeros(1), np.array([v]), n) for v, n in ((6.0, 3), (1.0, 2))]
    assert population_statistics(parts)[1] == pytest.approx((27 + 4) / 5)
