"""Batch statistics, and how the statistics of two parts make those of the whole.

The variance is computed in two passes (mean first, squared deviations after), since the
short formula E[x^2] - E[x]^2 cancels catastrophically: float32 data of mean 1e4 and
deviation 1 leaves it no correct digit. A large tensor is halved for the processor's cores, the
halves are merged by Chan's formula, and each goes through :mod:`bncore.blocked`: the same
statistics, with one pass over the memory.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bncore import blocked
from bncore.axes import AxisSplit

Array = npt.NDArray[Any]
_Pair = tuple[Array, Array]

# Elements up to which two passes are no slower: what they copy stays in the cache.
SMALL = 1 << 12
# Elements from which a second thread is worth its start, and how many share the memory's speed.
THREADED = 1 << 21
THREADS = 4


class NotEnoughElementsError(ValueError):
    """A variance was asked for that needs more elements than there are."""


@dataclass(frozen=True)
class Moments:
    """Mean and biased variance of ``count`` elements each, in the feature shape.

    ``variance`` is the biased one, sum((x - mean)^2) / n: the one every framework
    normalises a training batch with.
    """

    mean: Array
    variance: Array
    count: int

    def variance_with(self, ddof: float) -> Array:
        """The variance with another divisor: sum((x - mean)^2) / (n - ddof).

        ``ddof=0`` is the biased variance, ``ddof=1`` the unbiased one.

        Raises :class:`NotEnoughElementsError` (a ``ValueError``) where n - ddof <= 0.

        >>> Moments(np.array(2.0), np.array(1.0), count=2).variance_with(ddof=1)
        array(2.)
        """
        if not np.isfinite(ddof):
            raise ValueError(f"ddof is a finite number, usually 0 or 1; got {ddof!r}")
        if self.count - ddof <= 0:
            raise NotEnoughElementsError(
                f"the variance with ddof={ddof:g} divides by n - ddof, which must be positive; "
                f"each statistic has n = {self.count}. Use a larger batch, or ddof=0."
            )
        return np.asarray(self.variance * (self.count / (self.count - ddof)))


def batch_moments(x: Any, split: AxisSplit, *, dtype: npt.DTypeLike = np.float64) -> Moments:
    """Mean and biased variance of ``x`` over the reduction axes of ``split``.

    mean = sum(x) / n, variance = sum((x - mean)^2) / n, both of shape
    ``split.feature_shape``, computed and returned in ``dtype``. NaN and infinite elements
    show in the statistics they belong to, and in no other.

    Raises ``TypeError`` for what is not real numbers, ``ValueError`` for a ragged nesting, a
    shape that is not ``split.shape``, or no element to average.

    Source: Ioffe & Szegedy 2015, Algorithm 1; merging: :func:`merge_moments`.

    >>> from bncore.axes import split_axes
    >>> m = batch_moments([[1, 10], [3, 30]], split_axes((2, 2), feature_axis=-1))
    >>> m.mean, m.variance, m.count
    (array([ 2., 20.]), array([  1., 100.]), 2)
    """
    array = as_real_array(x)
    if array.shape != split.shape:
        raise ValueError(
            f"the axes were split for shape {split.shape}; the data have shape {array.shape}"
        )
    if split.count == 0 and np.prod(split.feature_shape) > 0:
        raise ValueError(
            f"nothing to average: shape {split.shape} collapsed over axes "
            f"{split.reduction_axes} leaves n = 0 elements per statistic"
        )
    order = split.reduction_axes + split.feature_axes
    threads = min(os.cpu_count() or 1, THREADS)
    mean, variance = _moments(array.transpose(order), len(split.reduction_axes), dtype, threads)
    return Moments(mean, variance, split.count)


def merge_moments(a: Moments, b: Moments) -> Moments:
    """The moments of two parts together: exactly those of the whole.

    n = na + nb, mean = (na*mean_a + nb*mean_b) / n,
    variance = (na*var_a + nb*var_b) / n + (na/n) * (nb/n) * (mean_b - mean_a)^2:
    the variance within the parts plus the variance between them.

    Raises ``ValueError`` when the feature shapes differ.

    Source: Chan, Golub & LeVeque 1979, "Updating formulae and a pairwise algorithm".

    >>> zeros, twos = (Moments(np.array(v), np.array(0.0), 3) for v in (0.0, 2.0))
    >>> merge_moments(zeros, twos)
    Moments(mean=array(1.), variance=array(1.), count=6)
    """
    if a.mean.shape != b.mean.shape:
        raise ValueError(
            "moments merge when they describe the same features; got feature shapes "
            f"{a.mean.shape} and {b.mean.shape}"
        )
    count = a.count + b.count
    if count == 0:
        return a
    with np.errstate(invalid="ignore", over="ignore"):
        return Moments(*_merged(a.mean, a.variance, a.count, b.mean, b.variance, b.count), count)


def as_real_array(x: Any, name: str = "the data") -> Array:
    """``np.asarray`` for real numbers, with an error that says what arrived instead.

    >>> as_real_array([[1, 2], [3]])
    Traceback (most recent call last):
    ...
    ValueError: the data are ragged: every row needs the same length. Got list
    """
    try:
        array = np.asarray(x)
    except ValueError:
        raise ValueError(
            f"{name} are ragged: every row needs the same length. Got {type(x).__name__}"
        ) from None
    if array.dtype.kind not in "buif":
        raise TypeError(
            f"{name} must be real numbers (integers, floats or booleans); got an array of "
            f"{array.dtype} with shape {array.shape}"
        )
    return array


@np.errstate(invalid="ignore", over="ignore")  # inf - inf is NaN: the right answer, in any thread
def _moments(x: Array, reduced: int, dtype: npt.DTypeLike, threads: int = 1) -> _Pair:
    """Of a view whose first ``reduced`` axes are the collapsed ones."""
    if x.size <= SMALL:
        return _two_pass(x, reduced, dtype)
    if threads == 1 or x.size <= THREADED:
        return blocked.mean_and_variance(x, reduced, dtype)
    axis = max((abs(x.strides[axis]), axis) for axis in range(x.ndim) if x.shape[axis] > 1)[1]
    halves = np.split(x, [x.shape[axis] // 2], axis=axis)  # each one stretch of the memory
    with ThreadPoolExecutor(2) as pool:  # NumPy lets go of the interpreter while it works
        a, b = pool.map(lambda half: _moments(half, reduced, dtype, threads // 2), halves)
    if axis < reduced:
        return _merged(*a, _count(halves[0], reduced), *b, _count(halves[1], reduced))
    kept = axis - reduced  # the halves hold different features: lay them side by side
    return np.concatenate((a[0], b[0]), kept), np.concatenate((a[1], b[1]), kept)


def _two_pass(x: Array, reduced: int, dtype: npt.DTypeLike) -> _Pair:
    """The mean, then the squared deviations from it."""
    n, axes = _count(x, reduced), tuple(range(reduced))
    if x.size == 0:  # no features at all: there is nothing to divide
        return np.zeros(x.shape[reduced:], dtype), np.zeros(x.shape[reduced:], dtype)
    x = x.astype(dtype)
    mean = x.sum(axes) / n
    deviations = x - mean
    # They sum to zero but for the rounding of the mean: what is left corrects it, exactly where all
    # numbers are equal.
    slip = np.where(np.isfinite(mean), deviations.sum(axes) / n, 0)
    variance = (deviations * deviations).sum(axes) / n - slip * slip
    return np.asarray(mean + slip), np.maximum(variance, 0)  # maximum keeps NaN


def _count(x: Array, reduced: int) -> int:
    return math.prod(x.shape[:reduced])


def _merged(
    mean_a: Array, variance_a: Array, n_a: int, mean_b: Array, variance_b: Array, n_b: int
) -> _Pair:
    share_a, share_b = n_a / (n_a + n_b), n_b / (n_a + n_b)
    within = share_a * variance_a + share_b * variance_b
    between = share_a * share_b * (mean_b - mean_a) ** 2
    return np.asarray(share_a * mean_a + share_b * mean_b), np.asarray(within + between)
