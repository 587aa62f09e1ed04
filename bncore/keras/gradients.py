"""Experiment: the forward and backward pass of a real layer, for a page to hold its own against.

    z -> BatchNormalization -> activation -> a,   loss = sum(upstream * a)

so that the gradient of the loss by a is ``upstream``; TensorFlow's tape finds all the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from bncore.activations import ACTIVATIONS
from bncore.keras.arguments import finite_reals, number_between
from bncore.keras.framework import keras, tf
from bncore.moments import Array
from bncore.rounding import PRECISIONS
from bncore.training.jobs import Chunk


def check(
    z: Any,
    *,
    upstream: Any,
    gamma: Any,
    beta: Any,
    moving_mean: Any,
    moving_variance: Any,
    training: bool = True,
    activation: str = "relu",
    epsilon: float = 1e-3,
) -> Iterator[Chunk]:
    """Run the real layer under a gradient tape, in float64 and in float32, Keras' default.

    Nothing of the engine is in here: the numbers are the layer's, the gradients TensorFlow's.

    Args:
        z, upstream: (rows, features).
        gamma, beta, moving_mean, moving_variance: (features,).
        activation: a name in ``bncore.activations.ACTIVATIONS``.

    Yields one chunk with the values
        framework, version, layer: "Keras", "3.15.1",
            "BatchNormalization(epsilon=0.001, momentum=0.0), relu"
        found[precision]: for "float64" and "float32"
            mean, variance: what the layer, with momentum 0, has stored after this batch; None in
                inference mode, where nothing is stored
            x_hat: its output with gamma 1 and beta 0; output: its output; a: after the activation
            dy, dgamma, dbeta, dz: the gradients by its output, by gamma, beta and z

    Raises ValueError or TypeError for what no layer takes.

    >>> column = [[1.0], [3.0]]
    >>> one = {"gamma": [1.0], "beta": [0.0], "moving_mean": [0.0], "moving_variance": [1.0]}
    >>> (chunk,) = check(column, upstream=[[1.0], [1.0]], activation="linear", **one)
    >>> found = chunk.values["found"]["float32"]
    >>> found["dz"].ravel(), found["variance"]
    (array([0., 0.], dtype=float32), array([1.], dtype=float32))
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}; got {activation!r}")
    x = finite_reals(z, "z")
    if x.ndim != 2:
        raise ValueError(f"z has shape (rows, features); got {x.shape}")
    given = {"gamma": gamma, "beta": beta, "mean": moving_mean, "variance": moving_variance}
    weights = {name: _shaped(values, name, x.shape[1:]) for name, values in given.items()}
    g = _shaped(upstream, "upstream", x.shape)
    epsilon = number_between("epsilon", epsilon, math.inf)
    found = {
        precision: _real(x, g, weights, training, activation, epsilon, precision)
        for precision in PRECISIONS
    }
    yield Chunk(
        1,
        1,
        {
            "framework": "Keras",
            "version": keras.__version__,
            "layer": f"BatchNormalization(epsilon={epsilon!r}, momentum=0.0), {activation}",
            "found": found,
        },
    )


def _real(
    x: Array,
    g: Array,
    weights: dict[str, Array],
    training: bool,
    activation: str,
    epsilon: float,
    precision: str,
) -> dict[str, Array | None]:
    # With momentum 0 the layer has stored exactly this batch's statistics.
    layer = keras.layers.BatchNormalization(epsilon=epsilon, momentum=0.0, dtype=precision)
    layer.build(x.shape)
    layer.moving_mean.assign(weights["mean"])
    layer.moving_variance.assign(weights["variance"])
    with np.errstate(over="ignore"):  # beyond float32 it is given infinity
        z, upstream = (tf.constant(values.astype(precision)) for values in (x, g))
    x_hat = layer(z, training=training)
    layer.gamma.assign(weights["gamma"])
    layer.beta.assign(weights["beta"])
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = layer(z, training=training)
        a = getattr(keras.activations, activation)(y)
        loss = tf.reduce_sum(upstream * a)
    watched = [y, layer.gamma.value, layer.beta.value, z]
    gradients = dict(
        zip(("dy", "dgamma", "dbeta", "dz"), tape.gradient(loss, watched), strict=True)
    )
    stored = {"mean": layer.moving_mean, "variance": layer.moving_variance}
    numbers = {"x_hat": x_hat, "output": y, "a": a, **gradients, **(stored if training else {})}
    return {name: np.array(tf.convert_to_tensor(values)) for name, values in numbers.items()}


def _shaped(values: Any, name: str, shape: tuple[int, ...]) -> Array:
    array = finite_reals(values, name)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {shape} here; got {array.shape}")
    return array
