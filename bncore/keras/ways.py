"""Five ways to the same x_hat, each with what it needs kept ready: the tensor, compiled code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore import backends
from bncore.axes import AxisSplit
from bncore.backends.tensorflow import device_of
from bncore.keras.framework import keras, tf
from bncore.moments import Array, Moments


@dataclass(frozen=True)
class Way:
    """``moments`` computes mean and variance (None: not apart from the rest), ``forward`` x_hat
    from them; it answers with the variance that was used, and with x_hat where it was computed.
    ``numpy``: whether all that it allocates is NumPy's.
    """

    device: str
    numpy: bool
    moments: Callable[[], Moments] | None
    forward: Callable[[Moments | None], tuple[Any, Any]]


def ways(x: Array, split: AxisSplit, epsilon: float) -> dict[str, Way]:
    """The five, by name.

    naive       x.mean, x.var, (x - mean) / sqrt(variance + epsilon), as one writes it
    short       the same with E[x²] − E[x]² as the variance
    engine      ``bncore.batch_moments`` and ``bncore.normalize``, in float64
    tensorflow  the engine's TensorFlow backend, in float32: arrays in, arrays out
    layer       Keras' BatchNormalization in training mode, compiled, on a tensor that is already
                on its device; its output stays there
    """
    return {
        "naive": _numpy(x, split, epsilon, lambda axes, mean: x.var(axes, keepdims=True)),
        "short": _numpy(x, split, epsilon, lambda axes, mean: _short(x, axes, mean)),
        "engine": _engine(x, split, epsilon, "numpy"),
        "tensorflow": _engine(x, split, epsilon, "tensorflow"),
        "layer": _layer(x, split, epsilon),
    }


def _short(x: Array, axes: tuple[int, ...], mean: Array) -> Array:
    return np.asarray((x * x).mean(axes, keepdims=True) - mean * mean)


def _numpy(
    x: Array, split: AxisSplit, epsilon: float, variance: Callable[[tuple[int, ...], Array], Array]
) -> Way:
    def moments() -> Moments:
        mean = x.mean(split.reduction_axes, keepdims=True)
        return Moments(mean, variance(split.reduction_axes, mean), split.count)

    def forward(m: Moments | None) -> tuple[Array, Array]:
        assert m is not None
        with np.errstate(invalid="ignore"):  # a variance below 0, which the short formula may give
            return m.variance, (x - m.mean) / np.sqrt(m.variance + x.dtype.type(epsilon))

    return Way("CPU", True, moments, forward)


def _engine(x: Array, split: AxisSplit, epsilon: float, name: str) -> Way:
    backend = backends.get(name)

    def forward(m: Moments | None) -> tuple[Array, Array]:
        assert m is not None
        return m.variance, backend.normalize(x, split, m, epsilon)

    return Way(backend.device, name == "numpy", lambda: backend.batch_moments(x, split), forward)


def _layer(x: Array, split: AxisSplit, epsilon: float) -> Way:
    (axis,) = split.feature_axes
    layer = keras.layers.BatchNormalization(
        axis=axis, epsilon=epsilon, momentum=0.0, dtype=str(x.dtype)
    )
    layer.build(x.shape)
    tensor = tf.convert_to_tensor(x)
    compiled = tf.function(lambda given: layer(given, training=True))

    def forward(_: Moments | None) -> tuple[Any, Any]:
        x_hat = compiled(tensor)
        x_hat[(0,) * x.ndim].numpy()  # a GPU is asked and not waited for: now it has to be done
        return np.asarray(layer.moving_variance), x_hat

    return Way(device_of(tensor), False, None, forward)
