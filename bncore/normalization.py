"""The layer itself: forward with every intermediate, and the gradients back through it.

    x_hat  = (x - mean) / sqrt(variance + epsilon)
    output = gamma * x_hat + beta

In training mode mean and (biased) variance are those of the batch, and the moving statistics
make one update; in inference mode they are the moving statistics, and nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bncore.axes import Axes, AxisSplit, split_axes
from bncore.conventions import Convention
from bncore.moments import Array, Moments, as_real_array, batch_moments
from bncore.moving import MovingStatistics, update_moving


@dataclass(frozen=True)
class Trace:
    """Every intermediate of one forward pass.

    ``mean``, ``variance``, ``gamma`` and ``beta`` are the ones used, in ``split.keepdims_shape``,
    so that each line of the formula can be read off: ``centered = x - mean``,
    ``inv_std = 1 / sqrt(variance + epsilon)``, ``x_hat = centered * inv_std``,
    ``output = gamma * x_hat + beta``. ``batch`` holds the batch statistics (None in inference
    mode for a batch without elements), ``moving`` the moving statistics *after* the pass.
    """

    x: Array
    split: AxisSplit
    training: bool
    epsilon: float
    batch: Moments | None
    mean: Array
    variance: Array
    centered: Array
    inv_std: Array
    x_hat: Array
    gamma: Array
    beta: Array
    output: Array
    moving: MovingStatistics


@dataclass(frozen=True)
class Gradients:
    """The gradients of a loss through one forward pass.

    ``x`` is the sum of three terms, each of the shape of x: ``direct`` (the statistics held
    fixed), ``through_mean`` and ``through_variance`` (what the batch statistics add in training
    mode; zero in inference mode). ``gamma`` and ``beta`` have the feature shape.
    """

    x: Array
    gamma: Array
    beta: Array
    direct: Array
    through_mean: Array
    through_variance: Array


def batch_norm(
    x: Any,
    moving: MovingStatistics,
    convention: Convention,
    training: bool = True,
    feature_axis: Axes = -1,
    gamma: Any = None,
    beta: Any = None,
    *,
    dtype: npt.DTypeLike = np.float64,
) -> Trace:
    """Batch normalisation as ``convention`` computes it, with every intermediate.

    Parameters
    ----------
    x:
        real numbers of any rank from 1 up.
    moving:
        the moving statistics before the pass; never changed. The new ones are ``trace.moving``.
    training:
        normalise with the batch's mean and biased variance and update the moving statistics;
        otherwise normalise with the moving statistics and leave them alone.
    feature_axis:
        the axis or axes kept (channels last by default; ``convention.feature_axis`` is the
        framework's own default).
    gamma, beta:
        scale and shift in the feature shape (or anything that broadcasts to it); 1 and 0.

    Raises
    ------
    TypeError
        for data that are not real numbers or a feature axis that is not an integer.
    ValueError
        for axes out of range, statistics, gamma or beta of another shape, an empty batch in
        training mode, or one element per statistic where the framework refuses it.

    Sources: Ioffe & Szegedy 2015, Algorithms 1 and 2; each framework's file is named in
    ``convention.source``.

    >>> import bncore
    >>> start = bncore.MovingStatistics.initial((2,))
    >>> trace = bncore.batch_norm([[1, 10], [3, 30]], start, bncore.CONVENTIONS["keras-3"])
    >>> trace.output.round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> trace.moving.mean, start.mean
    (array([0.02, 0.2 ]), array([0., 0.]))
    """
    array = as_real_array(x)
    split = split_axes(array.shape, feature_axis)
    for name, statistic in (("mean", moving.mean), ("variance", moving.variance)):
        if statistic.shape != split.feature_shape:
            raise ValueError(
                f"the moving {name} has shape {statistic.shape}, but shape {split.shape} with "
                f"axes {split.feature_axes} kept needs {split.feature_shape}"
            )
    scale = _parameter("gamma", gamma, split, 1.0, dtype)
    shift = _parameter("beta", beta, split, 0.0, dtype)
    empty = split.count == 0 and not training
    batch = None if empty else batch_moments(array, split, dtype=dtype)
    if not training or batch is None:
        return _forward(array, split, convention, moving, batch, scale, shift, False, moving)
    after = update_moving(moving, batch, convention, split)
    if batch.count == 1 and convention.one_element == "identity":
        return _unchanged(array.astype(dtype), split, convention, batch, scale, shift, moving)
    return _forward(array, split, convention, batch, batch, scale, shift, True, after)


def batch_norm_gradients(trace: Trace, output_gradient: Any) -> Gradients:
    """The gradients of a loss with respect to x, gamma and beta.

    With g = dL/d(output), sums over the reduction axes, and n elements per statistic:

        dL/dbeta  = sum(g)            dL/dgamma = sum(g * x_hat)
        dL/dx     = gamma * inv_std * (g - sum(g)/n - x_hat * sum(g * x_hat)/n)   (training)
        dL/dx     = gamma * inv_std * g                                           (inference)

    Raises ``ValueError`` when ``output_gradient`` does not have the shape of the output.

    Source: Ioffe & Szegedy 2015, section 3 (chain rule), simplified.

    >>> import bncore
    >>> start = bncore.MovingStatistics.initial((1,))
    >>> trace = bncore.batch_norm([[0.0], [2.0]], start, bncore.CONVENTIONS["keras-3"])
    >>> batch_norm_gradients(trace, [[1.0], [1.0]]).x    # a shift of all rows changes nothing
    array([[0.],
           [0.]])
    """
    g = as_real_array(output_gradient, "the output gradient").astype(trace.output.dtype)
    if g.shape != trace.output.shape:
        raise ValueError(
            f"the output gradient has shape {g.shape}, the output {trace.output.shape}"
        )
    axes = trace.split.reduction_axes
    beta = g.sum(axis=axes, keepdims=True)
    gamma = (g * trace.x_hat).sum(axis=axes, keepdims=True)
    scale = trace.gamma * trace.inv_std
    direct = scale * g
    if trace.training:
        n = trace.split.count
        through_mean = np.broadcast_to(-scale * beta / n, g.shape)
        through_variance = -scale * trace.x_hat * gamma / n
    else:
        through_mean = through_variance = np.zeros_like(g)
    features = trace.split.feature_shape
    return Gradients(
        x=direct + through_mean + through_variance,
        gamma=gamma.reshape(features),
        beta=beta.reshape(features),
        direct=direct,
        through_mean=through_mean,
        through_variance=through_variance,
    )


def _forward(
    x: Array,
    split: AxisSplit,
    convention: Convention,
    used: Moments | MovingStatistics,
    batch: Moments | None,
    gamma: Array,
    beta: Array,
    training: bool,
    moving: MovingStatistics,
) -> Trace:
    dtype = gamma.dtype
    mean = used.mean.astype(dtype).reshape(split.keepdims_shape)
    variance = used.variance.astype(dtype).reshape(split.keepdims_shape)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centered = x.astype(dtype) - mean
        inv_std = 1 / np.sqrt(variance + dtype.type(convention.epsilon))
        x_hat = centered * inv_std
        output = gamma * x_hat + beta
    return Trace(
        x, split, training, convention.epsilon, batch, mean, variance,
        centered, inv_std, x_hat, gamma, beta, output, moving,
    )  # fmt: skip


def _unchanged(
    x: Array,
    split: AxisSplit,
    convention: Convention,
    batch: Moments,
    gamma: Array,
    beta: Array,
    moving: MovingStatistics,
) -> Trace:
    """Paddle's answer to one element per statistic: the input itself."""
    zero, one = np.zeros_like(gamma), np.ones_like(gamma)
    return Trace(
        x, split, True, convention.epsilon, batch, zero, one,
        x, one, x, gamma, beta, x, moving,
    )  # fmt: skip


def _parameter(
    name: str, value: Any, split: AxisSplit, default: float, dtype: npt.DTypeLike
) -> Array:
    given = np.asarray(default) if value is None else as_real_array(value, name)
    try:
        full = np.broadcast_to(given.astype(dtype), split.feature_shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {given.shape}, but shape {split.shape} with axes "
            f"{split.feature_axes} kept needs {split.feature_shape}"
        ) from None
    return full.reshape(split.keepdims_shape)
