"""Which variance did the moving variance reach? A verdict, computed from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bncore.estimators import BIASED, KERAS_2, UNBIASED, VarianceEstimator
from bncore.moments import Array

CANDIDATES = (BIASED, UNBIASED, KERAS_2)
# A float32 moving average stalls up to about 1e-6 from its target (relative 2e-5 at 0.05).
REACHED = 5e-5


@dataclass(frozen=True)
class Verdict:
    """The estimator whose target is nearest, by how much it is missed, and the runner-up.

    ``miss`` and ``next_miss`` are the largest relative differences over the features.
    """

    nearest: VarianceEstimator
    miss: float
    next_nearest: VarianceEstimator
    next_miss: float

    @property
    def reached(self) -> bool:
        """Whether the nearest target is met within what float32 allows."""
        return self.miss <= REACHED

    @property
    def told_apart(self) -> bool:
        """Whether the runner-up misses by clearly more than the nearest."""
        return self.next_miss > 3 * max(self.miss, 1e-6)


def targets(
    variance: Array,
    rows: int,
    batch_size: int,
    epsilon: float,
    estimators: Sequence[VarianceEstimator] = CANDIDATES,
) -> dict[str, Array]:
    """Where each estimator's moving variance settles, for data of this biased variance (rank 2).

    One batch of all rows: the estimator's stored variance itself. Mini-batches drawn without
    replacement: the expectation (:func:`bncore.expected_ratio`), averaged over the batches of an
    epoch, whose last one may be smaller.

    >>> from bncore.estimators import BIASED
    >>> targets(np.array([2.0]), rows=60, batch_size=4, epsilon=1e-3)["biased"].round(4)
    array([1.5254])
    """
    full, rest = divmod(rows, batch_size)
    sizes = np.array([batch_size] * full + [rest] * bool(rest))
    settled = {}
    for estimator in estimators:
        stored = [
            estimator.stored(variance * _sampled(int(size), rows), int(size), epsilon)
            for size in sizes
        ]
        settled[estimator.id] = np.mean(stored, axis=0)
    return settled


def _sampled(size: int, rows: int) -> float:
    """Expected biased variance of `size` of `rows` rows, over that of all rows."""
    return 1.0 if rows == 1 else (size - 1) / size * rows / (rows - 1)


def judge(
    moving_variance: Array, settled: Mapping[str, Array], estimators: Sequence[VarianceEstimator]
) -> Verdict:
    """Compare a moving variance with the targets. Raises ``ValueError`` where none is finite.

    >>> from bncore.estimators import BIASED, UNBIASED
    >>> settled = {"biased": np.array([1.0]), "n/(n-1)": np.array([1.25])}
    >>> verdict = judge(np.array([1.2500001]), settled, (BIASED, UNBIASED))
    >>> verdict.nearest.id, verdict.reached, round(verdict.next_miss, 2)
    ('n/(n-1)', True, 0.25)
    """
    misses = []
    for estimator in estimators:
        target = settled[estimator.id]
        usable = np.isfinite(target) & (target > 0)
        if usable.any() and np.isfinite(moving_variance[usable]).all():
            miss = np.abs(moving_variance[usable] / target[usable] - 1).max()
            misses.append((float(miss), estimator))
    if len(misses) < 2:
        raise ValueError(
            "there is no positive, finite variance to compare with: a constant feature, or a "
            "batch of one row"
        )
    (miss, nearest), (next_miss, next_nearest), *_ = sorted(misses, key=lambda pair: pair[0])
    return Verdict(nearest, miss, next_nearest, next_miss)
