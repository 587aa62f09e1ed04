"""How far numbers are from what they should be, each feature relative to its own size.

A difference relative to the largest feature hides what happens in a small one: next to a column
of variance 1e4 the variance of a column of 1e-3 may be twice as large as it should, and the share
is 1e-7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bncore.moments import Array


def relative_difference(found: Any, expected: Any, size: Any = None) -> Array:
    """|found - expected| / size, number by number; where the size is 0, the difference itself.

    ``size`` is what each number is measured by, in a shape that broadcasts; |expected| unless
    given.

    >>> relative_difference([1e4, 2e-3], [1e4, 1e-3])
    array([0., 1.])
    """
    wanted = np.asarray(expected, np.float64)
    measure = np.abs(wanted) if size is None else np.asarray(size)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(wanted - found)
        return np.asarray(off / np.where(measure > 0, measure, 1.0))


def mean_size(mean: Any, variance: Any) -> Array:
    """What a mean is measured by: itself or the deviation, since a mean near 0 has no digits.

    >>> mean_size([0.0, 5.0], [4.0, 1.0])
    array([2., 5.])
    """
    return np.asarray(np.maximum(np.abs(mean), np.sqrt(np.asarray(variance, np.float64))))


def moving_difference(found: tuple[Any, Any], expected: tuple[Any, Any]) -> Array:
    """The larger of both statistics' differences, feature by feature; (mean, variance) each.

    >>> moving_difference(([0.0], [2.0]), ([0.0], [1.0]))
    array([1.])
    """
    off_mean = relative_difference(found[0], expected[0], mean_size(*expected))
    return np.asarray(np.maximum(off_mean, relative_difference(found[1], expected[1])))
