"""Batch, layer, instance, group norm: the same computation over other axes.

All four subtract a mean and divide by a deviation. They differ in the set of elements that
share one statistic, and in whether moving statistics are kept (batch norm only: the others
compute the same thing in training and in inference). Group norm first cuts the channel axis
into (groups, channels of a group); everything else is a choice of axes.

Source: Wu & He 2018, "Group Normalization", figure 2 and section 3.1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from bncore.axes import AxisSplit, split_axes
from bncore.moments import Array, Moments

Kept = Literal["channel", "sample", "sample and channel", "sample and group"]


@dataclass(frozen=True)
class Family:
    """A normalisation by name: which elements share a statistic, and what is stored.

    >>> split = FAMILIES["instance"].split((8, 32, 32, 3), channel_axis=-1)
    >>> split.feature_axes, split.reduction_axes, split.count
    ((0, 3), (1, 2), 1024)
    """

    name: str
    title: str
    kept: Kept
    keeps_moving_statistics: bool

    def split(self, shape: tuple[int, ...], channel_axis: int, groups: int = 1) -> AxisSplit:
        """The axes kept, for a tensor whose axis 0 is the batch.

        For group norm the split describes the *grouped* shape, see :func:`grouped_shape`.

        Raises ``ValueError`` for a channel axis that is the batch axis, or groups that do not
        divide the channels.
        """
        channel = split_axes(shape, channel_axis).feature_axes[0]
        if len(shape) < 2 and self.kept not in ("channel", "sample"):
            raise ValueError(
                f"{self.title} needs a batch axis and a channel axis, rank 2 or more; got shape "
                f"{shape}"
            )
        if channel == 0 and len(shape) > 1:
            raise ValueError(
                f"axis 0 is the batch; the channel axis of shape {shape} is one of 1 to "
                f"{len(shape) - 1} (or -1)"
            )
        if self.kept == "sample and group":
            return split_axes(grouped_shape(shape, channel, groups), (0, channel))
        kept = {"channel": (channel,), "sample": (0,), "sample and channel": (0, channel)}
        return split_axes(shape, kept[self.kept])

    def parameter_count(self, shape: tuple[int, ...], channel_axis: int) -> int:
        """How many numbers gamma and beta hold together: a pair per channel.

        Layer norm follows Wu & He here (gamma and beta per channel); Keras'
        ``LayerNormalization`` has them per element of the axes it reduces.
        """
        return 2 * shape[split_axes(shape, channel_axis).feature_axes[0]]


FAMILIES = MappingProxyType(
    {
        family.name: family
        for family in (
            Family("batch", "Batch norm", "channel", True),
            Family("layer", "Layer norm", "sample", False),
            Family("instance", "Instance norm", "sample and channel", False),
            Family("group", "Group norm", "sample and group", False),
        )
    }
)


def grouped_shape(shape: tuple[int, ...], channel_axis: int, groups: int) -> tuple[int, ...]:
    """The shape with the channel axis cut in two: (groups, channels of a group).

    >>> grouped_shape((8, 32, 32, 6), 3, groups=2)
    (8, 32, 32, 2, 3)
    """
    channels = shape[channel_axis]
    if groups < 1 or channels % groups:
        divisors = [g for g in range(1, channels + 1) if channels % g == 0]
        raise ValueError(
            f"{groups} groups do not divide {channels} channels evenly; possible: {divisors}"
        )
    return (*shape[:channel_axis], groups, channels // groups, *shape[channel_axis + 1 :])


def statistic_index(split: AxisSplit, shape: tuple[int, ...] | None = None) -> Array:
    """For every element the number of the statistic it belongs to, counted in C order.

    ``shape`` reshapes the answer, for group norm, whose split describes the grouped tensor.

    >>> statistic_index(split_axes((2, 3), feature_axis=-1))
    array([[0, 1, 2],
           [0, 1, 2]])
    """
    numbers = np.arange(math.prod(split.feature_shape)).reshape(split.keepdims_shape)
    return np.broadcast_to(numbers, split.shape).reshape(shape or split.shape)


def normalize(x: Array, split: AxisSplit, moments: Moments, epsilon: float) -> Array:
    """x_hat = (x - mean) / sqrt(variance + epsilon), in the shape of x.

    x may have the ungrouped shape: it is reshaped to ``split.shape`` and back.

    >>> from bncore.moments import batch_moments
    >>> split = split_axes((2, 2), feature_axis=0)
    >>> x = np.array([[1.0, 3.0], [10.0, 30.0]])
    >>> normalize(x, split, batch_moments(x, split), epsilon=0.0)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    grouped = x.reshape(split.shape)
    mean = moments.mean.reshape(split.keepdims_shape)
    variance = moments.variance.reshape(split.keepdims_shape)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        centered, deviation = np.asarray(grouped - mean), np.sqrt(variance + epsilon)
        # Into its own memory: with a second array the peak would be twice the result.
        fits = np.result_type(centered, deviation) == centered.dtype
        x_hat = np.divide(centered, deviation, out=centered if fits else None)
    return np.asarray(x_hat).reshape(x.shape)
