"""What a result can tell: yes, no, or that these data cannot tell.

A number that was measured in float32 is held against what each of two explanations predicts. Where
both predict the same, or neither does, there is no verdict; nothing is called the nearer one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bncore.axes import AxisSplit
from bncore.families import normalize
from bncore.moments import Array, Moments

CANNOT_TELL = "cannot tell"
FLOAT32 = 1e-6  # a few units in the last place (6e-8 each) of what enters an operation


def which(far: Mapping[str, float], rounding: float) -> str:
    """The one explanation that the result is within rounding of; otherwise ``CANNOT_TELL``.

    ``far`` is how far the result is from what each of them predicts.

    >>> which({"batch": 1e-7, "moving": 0.5}, rounding=1e-6)
    'batch'
    >>> which({"batch": 1e-7, "moving": 0.0}, 1e-6), which({"batch": 0.3, "moving": 0.5}, 1e-6)
    ('cannot tell', 'cannot tell')
    """
    near = [name for name, distance in far.items() if distance <= rounding]
    known = all(np.isfinite(distance) for distance in far.values()) and np.isfinite(rounding)
    return near[0] if known and len(near) == 1 else CANNOT_TELL


def normalised(
    x: Array, mean: Array, variance: Array, epsilon: float, gamma: Array, beta: Array
) -> Array:
    """gamma * x_hat + beta in float64; x ends with the axes that mean and variance have."""
    wide = [np.asarray(values, np.float64) for values in (x, mean, variance, gamma, beta)]
    data, centre, spread, scale, shift = wide
    split = AxisSplit(data.shape, tuple(range(data.ndim - centre.ndim, data.ndim)))
    with np.errstate(all="ignore"):
        x_hat = normalize(data, split, Moments(centre, spread, split.count), epsilon)
        return np.asarray(x_hat * scale + shift)


def output_rounding(x: Array, variance: Array, epsilon: float, gamma: Array, beta: Array) -> float:
    """How far a float32 layer's output may be from :func:`normalised`.

    It computes x * s + (beta - mean * s) with s = gamma / sqrt(variance + epsilon): what is lost
    is a share of the largest |x * s|, which is much on data far from 0.

    >>> output_rounding(np.array([[1e4], [1e4 + 1]]), np.array([0.25]), 0.0, 1.0, 0.0) > 0.01
    True
    """
    with np.errstate(all="ignore"):
        scale = np.abs(gamma) / np.sqrt(np.asarray(variance, np.float64) + epsilon)
        largest = np.abs(x) * scale
        return float(FLOAT32 * (largest.max() + np.abs(beta).max() + 1.0))


def stayed(before: Array, after: Array, *steps: Array) -> bool | None:
    """Whether a weight was left alone: False where it changed, None where that cannot be told.

    ``steps`` are the changes that an update would have made, one array for each explanation of
    what was computed. Where any of them is too small for float32 to show, a weight that did not
    change may have been updated all the same.

    >>> one = np.ones(1, np.float32)
    >>> stayed(one, one, np.array([0.1])), stayed(one, one, np.array([1e-9]))
    (True, None)
    >>> stayed(one, one + 1, np.array([1e-9]))
    False
    """
    if not np.array_equal(before, after):
        return False
    unit = np.spacing(np.abs(np.asarray(before, np.float32)))
    shows = [bool((np.abs(step) > 4 * unit).any()) for step in steps]
    return True if all(shows) else None
