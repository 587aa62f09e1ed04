"""Where a moving variance stands after t updates in exact arithmetic, and how far float32 may be.

    E(t) = keep^t * 1 + (1 - keep^t) * T                                  the same batch every time
    E(t) = keep^t * 1 + (1 - keep) * sum_j keep^(t-j) * stored_j          mini-batches j = 1..t

T is what the estimator stores, 1 the initial moving variance. The bound of the rounding holds for
both ways in which layers write their update, keep*old + (1-keep)*new and old - (old-new)*(1-keep).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bncore.axes import split_axes
from bncore.estimators import BIASED, KERAS_2, UNBIASED, VarianceEstimator
from bncore.moments import Array, batch_moments

CANDIDATES = (BIASED, UNBIASED, KERAS_2)
HALF_UNIT = 2.0**-24  # the largest relative error of one rounding in float32
SMALLEST, LARGEST = (float(x) for x in (np.finfo(np.float32).tiny, np.finfo(np.float32).max))
_FORGOTTEN = 1e-20  # a weight in the average below this changes no digit of float64


def batch_sizes(rows: int, batch_size: int) -> list[int]:
    """The sizes of the batches of one epoch; the last one holds what is left.

    >>> batch_sizes(10, 4)
    [4, 4, 2]
    """
    full, rest = divmod(rows, batch_size)
    return [batch_size] * full + [rest] * bool(rest)


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

    >>> targets(np.array([2.0]), rows=60, batch_size=4, epsilon=1e-3)["biased"].round(4)
    array([1.5254])
    """
    settled = {}
    for estimator in estimators:
        stored = [
            estimator.stored(variance * _sampled(size, rows), size, epsilon)
            for size in batch_sizes(rows, batch_size)
        ]
        settled[estimator.id] = np.mean(stored, axis=0)
    return settled


def _sampled(size: int, rows: int) -> float:
    """Expected biased variance of `size` of `rows` rows, over that of all rows."""
    return 1.0 if rows == 1 else (size - 1) / size * rows / (rows - 1)


