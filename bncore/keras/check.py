"""Experiment: what a real layer makes of a tensor, for a page to hold its own numbers against.

batch     one axis kept: Keras 3 BatchNormalization; several: tf_keras BatchNormalization, since
          Keras 3 takes one int only; none (all elements together): no batch normalisation does
          that, so Keras 3 LayerNormalization over every axis
layer     Keras 3 LayerNormalization over all axes but the first
instance  Keras 3 GroupNormalization with one channel a group
group     Keras 3 GroupNormalization
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from bncore.axes import Axes, AxisSplit, split_axes
from bncore.families import FAMILIES
from bncore.keras.arguments import finite_reals, number_between, whole_number
from bncore.keras.framework import keras, tf, tf_keras
from bncore.moments import Array
from bncore.rounding import PRECISIONS
from bncore.training.jobs import Chunk


def check(
    x: Any,
    *,
    feature_axis: Axes = -1,
    family: str = "batch",
    groups: int = 1,
    epsilon: float = 1e-3,
    gamma: Any = None,
    beta: Any = None,
) -> Iterator[Chunk]:
    """Run a real layer in training mode on x, in float64 and in float32, Keras' default.

    Nothing of the engine is in here: the numbers are the layer's own.

    Args:
        x: real, finite numbers.
        feature_axis: for "batch" the axis or axes kept (an empty list: none); for the other
            families the channel axis.
        family: a name in ``bncore.FAMILIES``; ``groups`` counts for "group" alone.
        gamma, beta: 1 and 0, or what broadcasts to the feature shape ("batch") or to
            (channels,) (the other families).

    Yields one chunk with the values
        framework, version, layer: "Keras", "3.15.1",
            "BatchNormalization(axis=3, epsilon=0.001, momentum=0.0)", the call that was made
        found[precision]: for "float64" and "float32"
            mean, variance: what a batch normalisation with momentum 0 has stored after this
                batch, in ``split.feature_shape``; None for the other layers, which store nothing
            x_hat: its output with gamma 1 and beta 0, in the shape of x
            output: its output

    Raises ValueError or TypeError for what no layer takes.

    >>> (chunk,) = check([[1.0, 10.0], [3.0, 30.0]])
    >>> chunk.values["layer"], chunk.values["found"]["float32"]["mean"]
    ('BatchNormalization(axis=1, epsilon=0.001, momentum=0.0)', array([ 2., 20.], dtype=float32))
    """
    data = finite_reals(x, "x")
    split, parameters = splits(data.shape, feature_axis, family, groups)
    epsilon = number_between("epsilon", epsilon, math.inf)
    scale = _parameter("gamma", gamma, parameters, 1.0)
    shift = _parameter("beta", beta, parameters, 0.0)
    channel = parameters.feature_axes[0] if parameters.feature_axes else -1
    found = {}
    for precision in PRECISIONS:
        real = _real_layer(family, split, channel, groups, epsilon, precision)
        found[precision] = real.numbers(data, scale, shift, split)
    yield Chunk(
        1,
        1,
        {
            "framework": "tf_keras" if real.library is tf_keras else "Keras",
            "version": real.library.__version__,
            "layer": real.call,
            "found": found,
        },
    )


@dataclass(frozen=True)
class _RealLayer:
    library: ModuleType
    name: str
    options: Mapping[str, Any]
    layer: Any
    precision: str

    @property
    def call(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{self.name}({options})"

    def numbers(
        self, x: Array, gamma: Array, beta: Array, split: AxisSplit
    ) -> dict[str, Array | None]:
        """What the layer returns and holds."""
        with np.errstate(over="ignore"):  # beyond float32 it is given infinity
            data = x.astype(self.precision)
        self.layer.build(x.shape)
        if self.name == "BatchNormalization":
            # tf_keras takes old - (old - new): next to 1 a small variance would lose its digits.
            self.layer.moving_variance.assign(np.zeros(self.layer.moving_variance.shape))
        x_hat = np.asarray(self.layer(data, training=True))
        for weight, value in ((self.layer.gamma, gamma), (self.layer.beta, beta)):
            weight.assign(self._as_weight(value, x.shape, tuple(weight.shape)))
        output = np.asarray(self.layer(data, training=True))
        return {**self._stored(split), "x_hat": x_hat, "output": output}

    def _as_weight(self, value: Array, shape: tuple[int, ...], weight: tuple[int, ...]) -> Array:
        """A parameter that broadcasts against x, in the shape in which the layer holds it."""
        if self.name != "LayerNormalization":
            return value.reshape(weight)
        # LayerNormalization holds one number per element of the axes it reduces.
        kept = len(shape) - len(weight)
        return np.broadcast_to(value, (1,) * kept + weight).reshape(weight)

    def _stored(self, split: AxisSplit) -> dict[str, Array | None]:
        if self.name != "BatchNormalization":
            return {"mean": None, "variance": None}
        held = {"mean": self.layer.moving_mean, "variance": self.layer.moving_variance}
        return {
            name: np.array(tf.convert_to_tensor(values)).reshape(split.feature_shape)
            for name, values in held.items()
        }


def _real_layer(
    family: str, split: AxisSplit, channel: int, groups: int, epsilon: float, precision: str
) -> _RealLayer:
    library, name, options = keras, "BatchNormalization", dict[str, Any]()
    if family == "layer" or not split.feature_axes:
        name, options = "LayerNormalization", {"axis": list(split.reduction_axes)}
    elif family in ("instance", "group"):
        count = -1 if family == "instance" else groups
        name, options = "GroupNormalization", {"groups": count, "axis": channel}
    elif len(split.feature_axes) == 1:
        options = {"axis": split.feature_axes[0]}
    else:
        library, options = tf_keras, {"axis": list(split.feature_axes)}
    options["epsilon"] = epsilon
    if name == "BatchNormalization":
        options["momentum"] = 0.0  # it has stored exactly this batch's statistics
    layer = getattr(library.layers, name)(**options, dtype=precision)
    return _RealLayer(library, name, options, layer, precision)


def splits(
    shape: tuple[int, ...], feature_axis: Axes, family: str, groups: int
) -> tuple[AxisSplit, AxisSplit]:
    """The axes that keep a statistic, and those that keep a gamma and a beta."""
    if family not in FAMILIES:
        raise ValueError(f"family is one of {', '.join(FAMILIES)}; got {family!r}")
    split = split_axes(shape, feature_axis)
    if family == "batch":
        return split, split
    if len(split.feature_axes) != 1 or len(shape) < 2:
        raise ValueError(
            f"{FAMILIES[family].title} needs samples and one channel axis: rank 2 or more and "
            f"one int; got shape {shape} and feature_axis={feature_axis!r}"
        )
    axis = split.feature_axes[0]
    return FAMILIES[family].split(shape, axis, whole_number("groups", groups, 1)), split


def _parameter(name: str, value: Any, split: AxisSplit, default: float) -> Array:
    """A parameter in the shape that broadcasts against x."""
    given = finite_reals(default if value is None else value, name)
    try:
        return np.broadcast_to(given, split.feature_shape).reshape(split.keepdims_shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {split.feature_shape} here, or one that broadcasts to it; got "
            f"shape {given.shape}"
        ) from None
