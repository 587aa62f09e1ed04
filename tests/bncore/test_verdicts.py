import numpy as np
import pytest

import bncore
from bncore.verdicts import CANDIDATES, judge, targets

VARIANCE = bncore.DATASETS["question-2018"]().values.var(axis=0)


@pytest.mark.parametrize("estimator", CANDIDATES, ids=lambda e: e.id)
def test_each_estimator_is_recognised_by_its_own_value(estimator):
    settled = targets(VARIANCE, rows=5, batch_size=5, epsilon=1e-3)
    value = estimator.stored(VARIANCE, 5, 1e-3) * (1 + 1e-6)  # what float32 leaves
    verdict = judge(value, settled, CANDIDATES, keep=0.99)
    assert verdict.nearest is estimator
    assert verdict.reached
    assert verdict.told_apart


def test_the_estimators_cannot_be_told_apart_in_large_batches():
    settled = targets(np.array([1.0]), rows=10**7, batch_size=10**7, epsilon=1e-3)
    verdict = judge(np.array([1.0]), settled, CANDIDATES, keep=0.99)
    assert not verdict.told_apart


def test_what_float32_cannot_tell_apart_is_not_told_apart():
    """n/(n-1) and n/(n-(1+epsilon)) are 5e-6 apart here; the average may stall 1e-5 away."""
    settled = targets(VARIANCE, rows=5, batch_size=5, epsilon=2e-5)
    value = settled["n/(n-1)"] * (1 + 4e-6)
    verdict = judge(value, settled, CANDIDATES, keep=0.99)
    assert verdict.nearest.id != "n/(n-1)"  # which would be wrong, so nothing is said
    assert not verdict.told_apart
    assert judge(settled["n/(n-1)"], settled, CANDIDATES, keep=0.5).told_apart


def test_far_from_every_target_is_not_reached():
    settled = targets(VARIANCE, rows=5, batch_size=5, epsilon=1e-3)
    assert not judge(np.ones(6), settled, CANDIDATES, keep=0.99).reached


def test_mini_batches_settle_where_theory_says():
    for estimator in CANDIDATES:
        expected = bncore.expected_ratio(estimator, 4, 60, 1e-3)
        got = targets(np.array([2.0]), rows=60, batch_size=4, epsilon=1e-3)[estimator.id]
        assert got[0] == pytest.approx(2 * expected)


def test_a_smaller_last_batch_counts():
    """The mean over the batches of very many epochs, the last of 2 rows among them."""
    x = bncore.DATASETS["sixty-rows"]().values[:18]
    rng = np.random.default_rng(0)
    variances = []
    for _ in range(4000):
        shuffled = rng.permutation(x)
        variances += [part.var(axis=0) for part in np.split(shuffled, [4, 8, 12, 16])]
    expected = targets(x.var(axis=0), rows=18, batch_size=4, epsilon=1e-3)["biased"]
    np.testing.assert_allclose(np.mean(variances, axis=0), expected, rtol=0.02)


def test_a_constant_feature_has_no_verdict():
    settled = targets(np.zeros(2), rows=5, batch_size=5, epsilon=1e-3)
    with pytest.raises(ValueError, match="feature is constant"):
        judge(np.zeros(2), settled, CANDIDATES, keep=0.99)


def test_a_percent_off_is_not_reached():
    settled = targets(np.array([1.0, 2.0]), rows=5, batch_size=5, epsilon=1e-3)
    assert not judge(settled["biased"] * 1.01, settled, CANDIDATES, keep=0.99).reached
