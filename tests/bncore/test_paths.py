"""Where a moving variance stands, in exact arithmetic, and how far float32 may be from it."""

from fractions import Fraction

import numpy as np
import pytest

import bncore
from bncore.estimators import BIASED, KERAS_2, UNBIASED
from bncore.paths import Case, targets

X = bncore.DATASETS["question-2018"]().values
SIXTY = bncore.DATASETS["sixty-rows"]().values


def test_the_path_is_that_of_exact_fractions():
    case = Case.of(X, 5, 0.9, 1e-3)
    for estimator in case.candidates:
        target = [Fraction(float(v)) for v in case.targets[estimator.id]]
        moving = [Fraction(1)] * 6
        keep = Fraction(0.9)
        for _ in range(7):
            moving = [keep * m + (1 - keep) * t for m, t in zip(moving, target, strict=True)]
        found = case.exact(estimator, 7)
        np.testing.assert_allclose(found, [float(m) for m in moving], rtol=1e-13)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("size", [4, 7])
def test_the_path_of_mini_batches_is_that_of_each_batch(keep, size):
    case = Case.of(SIXTY, size, keep, 1e-3)
    rng = np.random.default_rng(1)
    variances, moving = [], np.ones(SIXTY.shape[1])
    for _ in range(9):
        for rows in np.split(rng.permutation(60), range(size, 60, size)):
            batch = SIXTY[rows].astype(np.float32).astype(float)
            variances.append(batch.var(axis=0))
            stored = batch.var(axis=0, ddof=1)
            moving = keep * moving + (1 - keep) * stored
    found = case.exact(UNBIASED, len(variances), np.array(variances))
    np.testing.assert_allclose(found, moving, rtol=1e-12)


def test_mini_batches_settle_where_theory_says():
    for estimator in (BIASED, UNBIASED, KERAS_2):
        expected = bncore.expected_ratio(estimator, 4, 60, 1e-3)
        got = targets(np.array([2.0]), rows=60, batch_size=4, epsilon=1e-3)[estimator.id]
        assert got[0] == pytest.approx(2 * expected)


def test_a_smaller_last_batch_counts():
    """The mean over the batches of very many epochs, the last of 2 rows among them."""
    x = SIXTY[:18]
    rng = np.random.default_rng(0)
    variances = []
    for _ in range(4000):
        shuffled = rng.permutation(x)
        variances += [part.var(axis=0) for part in np.split(shuffled, [4, 8, 12, 16])]
    expected = targets(x.var(axis=0), rows=18, batch_size=4, epsilon=1e-3)["biased"]
    np.testing.assert_allclose(np.mean(variances, axis=0), expected, rtol=0.02)


def test_what_is_not_defined_is_no_candidate():
    assert [e.id for e in Case.of(X[:2], 2, 0.99, 1.0).candidates] == ["biased", "n/(n-1)"]
    assert "n/(n-1)" not in Case.of(X, 1, 0.99, 1e-3).targets


@pytest.mark.parametrize(
    ("keep", "stays"), [(0.99, False), (1 - 1e-7, False), (1 - 1e-9, True), (1.0, True)]
)
def test_float32_stands_still_where_an_update_is_too_small(keep, stays):
    assert Case.of(X, 5, keep, 1e-3).stays() == stays


def test_huge_data_move_even_where_keep_is_1_in_float32():
    assert not Case.of(X * 1e18, 5, 1 - 1e-9, 1e-3).stays()


@pytest.mark.parametrize(
    ("scale", "small", "large"),
    [(1, False, False), (1e-18, True, False), (1e-30, False, False), (1e18, False, False),
     (1e20, False, True)],
)  # fmt: skip
def test_features_that_float32_cannot_average_are_named(scale, small, large):
    case = Case.of(X[:, :1] * scale, 5, 0.99, 1e-3)
    if scale == 1e-30:  # even the squares are below what float64 of float32 data would call 0
        small = True
    assert (case.too_small.any(), case.too_large.any()) == (small, large)
    assert case.usable.all() == (not small and not large)
