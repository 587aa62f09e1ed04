"""The TensorFlow backend: float32, compiled, on a GPU when TensorFlow sees one."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import tensorflow as tf

from bncore.axes import AxisSplit
from bncore.backends import Backend
from bncore.moments import Array, Moments, as_real_array


@tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
def _moments(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    return tf.nn.moments(x, axes)  # type: ignore[no-any-return]


@tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]
def _normalize(x: Any, mean: Any, variance: Any, epsilon: Any) -> Any:
    return (x - mean) * tf.math.rsqrt(variance + epsilon)


def device_of(tensor: Any) -> str:
    """Where a tensor is, for people: "/device:CPU:0", and a GPU's name behind it.

    >>> device_of(tf.constant(0.0)).startswith("/device:")
    True
    """
    place = tf.DeviceSpec.from_string(tensor.device)
    where = f"/device:{place.device_type}:{place.device_index}"
    if place.device_type != "GPU":
        return where
    gpu = tf.config.list_physical_devices("GPU")[place.device_index]
    details = tf.config.experimental.get_device_details(gpu)
    return f"{where}, {details.get('device_name', 'of unknown name')}"


class _TensorFlow:
    name = "tensorflow"

    @property
    def device(self) -> str:
        return device_of(tf.constant(0.0))

    def batch_moments(self, x: Any, split: AxisSplit) -> Moments:
        tensor = tf.convert_to_tensor(as_real_array(x), tf.float32)
        if tuple(tensor.shape) != split.shape:
            raise ValueError(
                f"the axes were split for shape {split.shape}; the data have shape "
                f"{tuple(tensor.shape)}"
            )
        if split.count == 0:
            raise ValueError(f"nothing to average in shape {split.shape}")
        mean, variance = _moments(tensor, split.reduction_axes)
        return Moments(mean.numpy(), variance.numpy(), split.count)

    def normalize(self, x: Any, split: AxisSplit, moments: Moments, epsilon: float) -> Array:
        shape = split.keepdims_shape
        result = _normalize(
            tf.convert_to_tensor(as_real_array(x), tf.float32),
            tf.convert_to_tensor(np.reshape(moments.mean, shape), tf.float32),
            tf.convert_to_tensor(np.reshape(moments.variance, shape), tf.float32),
            tf.constant(epsilon, tf.float32),
        )
        return np.asarray(result)


def backend() -> Backend:
    """The TensorFlow backend; importing this module is what needs TensorFlow."""
    return _TensorFlow()
