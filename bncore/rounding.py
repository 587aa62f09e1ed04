"""How far a layer that computes in float32 or float64 may be from exact arithmetic.

Layers compute  x * s + (beta - mean * s)  with  s = gamma / sqrt(variance + epsilon): what they
lose is a share of |x| * s, not of the result, which is much on data far from 0. The bounds are
of worst cases (a sum of n numbers is taken to lose n roundings), for both sides of a comparison.

    mean       max|x - fl(x)| + 2 (n + 8) u max|x|
    variance   2 sqrt(v) max|x - fl(x)| + squares of the mean's own + 4 (n + 8) u v

fl(x) is the number that the precision makes of x: the data themselves may be lost in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from bncore.axes import AxisSplit
from bncore.moments import Array

Bounds = dict[str, Array]


@dataclass(frozen=True)
class Precision:
    """A type of floating-point numbers: the share that one rounding may take, and its smallest."""

    name: str

    @property
    def unit(self) -> float:
        """Half a unit in the last place, relative.

        >>> PRECISIONS["float64"].unit == 2.0**-53
        True
        """
        return float(np.finfo(self.name).eps) / 2

    @property
    def largest(self) -> float:
        """The largest number: what is above becomes infinite."""
        return float(np.finfo(self.name).max)

    @property
    def smallest(self) -> float:
        """The smallest normal number: what is below may be flushed to 0."""
        return float(np.finfo(self.name).tiny)

    def held(self, x: Array) -> Array:
        """What this precision makes of the numbers: infinite beyond its range.

        >>> PRECISIONS["float32"].held(np.array([16777217.0]))
        array([16777216.])
        """
        with np.errstate(over="ignore"):
            return np.asarray(x).astype(self.name).astype(np.float64)


PRECISIONS: Mapping[str, Precision] = MappingProxyType(
    {name: Precision(name) for name in ("float64", "float32")}
)


def moments_rounding(
    x: Array, split: AxisSplit, variance: Array, precision: Precision
) -> tuple[Array, Array]:
    """Bounds of the mean and of the biased variance of a batch, in ``split.feature_shape``.

    >>> from bncore.axes import split_axes
    >>> x = np.array([[16777216.0], [16777217.0]])
    >>> mean, variance = moments_rounding(
    ...     x, split_axes(x.shape, 1), np.array([0.25]), PRECISIONS["float32"])
    >>> bool(variance[0] > 0.25)
    True
    """
    grouped = np.asarray(x, np.float64).reshape(split.shape)
    with np.errstate(all="ignore"):
        lost = np.abs(precision.held(grouped) - grouped).max(axis=split.reduction_axes, initial=0)
        largest = np.abs(grouped).max(axis=split.reduction_axes, initial=0)
        summed = (split.count + 8) * precision.unit
        mean = lost + 2 * summed * largest + precision.smallest
        squared = (2 * summed * largest) ** 2 + lost**2 + 4 * precision.smallest
        bound = 2 * np.sqrt(variance) * lost + squared + 4 * summed * variance
        # The squares are summed before they are divided.
        beyond = ~(2 * split.count * variance + squared <= precision.largest)
        return mean, np.where(beyond, np.inf, bound)


def forward_rounding(
    x: Array,
    mean: Array,
    variance: Array,
    rounding: tuple[Array, Array],
    epsilon: float,
    gamma: Array,
    beta: Array,
    precision: Precision,
) -> Bounds:
    """Bounds of ``inv_std``, ``x_hat`` and ``output``.

    ``mean``, ``variance``, their own ``rounding`` (of a batch: :func:`moments_rounding`; given
    ones: :func:`held_rounding`), ``gamma`` and ``beta`` broadcast against x.

    >>> one, zero = np.ones(1), np.zeros(1)
    >>> bounds = forward_rounding(np.array([[1e7], [1e7 + 2]]), np.array([1e7 + 1]), one,
    ...     (zero, zero), 0.0, one, zero, PRECISIONS["float32"])
    >>> bool(bounds["x_hat"].max() > 1)
    True
    """
    unit, (mean_off, variance_off) = precision.unit, rounding
    with np.errstate(all="ignore"):
        inv_std = 1 / np.sqrt(variance + epsilon)
        most = 1 / np.sqrt(np.maximum(variance - variance_off, 0) + epsilon)
        least = 1 / np.sqrt(variance + variance_off + epsilon)
        inv_off = np.maximum(most - inv_std, inv_std - least) + 4 * unit * inv_std
        steepest = inv_std + inv_off
        centered, lost = np.abs(x - mean), np.abs(precision.held(x) - x)
        cancelled = 8 * unit * (np.abs(x) + np.abs(mean)) * steepest
        x_hat = steepest * (lost + mean_off) + centered * inv_off + cancelled
        scaled = np.abs(gamma) * (x_hat + 8 * unit * centered * steepest)
        output = scaled + 8 * unit * np.abs(beta)
        # What is below the smallest number may be 0: gamma, gamma * inv_std, their products.
        tiny = precision.smallest * (4 + centered * steepest + np.abs(x) + np.abs(mean))
        return _known(inv_std=inv_off, x_hat=x_hat + tiny, output=output + tiny)


def held_rounding(values: Array, precision: Precision) -> Array:
    """The bound of numbers that are given, not computed."""
    return np.asarray(precision.unit * np.abs(values) + precision.smallest)


def backward_rounding(
    values: Mapping[str, Array],
    forward: Mapping[str, Array],
    activation: str,
    training: bool,
    precision: Precision,
) -> Bounds:
    """Bounds of ``a``, ``dy``, ``dbeta``, ``dgamma`` and ``dz`` of (rows, features).

    Args:
        values: z, mean, inv_std, x_hat, gamma, output, a, da, dy and dgamma, as computed.
        forward: the bounds of inv_std, x_hat and output (:func:`forward_rounding`).
        activation: a name in ``bncore.activations.ACTIVATIONS``. Where rounding may take y over
            relu's corner, its gradient may be all or nothing.
    """
    v, unit, count = values, precision.unit, len(values["z"])
    with np.errstate(all="ignore"):
        incoming, arriving = np.abs(v["da"]), np.abs(v["dy"])
        bent = _slope_rounding(activation, v["output"], forward["output"])
        dy = incoming * (bent + 16 * unit) + precision.smallest
        summed = (count + 8) * unit
        dbeta = dy.sum(axis=0) + summed * arriving.sum(axis=0)
        inv, inv_off, x_hat = v["inv_std"], forward["inv_std"], np.abs(v["x_hat"])
        moved = dy * (x_hat + forward["x_hat"]) + arriving * forward["x_hat"]
        sizes = (np.abs(v["z"]) + np.abs(v["mean"])) * (inv + inv_off)
        flushed = count * precision.smallest * (1 + inv + inv_off)
        dgamma = (moved + 4 * summed * arriving * (sizes + x_hat)).sum(axis=0) + flushed
        scale, spread = np.abs(v["gamma"]) * (inv + inv_off), 1 + inv_off / inv
        direct = dy + 4 * summed * arriving
        # gamma, and its product with inv_std, may be below the smallest number, and lost.
        changed = (
            np.abs(v["gamma"]) * inv_off + precision.smallest * (1 + inv + inv_off)
        ) * arriving
        dz = scale * direct + changed
        if training:
            dz = dz + scale * direct.mean(axis=0) + changed.mean(axis=0)
            through = x_hat * dgamma + forward["x_hat"] * (np.abs(v["dgamma"]) + dgamma)
            cubed = 2.0 * (inv**3 < precision.smallest / unit)  # in its gradient, and may be lost
            through += x_hat * np.abs(v["dgamma"]) * (3 * (spread - 1) + 16 * unit + cubed)
            # So may each product on the way to the gradient of the variance.
            chain = 1 / inv + (inv + inv_off) * (inv + inv_off + np.abs(v["dgamma"]))
            dz = dz + (scale * spread**2 * through + 4 * precision.smallest * x_hat * chain) / count
        a = forward["output"] + 16 * unit * np.abs(v["a"])
        bounds = {"a": a, "dy": dy, "dbeta": dbeta, "dgamma": dgamma, "dz": dz}
        return _known(**{name: bound + precision.smallest for name, bound in bounds.items()})


def _known(**bounds: Array) -> Bounds:
    """Where a bound comes out as infinity times 0, nothing is known: it is infinite."""
    return {name: np.where(np.isnan(bound), np.inf, bound) for name, bound in bounds.items()}


def _slope_rounding(activation: str, y: Array, off: Array) -> Any:
    """How much the slope at y may differ from that at y plus or minus its rounding."""
    if activation == "relu":
        return np.abs(y) <= off
    return {"tanh": 0.77, "sigmoid": 0.1, "linear": 0.0}[activation] * off
