"""Experiment: what a real layer makes of a tensor, for a page to hold its own numbers against.

batch     one axis kept: Keras 3 BatchNormalization; several: tf_keras BatchNormalization, since
          Keras 3 takes one int only; none (all elements together): no batch normalisation does
          that, so Keras 3 LayerNormalization over every axis
layer     Keras 3 LayerNormalization over all axes but the first
instance  Keras 3 GroupNormalization with one channel a group
group     Keras 3 GroupNormalization
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from bncore import backends
from bncore.axes import AxisSplit
from bncore.experiments.layer_check import BackendFound, LayerCheck, LayerFound
from bncore.keras.framework import keras, tf, tf_keras
from bncore.moments import Array
from bncore.rounding import PRECISIONS
from bncore.training.jobs import Chunk


def check(asked: LayerCheck) -> Iterator[Chunk[LayerFound]]:
    """Run a real layer in float64 and in float32, and the engine's TensorFlow backend beside it.

    >>> (chunk,) = check(LayerCheck([[1.0, 10.0], [3.0, 30.0]]))
    >>> chunk.values.layer, chunk.values.numbers["float32"]["mean"]
    ('BatchNormalization(axis=1, epsilon=0.001, momentum=0.0)', array([ 2., 20.], dtype=float32))
    >>> chunk.values.backend.numbers["mean"]
    array([ 2., 20.], dtype=float32)
    """
    layers = {precision: _real_layer(asked, precision) for precision in PRECISIONS}
    real = layers["float64"]
    found = LayerFound(
        framework="tf_keras" if real.library is tf_keras else "Keras",
        version=real.library.__version__,
        layer=real.call,
        numbers={precision: layer.numbers(asked) for precision, layer in layers.items()},
        backend=_backend(asked),
    )
    yield Chunk(1, 1, found)


def _backend(asked: LayerCheck) -> BackendFound:
    """The same tensor in the engine on TensorFlow."""
    backend, split = backends.get("tensorflow"), asked.split
    with np.errstate(over="ignore"):  # beyond float32 it is given infinity, as the layer is
        grouped = asked.x.astype(np.float32).reshape(split.shape)
    moments = backend.batch_moments(grouped, split)
    x_hat = backend.normalize(grouped, split, moments, asked.epsilon).reshape(asked.x.shape)
    numbers = {"mean": moments.mean, "variance": moments.variance, "x_hat": x_hat}
    return BackendFound(backend.device, numbers)


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

    def numbers(self, asked: LayerCheck) -> dict[str, Array | None]:
        """What the layer returns and holds."""
        x = asked.x
        with np.errstate(over="ignore"):  # beyond float32 it is given infinity
            data = x.astype(self.precision)
        self.layer.build(x.shape)
        if self.name == "BatchNormalization":
            # tf_keras takes old - (old - new): next to 1 a small variance would lose its digits.
            self.layer.moving_variance.assign(np.zeros(self.layer.moving_variance.shape))
        x_hat = np.asarray(self.layer(data, training=True))
        for weight, value in ((self.layer.gamma, asked.gamma), (self.layer.beta, asked.beta)):
            weight.assign(self._as_weight(value, x.shape, tuple(weight.shape)))
        output = np.asarray(self.layer(data, training=True))
        return {**self._stored(asked.split), "x_hat": x_hat, "output": output}

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


def _real_layer(asked: LayerCheck, precision: str) -> _RealLayer:
    family, split = asked.family, asked.split
    library, name, options = keras, "BatchNormalization", dict[str, Any]()
    if family == "layer" or not split.feature_axes:
        name, options = "LayerNormalization", {"axis": list(split.reduction_axes)}
    elif family in ("instance", "group"):
        axis = asked.parameters.feature_axes[0]
        count = asked.x.shape[axis] if family == "instance" else asked.groups
        name, options = "GroupNormalization", {"groups": count, "axis": axis}
    elif len(split.feature_axes) == 1:
        options = {"axis": split.feature_axes[0]}
    else:
        library, options = tf_keras, {"axis": list(split.feature_axes)}
    options["epsilon"] = asked.epsilon
    if name == "BatchNormalization":
        options["momentum"] = 0.0  # it has stored exactly this batch's statistics
    layer = getattr(library.layers, name)(**options, dtype=precision)
    return _RealLayer(library, name, options, layer, precision)
