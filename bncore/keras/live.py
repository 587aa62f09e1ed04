"""The Keras layers that can be run live, as ``bncore.frameworks`` asks for them, and the
experiment that runs any installed framework on one case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from bncore.axes import split_axes
from bncore.conventions import CONVENTIONS
from bncore.differences import moving_difference
from bncore.experiments.live import (
    CarriedFound,
    CarriedLayer,
    CarriedOutput,
    LiveFound,
    LiveLayers,
    LiveRun,
)
from bncore.frameworks import FRAMEWORKS, installed, live_layer
from bncore.keras.framework import keras, tf, tf_keras
from bncore.moments import Array, batch_moments
from bncore.moving import MovingStatistics, moving_trajectory
from bncore.normalization import batch_norm
from bncore.training.jobs import Chunk

PIECE = 50


class KerasLayer:
    """A layer of Keras 3 or of tf_keras, channels last."""

    def __init__(self, layer: Any, features: int, rank: int) -> None:
        layer.build((None, *[2] * (rank - 2), features))
        self._layer = layer
        self._update = tf.function(lambda x: layer(x, training=True), reduce_retracing=True)

    def train(self, batch: Array) -> Array:
        """One update; the output in training mode."""
        return np.asarray(self._update(tf.constant(batch)))

    def infer(self, batch: Array) -> Array:
        """The output in inference mode."""
        return np.asarray(self._layer(batch, training=False))

    def moving(self) -> tuple[Array, Array]:
        """moving_mean and moving_variance."""
        held = self._layer.moving_mean, self._layer.moving_variance
        mean, variance = (np.array(tf.convert_to_tensor(values)) for values in held)
        return mean, variance

    def load(self, gamma: Array, beta: Array, mean: Array, variance: Array) -> None:
        """As set_weights takes them: gamma, beta, moving_mean, moving_variance."""
        self._layer.set_weights([gamma, beta, mean, variance])


def keras_3(features: int, rank: int, keep: float, epsilon: float) -> KerasLayer:
    """Stock Keras 3."""
    layer = keras.layers.BatchNormalization(momentum=keep, epsilon=epsilon)
    return KerasLayer(layer, features, rank)


def stock_tf_keras(features: int, rank: int, keep: float, epsilon: float) -> KerasLayer:
    """Stock tf_keras, which takes its fused kernel at ranks 4 and 5."""
    layer = tf_keras.layers.BatchNormalization(momentum=keep, epsilon=epsilon)
    return KerasLayer(layer, features, rank)


def unfused_tf_keras(features: int, rank: int, keep: float, epsilon: float) -> KerasLayer:
    """tf_keras with fused=False."""
    layer = tf_keras.layers.BatchNormalization(momentum=keep, epsilon=epsilon, fused=False)
    return KerasLayer(layer, features, rank)


def compare(asked: LiveLayers) -> Iterator[Chunk[LiveFound]]:
    """Feed the batch to each layer, and follow it with the engine; counted in updates of all.

    A layer that refuses is told, and the others run nevertheless.

    >>> (chunk,) = compare(LiveLayers([[1.0], [3.0]], {"keras-3": (0.5, 1e-3)}, updates=2))
    >>> chunk.values.runs["keras-3"].mean.ravel()
    array([1. , 1.5], dtype=float32)
    """
    total = asked.updates
    everything = total * len(asked.layers)
    for number, name in enumerate(asked.layers):
        before, message = number * total, FRAMEWORKS[name].packages[0]
        try:
            for done, run in _followed(asked, name):
                yield Chunk(before + done, everything, LiveFound(runs={name: run}), message)
        except MemoryError:
            raise
        except Exception as error:  # a framework may refuse in any way; the others are not to blame
            run = LiveRun(installed(name), refused=f"{type(error).__name__}: {error}")
            yield Chunk(before + total, everything, LiveFound(runs={name: run}), message)


def _followed(asked: LiveLayers, name: str) -> Iterator[tuple[int, LiveRun]]:
    """One real layer in pieces, beside the engine: updates made so far, and what they gave."""
    x, updates, (keep, epsilon) = asked.batch, asked.updates, asked.layers[name]
    layer = live_layer(name, x.shape[-1], x.ndim, keep, epsilon)
    layer.train(x)  # the framework has the first word: what it refuses, it refuses itself
    engine = _engine(name, x, updates, keep, epsilon)
    held = [layer.moving()]
    done = 0
    while done < updates:
        while len(held) < min(PIECE, updates - done):
            layer.train(x)
            held.append(layer.moving())
        mean, variance = (np.stack(column) for column in zip(*held, strict=True))
        follows = slice(done + 1, done + 1 + len(held))
        done += len(held)
        held = []
        expected = engine.mean[follows], engine.variance[follows]
        difference = moving_difference((mean, variance), expected).max(axis=-1)
        yield done, LiveRun(installed(name), mean, variance, difference)


def carry(asked: CarriedLayer) -> Iterator[Chunk[CarriedFound]]:
    """Load the arrays into a layer of each framework, and ask both for the rows.

    >>> arrays = [[1.0], [0.0], [2.0], [1.0]]
    >>> (chunk,) = carry(CarriedLayer(arrays, [[3.0]], "keras-3", "tf_keras"))
    >>> found = chunk.values
    >>> bool(abs(found.source.output - found.target.output).max() < 1e-6)
    True
    """
    own = CONVENTIONS[asked.target].epsilon
    found = CarriedFound(
        source=_carried(asked, asked.source),
        target=_carried(asked, asked.target),
        forgotten=_inference(asked, asked.target, own),
        default_epsilon=own,
    )
    yield Chunk(1, 1, found)


def _carried(asked: CarriedLayer, name: str) -> CarriedOutput:
    versions = installed(name)
    who = f"a real layer ({versions})" if versions else "the engine (not installed here)"
    return CarriedOutput(who, bool(versions), _inference(asked, name, asked.epsilon))


def _inference(asked: CarriedLayer, name: str, epsilon: float) -> Array:
    """The output of a real layer where there is one, else the engine's."""
    x = asked.x
    if installed(name):
        layer = live_layer(name, x.shape[1], x.ndim, asked.keep, epsilon)
        layer.load(*asked.arrays)
        return layer.infer(x)
    gamma, beta, mean, variance = asked.arrays.astype(np.float64)
    convention = replace(CONVENTIONS[name], epsilon=epsilon)
    moving = MovingStatistics(mean, variance, 0)
    trace = batch_norm(x, moving, convention, training=False, gamma=gamma, beta=beta)
    return trace.output


def _engine(name: str, x: Array, updates: int, keep: float, epsilon: float) -> MovingStatistics:
    split = split_axes(x.shape, feature_axis=-1)
    moments = batch_moments(x, split)
    convention = replace(CONVENTIONS[name], keep=keep, epsilon=epsilon)
    return moving_trajectory([moments] * updates, convention, split)
