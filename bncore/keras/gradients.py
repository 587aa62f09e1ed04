"""Experiment: the forward and backward pass of a real layer, beside the engine's.

    z -> BatchNormalization -> activation -> a,   loss = sum(upstream * a)

so that the gradient of the loss by a is ``upstream``; TensorFlow's tape finds all the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from bncore.activations import ACTIVATIONS
from bncore.conventions import CONVENTIONS
from bncore.keras.arguments import as_float32, between
from bncore.keras.framework import keras, tf
from bncore.moments import Array
from bncore.moving import MovingStatistics
from bncore.normalization import batch_norm, batch_norm_gradients
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
    """Run the real layer under a gradient tape, in float32, and compare the engine with it.

    Args:
        z, upstream: (rows, features).
        gamma, beta, moving_mean, moving_variance: (features,).
        activation: a name in ``bncore.activations.ACTIVATIONS``.

    Yields one chunk with the values
        framework, version, layer: "Keras", "3.15.1", "BatchNormalization(epsilon=0.001), relu"
        a, z, gamma, beta: the output, and the gradients by z, gamma and beta, float32
        difference: largest absolute difference of each between the engine (float64, from the
            same float32 numbers) and the framework

    Raises ValueError or TypeError for what no layer takes.

    >>> column = [[1.0], [3.0]]
    >>> one = {"gamma": [1.0], "beta": [0.0], "moving_mean": [0.0], "moving_variance": [1.0]}
    >>> (chunk,) = check(column, upstream=[[1.0], [1.0]], activation="linear", **one)
    >>> chunk.values["z"].ravel(), chunk.values["difference"]["z"] < 1e-6
    (array([0., 0.], dtype=float32), True)
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is one of {', '.join(ACTIVATIONS)}; got {activation!r}")
    x = as_float32(z, "z")
    if x.ndim != 2:
        raise ValueError(f"z has shape (rows, features); got {x.shape}")
    given = {"gamma": gamma, "beta": beta, "mean": moving_mean, "variance": moving_variance}
    weights = {name: _shaped(values, name, x.shape[1:]) for name, values in given.items()}
    g = _shaped(upstream, "upstream", x.shape)
    epsilon = between("epsilon", epsilon, math.inf)
    real = _real(x, g, weights, training, activation, epsilon)
    engine = _engine(x, g, weights, training, activation, epsilon)
    yield Chunk(
        1,
        1,
        {
            "framework": "Keras",
            "version": keras.__version__,
            "layer": f"BatchNormalization(epsilon={epsilon:g}), {activation}",
            **real,
            "difference": {
                name: float(np.abs(real[name] - engine[name]).max(initial=0)) for name in real
            },
        },
    )


def _real(
    x: Array, g: Array, weights: dict[str, Array], training: bool, activation: str, epsilon: float
) -> dict[str, Array]:
    layer = keras.layers.BatchNormalization(epsilon=epsilon, dtype="float32")
    layer.build(x.shape)
    for weight, name in zip(layer.weights, ("gamma", "beta", "mean", "variance"), strict=True):
        weight.assign(weights[name])
    z = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = getattr(keras.activations, activation)(layer(z, training=training))
        loss = tf.reduce_sum(g * a)
    watched = [z, layer.gamma.value, layer.beta.value]
    gradients = tape.gradient(loss, watched)
    return dict(zip(("a", "z", "gamma", "beta"), map(np.asarray, (a, *gradients)), strict=True))


def _engine(
    x: Array, g: Array, weights: dict[str, Array], training: bool, activation: str, epsilon: float
) -> dict[str, Array]:
    convention = replace(CONVENTIONS["keras-3"], epsilon=epsilon)
    moving = MovingStatistics(weights["mean"].astype(float), weights["variance"].astype(float), 0)
    trace = batch_norm(
        x, moving, convention, training, gamma=weights["gamma"], beta=weights["beta"]
    )
    after = ACTIVATIONS[activation]
    gradients = batch_norm_gradients(trace, g * after.slope(trace.output))
    return {
        "a": after.value(trace.output),
        "z": gradients.x,
        "gamma": gradients.gamma,
        "beta": gradients.beta,
    }


def _shaped(values: Any, name: str, shape: tuple[int, ...]) -> Array:
    array = as_float32(values, name)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {shape} here; got {array.shape}")
    return array
