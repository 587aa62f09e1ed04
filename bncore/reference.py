"""What mean, variance and x_hat have to be, for others to be measured by.

Two passes in the widest float that helps (float64 for float32 data, the platform's longest for
others), a stretch of the first axis at a time, so that nothing grows with the tensor. Slow, and
written without the engine: a mistake of the one is not repeated by the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bncore.axes import AxisSplit
from bncore.moments import Array, Moments

STRETCH = 1 << 21  # elements


def reference_moments(x: Array, split: AxisSplit) -> Moments:
    """Mean and biased variance, with the reduced axes kept as 1.

    >>> x = np.float32([[9999.0], [10001.0]])
    >>> m = reference_moments(x, AxisSplit((2, 1), feature_axes=(1,)))
    >>> m.mean, m.variance
    (array([[10000.]]), array([[1.]]))
    """
    mean = _summed(x, split, None) / split.count
    return Moments(mean, _summed(x, split, mean) / split.count, split.count)


def variance_error(found: Any, reference: Moments) -> float:
    """The largest |found / variance - 1| of any feature; NaN where one is not finite.

    >>> variance_error([1.0, 3.0], Moments(np.zeros(2), np.array([1.0, 2.0]), 5))
    0.5
    """
    exact = reference.variance.ravel()
    with np.errstate(all="ignore"):
        off = np.abs(np.asarray(found, exact.dtype).ravel() - exact) / exact
    return float(off.max()) if np.isfinite(off).all() else float("nan")


def x_hat_errors(
    found: Array, x: Array, split: AxisSplit, reference: Moments, epsilon: float
) -> Iterator[float]:
    """The largest |found - x_hat| of any element, stretch by stretch; NaN: one is not finite.

    x_hat = (x - mean) / sqrt(variance + epsilon), so a difference counts in deviations.
    """
    for part, kept in _stretches(split):
        wide: Any = x[part].astype(reference.mean.dtype)
        wide -= reference.mean[kept]
        wide /= np.sqrt(reference.variance[kept] + epsilon)
        wide -= found[part]
        yield float(np.abs(wide).max())


def _summed(x: Array, split: AxisSplit, mean: Array | None) -> Array:
    """The sum over the reduced axes: of x, or of the squared deviations from a mean."""
    wide = np.float64 if x.dtype == np.float32 else np.longdouble
    total = np.zeros(split.keepdims_shape, wide)
    for part, kept in _stretches(split):
        block: Any = x[part].astype(wide)
        if mean is not None:
            block -= mean[kept]
            block *= block
        total[kept] += block.sum(axis=split.reduction_axes, keepdims=True)
    return total


def _stretches(split: AxisSplit) -> Iterator[tuple[slice, slice]]:
    """Stretches of the first axis, and where their statistics are."""
    rows = split.shape[0]
    step = max(1, STRETCH * rows // max(1, int(np.prod(split.shape))))
    for first in range(0, rows, step):
        part = slice(first, first + step)
        yield part, part if 0 in split.feature_axes else slice(None)
