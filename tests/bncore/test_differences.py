"""Differences are relative to each feature's own size."""

import numpy as np
import pytest

from bncore.differences import mean_size, moving_difference, relative_difference


def test_a_doubled_variance_in_a_small_column_is_a_difference_of_1():
    expected = np.array([1e4, 1e-3, 1.0])
    assert relative_difference(expected * [1, 2, 1], expected).tolist() == [0, 1, 0]


def test_a_mean_of_0_is_measured_by_the_deviation():
    assert mean_size(np.array([0.0, 3.0]), np.array([4.0, 1.0])).tolist() == [2, 3]
    assert moving_difference(([1.0], [4.0]), ([0.0], [4.0])) == pytest.approx(0.5)


def test_either_statistic_counts():
    assert moving_difference(([1.0], [2.0]), ([1.0], [1.0])) == 1
    assert moving_difference(([2.0], [1.0]), ([1.0], [1.0])) == 1


def test_what_has_no_size_counts_as_it_is():
    assert relative_difference(3e-17, 0.0) == 3e-17


def test_what_is_not_finite_is_no_agreement():
    assert np.isnan(relative_difference(np.nan, 1.0))
    assert relative_difference(np.inf, 1.0) == np.inf


def test_whole_numbers_without_a_sign_and_narrow_ones_are_measured_like_any():
    assert relative_difference(np.uint8([3]), np.uint8([2])).tolist() == [0.5]
    third = np.float32(1 / 3)
    assert mean_size([0.0], np.array([third])).tolist() == [np.sqrt(np.float64(third))]


def test_differences_beyond_the_range_warn_of_nothing():
    assert relative_difference(1e308, -1e308) == np.inf
    assert np.isnan(relative_difference(np.inf, np.inf))


def test_a_mean_is_held_against_the_mean():
    assert moving_difference(([3.0], [16.0]), ([1.0], [16.0])) == pytest.approx(0.5)