@dataclass(frozen=True, eq=False)
class Case:
    """What a moving variance averages: data (rows, features), how they are batched, and keep.

    ``variance`` is the biased one of all rows in exact arithmetic (float64), ``size`` the largest
    absolute number of each feature. ``short``: the layer computes its batch variance as
    E[x^2] - E[x]^2, which cancels where the mean is large (XLA's fused batch normalisation does).
    """

    variance: Array
    size: Array
    rows: int
    batch_size: int
    keep: float
    epsilon: float
    short: bool = False

    @classmethod
    def of(
        cls, data: Any, batch_size: int, keep: float, epsilon: float, short: bool = False
    ) -> Case:
        """The case of these data, rounded to float32 as a layer gets them.

        >>> Case.of([[0.0], [2.0]], batch_size=2, keep=0.99, epsilon=1e-3).targets["n/(n-1)"]
        array([2.])
        """
        with np.errstate(over="ignore"):
            x = np.asarray(data).astype(np.float32)
        moments = batch_moments(x, split_axes(x.shape, -1))
        size = np.abs(x.astype(np.float64)).max(axis=0)
        return cls(moments.variance, size, len(x), batch_size, keep, epsilon, short)

    @property
    def whole(self) -> bool:
        """Whether every batch holds all rows."""
        return self.batch_size == self.rows

    @cached_property
    def targets(self) -> dict[str, Array]:
        """The target of each candidate that is defined for these batches: (features,)."""
        found = targets(self.variance, self.rows, self.batch_size, self.epsilon)
        defined = targets(np.ones(1), self.rows, self.batch_size, self.epsilon)
        return {id: found[id] for id, factor in defined.items() if np.isfinite(factor).all()}

    @cached_property
    def candidates(self) -> tuple[VarianceEstimator, ...]:
        """The estimators that are defined for these batches."""
        return tuple(e for e in CANDIDATES if e.id in self.targets)

    @cached_property
    def too_small(self) -> Array:
        """Features whose share of an update, (1 - keep) * T, float32 cannot hold: (features,)."""
        smallest = np.min([np.abs(t) for t in self.targets.values()], axis=0)
        return np.asarray((self.variance > 0) & ((1 - self.keep) * smallest < SMALLEST))

    @cached_property
    def too_large(self) -> Array:
        """Features whose squares, summed over a batch, float32 cannot hold: (features,)."""
        summed = self.variance * self.rows
        most = np.max([self._most[e.id] for e in self.candidates], axis=0)
        return np.asarray(~(np.maximum(summed, most) <= LARGEST))

    @cached_property
    def usable(self) -> Array:
        """Features that have a variance, and one that float32 can average: (features,)."""
        return np.asarray((self.variance > 0) & ~self.too_small & ~self.too_large)

    def share(self, update: float) -> float:
        """keep^t: how much of the initial variance 1 is left."""
        return float(self.keep**update)

    def left(self, update: float) -> float:
        """The same relative to the smallest target (at least to 1): what it may still add to it."""
        smallest = min(float(np.abs(t[self.usable]).min()) for t in self.targets.values())
        return self.share(update) / min(smallest, 1.0)

    def exact(
        self, estimator: VarianceEstimator, update: int, batch_variance: Array | None = None
    ) -> Array:
        """E(t). Mini-batches need the biased variance of each: (updates or more, features)."""
        target = self.targets[estimator.id]
        if self.whole or batch_variance is None:
            return target + self.share(update) * (1 - target)
        count = update
        if self.keep < 1:
            memory = 1 if self.keep == 0 else math.ceil(math.log(_FORGOTTEN) / math.log(self.keep))
            count = min(update, memory)
        weights = (1 - self.keep) * self.keep ** np.arange(count - 1.0, -1.0, -1.0)
        epoch = batch_sizes(self.rows, self.batch_size)
        factors = np.array([estimator.factor(n, self.epsilon) for n in epoch])
        factors = np.where(np.array(epoch) == 1, 0.0, factors)  # one element: 0, whatever times it
        weights *= factors[np.arange(update - count, update) % len(epoch)]
        stored = weights @ batch_variance[update - count : update].astype(float)
        return np.asarray(self.share(update) + stored)

    def rounding(self, estimator: VarianceEstimator, update: float) -> Array:
        """How far a float32 average may be from E(t): (features,).

            old:  2 roundings an update, remembered for min(t, 1/(1-keep)) updates
            new:  the batch variance of n elements, n + 8 roundings, and the square of the error
                  of its mean; 3 (n + 2) roundings of x^2 where it is computed in the short way

        A bound, not an estimate: a sum of n is taken to lose n half units in the last place.
        """
        keep, most = self.keep, self._most[estimator.id]
        decay = self.share(update)
        grown = -math.expm1(update * math.log(keep)) if keep > 0 else 1.0
        memory = keep * grown / (1 - keep) - update * decay if keep < 1 else 0.0
        spelled = abs(float(np.float32(keep)) - keep) / (keep or 1.0)
        old = (2 * HALF_UNIT + spelled) * most * self._steadied * max(memory, 0.0)
        first = (1 - keep) * keep ** (update - 1)  # old - new is rounded beside the initial 1
        old += HALF_UNIT * update * (2 * decay + 3 * first)
        lost = 2 * SMALLEST / (1 - keep) if keep < 1 else 0.0
        return np.asarray(1.01 * (old + grown * (self._moments_rounding[estimator.id] + lost)))

    def stays(self) -> bool:
        """Whether float32 can never move the average away from 1, however it is written."""
        one, keep, new = np.float32(1), np.float32(self.keep), np.float32(1 - self.keep)
        with np.errstate(over="ignore", invalid="ignore"):
            most = max((most.max() for most in self._most.values()), default=0.0)
            stored = np.array([-most, 0.0, most], np.float32)
            moved = keep * one + new * stored, one - (one - stored) * new
        return bool(all((values == one).all() for values in moved))

    @cached_property
    def _sizes(self) -> list[int]:
        """Of the batches of an epoch; one of a single row, whose variance is 0, changes nothing."""
        return [n for n in set(batch_sizes(self.rows, self.batch_size)) if n > 1] or [1]

    @cached_property
    def _most(self) -> dict[str, Array]:
        """The largest that can be stored of any batch: n rows have at most rows/n times v."""
        with np.errstate(over="ignore", invalid="ignore"):
            return {
                e.id: np.max(
                    [
                        np.abs(e.stored(self.variance * self.rows / n, n, self.epsilon))
                        for n in self._sizes
                    ],
                    axis=0,
                )
                for e in self.candidates
            }

    @cached_property
    def _steadied(self) -> float:
        """The largest that the average can be, over the largest batch variance: the variances of
        an epoch's batches add up to at most one of these."""
        epoch = len(batch_sizes(self.rows, self.batch_size))
        if self.keep >= 1:
            return 1.0
        return min(1.0, (1 - self.keep) * (1 + 1 / (1 - self.keep**epoch)))

    @cached_property
    def _moments_rounding(self) -> dict[str, Array]:
        """What float32 may make of what is stored of a batch; recorded batches are rounded, too."""
        n, copies = self.batch_size, 1 if self.whole else 2
        squares = ((n * HALF_UNIT * self.size) ** 2 + SMALLEST) * copies
        if self.short:
            squares += 3 * (n + 2) * HALF_UNIT * self.size**2
        found = {}
        for e in self.candidates:
            factor = max(abs(e.factor(k, self.epsilon)) for k in self._sizes)
            found[e.id] = self._most[e.id] * (8 + copies * (n + 8)) * HALF_UNIT + factor * squares
        return found
