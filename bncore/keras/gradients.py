"""Experiment: the forward and backward pass of a real layer, for a page to hold its own against.

    z -> BatchNormalization -> activation -> a,   loss = sum(upstream * a)

so that the gradient of the loss by a is ``upstream``; TensorFlow's tape finds all the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bncore.experiments.layer_check import GradientCheck, LayerFound
from bncore.keras.framework import keras, tf
from bncore.moments import Array
from bncore.rounding import PRECISIONS
from bncore.training.jobs import Chunk


def check(asked: GradientCheck) -> Iterator[Chunk[LayerFound]]:
    """Run the real layer under a gradient tape, in float64 and in float32, Keras' default.

    Nothing of the engine is in here: the numbers are the layer's, the gradients TensorFlow's.

    >>> column = [[1.0], [3.0]]
    >>> one = {"gamma": [1.0], "beta": [0.0], "moving_mean": [0.0], "moving_variance": [1.0]}
    >>> asked = GradientCheck(column, upstream=[[1.0], [1.0]], activation="linear", **one)
    >>> (chunk,) = check(asked)
    >>> found = chunk.values.numbers["float32"]
    >>> found["dz"].ravel(), found["variance"]
    (array([0., 0.], dtype=float32), array([1.], dtype=float32))
    """
    layer = f"BatchNormalization(epsilon={asked.epsilon!r}, momentum=0.0), {asked.activation}"
    numbers = {precision: _real(asked, precision) for precision in PRECISIONS}
    yield Chunk(1, 1, LayerFound("Keras", keras.__version__, layer, numbers))


def _real(asked: GradientCheck, precision: str) -> dict[str, Array | None]:
    training = asked.training
    # With momentum 0 the layer has stored exactly this batch's statistics.
    layer = keras.layers.BatchNormalization(epsilon=asked.epsilon, momentum=0.0, dtype=precision)
    layer.build(asked.z.shape)
    layer.moving_mean.assign(asked.moving_mean)
    layer.moving_variance.assign(asked.moving_variance)
    with np.errstate(over="ignore"):  # beyond float32 it is given infinity
        z, upstream = (
            tf.constant(values.astype(precision)) for values in (asked.z, asked.upstream)
        )
    x_hat = layer(z, training=training)
    layer.gamma.assign(asked.gamma)
    layer.beta.assign(asked.beta)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = layer(z, training=training)
        a = getattr(keras.activations, asked.activation)(y)
        loss = tf.reduce_sum(upstream * a)
    watched = [y, layer.gamma.value, layer.beta.value, z]
    gradients = dict(
        zip(("dy", "dgamma", "dbeta", "dz"), tape.gradient(loss, watched), strict=True)
    )
    stored = {"mean": layer.moving_mean, "variance": layer.moving_variance}
    numbers = {"x_hat": x_hat, "output": y, "a": a, **gradients, **(stored if training else {})}
    return {name: np.array(tf.convert_to_tensor(values)) for name, values in numbers.items()}
