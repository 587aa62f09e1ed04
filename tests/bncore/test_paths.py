"""Where a moving variance stands, in exact arithmetic, and how far float32 may be from it."""

from fractions import Fraction

import numpy as np
import pytest

import bncore
from bncore.estimators import BIASED, KERAS_2, UNBIASED
from bncore.paths import Case, batch_sizes, targets

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


H, TINY = 2.0**-24, 2.0**-126  # half a unit in the last place of float32; its smallest number


def four_rows(keep, variance=2.0, size=3.0, epsilon=0.25):
    """One feature, of four rows in one batch: 8 + (4 + 8) roundings of the biased variance."""
    return Case(np.array([variance]), np.array([size]), 4, 4, keep, epsilon)


@pytest.mark.parametrize(
    ("keep", "update", "roundings"),
    [
        (0.0, 1, 3 + 40),  # the first step is rounded beside the initial 1: 3 times
        (0.0, 2, 40),
        (0.5, 1, (2 * 0.5 + 3 * 0.5) + 0.5 * 40),
        # Of the first update a quarter is left: 2 roundings of the largest, 2, remembered so far.
        (0.5, 2, 2 * 2 * 0.25 + 2 * (2 * 0.25 + 3 * 0.25) + 0.75 * 40),
        (0.5, 200, 2 * 2 * 1 + 40),
        (1.0, 3, 2 * 3),
    ],
)
def test_what_each_update_may_lose_to_rounding(keep, update, roundings):
    found = four_rows(keep).rounding(BIASED, update)
    assert found == pytest.approx(1.01 * roundings * H, rel=1e-6, abs=0)


def test_a_keep_that_float32_has_not_is_another_one():
    spelled = (0.9 - float(np.float32(0.9))) / 0.9
    found = four_rows(0.9).rounding(BIASED, 2000)
    lost = (2 * H + abs(spelled)) * 2 * 9 + 40 * H  # remembered for 0.9 / (1 - 0.9) updates
    assert found == pytest.approx(1.01 * lost, rel=1e-6, abs=0)


def test_a_variance_of_0_may_hide_what_is_below_the_smallest_number():
    found = four_rows(0.5, variance=0.0, size=0.0).rounding(BIASED, 1000)
    assert found == pytest.approx(1.01 * (1 + 2 / 0.5) * TINY, rel=1e-6, abs=0)


def test_the_share_that_is_left_is_seen_beside_the_smallest_target():
    assert four_rows(0.5).share(3) == 0.125
    assert four_rows(0.5, variance=4.0).left(3) == 0.125
    assert four_rows(0.5, variance=0.25).left(3) == 0.5
    features = Case(np.array([0.0, 4.0, 0.5]), np.ones(3), 4, 4, 0.5, 0.25)
    assert features.left(3) == 0.25  # what is constant has no target


def test_a_case_is_the_data_as_float32_holds_them():
    data = [[16777217.0, -3.0], [16777217.0, 1.0], [16777217.0, 2.0]]
    case = Case.of(data, 2, 0.9, 0.25, short=True)
    assert (case.rows, case.batch_size, case.keep, case.epsilon) == (3, 2, 0.9, 0.25)
    assert (case.short, Case.of(data, 2, 0.9, 0.25).short) == (True, False)
    assert case.size.tolist() == [16777216, 3]
    np.testing.assert_allclose(case.variance, [0, np.var([-3, 1, 2])])
    assert (case.whole, Case.of(data, 3, 0.9, 0.25).whole) == (False, True)
    assert Case.of([[1e39], [1.0]], 2, 0.9, 0.25).size == np.inf


@pytest.mark.parametrize("keep", [0.0, 0.25, 1.0])
def test_a_last_batch_of_one_row_adds_nothing(keep):
    """Its variance is 0, whatever rounding makes of it and Keras 2 multiplies it by."""
    case = Case.of(np.arange(5.0)[:, None] ** 2, 2, keep, 0.5)
    recorded = np.array([[1.0], [9.0], [1e-4], [4.0], [16.0], [1e-4], [1.0]], np.float32)
    moving = 1.0
    for update, variance in enumerate(recorded[:, 0], start=1):
        stored = 0.0 if update % 3 == 0 else 2 / (2 - 1.5) * float(variance)
        moving = keep * moving + (1 - keep) * stored
        found = case.exact(KERAS_2, update, recorded)
        np.testing.assert_allclose(found, [moving], rtol=1e-14)


def test_the_sizes_of_an_epochs_batches():
    assert batch_sizes(10, 4) == [4, 4, 2]
    assert batch_sizes(8, 4) == [4, 4]
    assert batch_sizes(3, 4) == [3]


def test_a_single_row_is_all_of_the_data():
    found = targets(np.array([2.0]), rows=1, batch_size=1, epsilon=1e-3, estimators=(BIASED,))
    assert {id: target.tolist() for id, target in found.items()} == {"biased": [2.0]}
    halves = targets(np.array([3.0]), rows=3, batch_size=2, epsilon=1e-3)
    assert halves["biased"].tolist() == [(3 / 2 * 3 / 2) / 2]  # of two rows (1/2 * 3/2) v; of one 0
