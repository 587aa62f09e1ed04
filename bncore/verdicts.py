"""Which variance did the moving variance reach? A verdict, computed from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bncore.estimators import BIASED, KERAS_2, UNBIASED, VarianceEstimator
from bncore.moments import Array

CANDIDATES = (BIASED, UNBIASED, KERAS_2)
REACHED = 5e-5


def stall(keep: float) -> float:
    """How far from its target a float32 moving average may stop, relative to its size.

        about 1e-7 / (1 - keep)

    An update smaller than half a unit in the last place (6e-8) changes nothing any more, and it
    is only the (1 - keep)-th part of the distance; the rest is for the other roundings.

    >>> stall(0.99), stall(1.0)
    (1e-05, inf)
    """
    return round(1e-7 / (1 - keep), 12) if keep < 1 else float("inf")


@dataclass(frozen=True)
class Verdict:
    """The estimator whose target is nearest, by how much it is missed, and the runner-up.

    ``miss`` and ``next_miss`` are the largest relative differences over the features; ``apart``
    is that between the two targets, and ``stall`` what float32 may leave of each.
    """

    nearest: VarianceEstimator
    miss: float
    next_nearest: VarianceEstimator
    next_miss: float
    apart: float
    stall: float

    @property
    def reached(self) -> bool:
        """Whether the nearest target is met within what float32 allows."""
        return self.miss <= REACHED

    @property
    def told_apart(self) -> bool:
        """Whether the runner-up misses by clearly more than the nearest, and float32 could tell."""
        return self.apart > 2 * self.stall and self.next_miss > 3 * max(self.miss, 1e-6)


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
    moving_variance: Array,
    settled: Mapping[str, Array],
    estimators: Sequence[VarianceEstimator],
    keep: float,
) -> Verdict:
    """Compare a moving variance with the targets. Raises ``ValueError`` where none is finite.

    >>> from bncore.estimators import BIASED, UNBIASED
    >>> settled = {"biased": np.array([1.0]), "n/(n-1)": np.array([1.25])}
    >>> verdict = judge(np.array([1.2500001]), settled, (BIASED, UNBIASED), keep=0.99)
    >>> verdict.nearest.id, verdict.reached, round(verdict.next_miss, 2)
    ('n/(n-1)', True, 0.25)
    """
    misses = []
    for estimator in estimators:
        target = settled[estimator.id]
        usable = np.isfinite(target) & (target > 0)
        if usable.any() and np.isfinite(moving_variance[usable]).all():
            misses.append((_largest(moving_variance[usable], target[usable]), estimator))
    if len(misses) < 2:
        raise ValueError(
            "there is no positive, finite variance to compare with: every feature is constant, or "
            "a batch is too small for n/(n-1) or n/(n-(1+epsilon))"
        )
    (miss, nearest), (next_miss, next_nearest), *_ = sorted(misses, key=lambda pair: pair[0])
    first, second = settled[nearest.id], settled[next_nearest.id]
    both = np.isfinite(first) & np.isfinite(second) & (first > 0) & (second > 0)
    apart = _largest(first[both], second[both]) if both.any() else 0.0
    return Verdict(nearest, miss, next_nearest, next_miss, apart, stall(keep))


def _largest(values: Array, targets: Array) -> float:
    """The largest relative difference."""
    return float(np.abs(values / targets - 1).max())
