"""What the ways are measured by, held against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest

from bncore import reference
from bncore.axes import split_axes


def exact(numbers):
    whole = [Fraction(float(number)) for number in numbers]
    mean = sum(whole) / len(whole)
    return float(mean), float(sum((number - mean) ** 2 for number in whole) / len(whole))


@pytest.mark.parametrize("stretch", [1, 12, 1 << 21])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_every_feature_has_its_exact_moments(axis, dtype, stretch, monkeypatch):
    monkeypatch.setattr(reference, "STRETCH", stretch)
    x = (np.random.default_rng(0).standard_normal((4, 3, 5)) + 1e4).astype(dtype)
    split = split_axes(x.shape, axis)
    found = reference.reference_moments(x, split)
    assert found.mean.shape == found.variance.shape == split.keepdims_shape
    assert found.count == split.count
    wide = np.float64 if dtype == np.float32 else np.longdouble
    assert found.mean.dtype == found.variance.dtype == wide
    features = np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1)
    expected = np.array([exact(feature) for feature in features]).T
    np.testing.assert_allclose(found.mean.ravel().astype(float), expected[0], rtol=1e-15)
    np.testing.assert_allclose(found.variance.ravel().astype(float), expected[1], rtol=1e-11)


@pytest.mark.parametrize("stretch", [1, 7, 1 << 21])
@pytest.mark.parametrize("axis", [0, 1])
def test_one_element_that_is_off_is_found_wherever_it_is(axis, stretch, monkeypatch):
    monkeypatch.setattr(reference, "STRETCH", stretch)
    x = np.random.default_rng(1).standard_normal((6, 4)) + 50
    split = split_axes(x.shape, axis)
    moments = reference.reference_moments(x, split)
    right = ((x - moments.mean) / np.sqrt(moments.variance + 1e-3)).astype(float)
    for place in np.ndindex(x.shape):
        wrong = right.copy()
        wrong[place] += 0.25
        errors = list(reference.x_hat_errors(wrong, x, split, moments, 1e-3))
        assert max(errors) == pytest.approx(0.25)
        wrong[place] = np.nan
        assert np.isnan(np.max(list(reference.x_hat_errors(wrong, x, split, moments, 1e-3))))
    assert max(reference.x_hat_errors(right, x, split, moments, 1e-3)) < 1e-14


def test_the_worst_feature_counts_and_nothing_hides_a_nan():
    x = np.random.default_rng(2).standard_normal((30, 3)) * [1, 10, 1e-3]
    moments = reference.reference_moments(x, split_axes(x.shape, 1))
    found = moments.variance.ravel().astype(float)
    assert reference.variance_error(found, moments) < 1e-15
    assert reference.variance_error(found * [1, 1, 1.5], moments) == pytest.approx(0.5)
    assert np.isnan(reference.variance_error(found * [1, np.nan, 1.5], moments))
    flat = reference.reference_moments(np.ones((5, 1)), split_axes((5, 1), 1))
    assert np.isnan(reference.variance_error([1.0], flat))  # infinitely far off is no number


def test_it_is_finer_than_what_it_measures():
    x = (np.random.default_rng(3).standard_normal((1000, 2)) + 1e3).astype(np.float32)
    split = split_axes(x.shape, 1)
    moments = reference.reference_moments(x, split)
    x_hat = (x - moments.mean) / np.sqrt(moments.variance + 1e-3)
    assert max(reference.x_hat_errors(x_hat, x, split, moments, 1e-3)) < 1e-14
