"""The Keras layers that can be run live, as ``bncore.frameworks`` asks for them, and the
experiment that runs any installed framework on one case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bncore.axes import split_axes
from bncore.conventions import CONVENTIONS
from bncore.differences import moving_difference
from bncore.frameworks import FRAMEWORKS, installed, live_layer
from bncore.keras.arguments import as_float32, number_between, whole_number
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


def compare(
    batch: Any,
    *,
    names: Sequence[str],
    updates: int = 1000,
    keeps: Sequence[float],
    epsilons: Sequence[float],
) -> Iterator[Chunk]:
    """Feed one batch again and again to real layers, and follow them with the engine.

    Args:
        batch: (rows, features) or (rows, height, width, channels), channels last.
        names: conventions that are installed (``bncore.frameworks.installed``).
        keeps, epsilons: one for each name.

    Yields chunks counted in updates of all layers together, with the values ``live[name]``:
        version: of the packages that ran
        mean, variance: the moving statistics after each update, float32 (k, features)
        difference: (k,): the largest difference of either from the engine's, each feature
            relative to its own size (``bncore.differences.moving_difference``)
        refused: instead of all these but the version, what the framework (or the engine) said;
            the other layers run nevertheless

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> (chunk,) = compare([[1.0], [3.0]], names=["keras-3"], updates=2, keeps=[0.5],
    ...                    epsilons=[1e-3])
    >>> chunk.values["live"]["keras-3"]["mean"].ravel()
    array([1. , 1.5], dtype=float32)
    """
    x = as_float32(batch, "batch")
    if x.ndim not in (2, 4):
        raise ValueError(f"batch has rank 2 or 4, channels last; got shape {x.shape}")
    if not len(names) == len(keeps) == len(epsilons):
        raise ValueError("give one keep and one epsilon for each name")
    total = whole_number("updates", updates, 1)
    settings = [
        (number_between("keep", keep, 1.0), number_between("epsilon", epsilon, np.inf))
        for keep, epsilon in zip(keeps, epsilons, strict=True)
    ]
    everything = total * len(names)
    for number, (name, (keep, epsilon)) in enumerate(zip(names, settings, strict=True)):
        before, message = number * total, FRAMEWORKS[name].packages[0]
        try:
            for done, found in _followed(name, x, total, keep, epsilon):
                yield Chunk(before + done, everything, {"live": {name: found}}, message)
        except MemoryError:
            raise
        except Exception as error:  # a framework may refuse in any way; the others are not to blame
            said = {"version": installed(name), "refused": f"{type(error).__name__}: {error}"}
            yield Chunk(before + total, everything, {"live": {name: said}}, message)


def _followed(
    name: str, x: Array, updates: int, keep: float, epsilon: float
) -> Iterator[tuple[int, dict[str, Any]]]:
    """One real layer in pieces, beside the engine: updates made so far, and what they gave."""
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
        yield done, {
            "version": installed(name), "mean": mean, "variance": variance,
            "difference": difference,
        }  # fmt: skip


def carry(
    arrays: Any, x: Any, *, source: str, target: str, keep: float = 0.99, epsilon: float = 1e-3
) -> Iterator[Chunk]:
    """Load the same four arrays into a layer of each framework, and ask both for the same rows.

    A framework that is not installed is computed by the engine, and named so.

    Args:
        arrays: (4, features): gamma, beta, moving mean, moving variance.
        x: (rows, features).
        source, target: names in ``bncore.CONVENTIONS``.
        keep, epsilon: of the trained layer; the target gets them too.

    Yields one chunk with the values
        who: {"source": what computed it, "target": ...}
        real: {"source": whether that was a real layer, "target": ...}
        outputs: {"source": ..., "target": ..., "forgotten": ...}, all (rows, features), in
            inference mode; forgotten: the target's with its own default_epsilon
        epsilon, default_epsilon: of the trained layer; the target's own

    >>> arrays = [[1.0], [0.0], [2.0], [1.0]]
    >>> (chunk,) = carry(arrays, [[3.0]], source="keras-3", target="tf_keras")
    >>> found = chunk.values["outputs"]
    >>> bool(abs(found["source"] - found["target"]).max() < 1e-6)
    True
    """
    held, rows = as_float32(arrays, "arrays"), as_float32(x, "x")
    if held.ndim != 2 or len(held) != 4 or rows.ndim != 2 or rows.shape[1] != held.shape[1]:
        raise ValueError(
            f"arrays has shape (4, features) and x (rows, features); got {held.shape}, {rows.shape}"
        )
    if (held[3] < 0).any():
        raise ValueError("a moving variance is 0 or more")
    keep, epsilon = number_between("keep", keep, 1.0), number_between("epsilon", epsilon, np.inf)
    own = CONVENTIONS[target].epsilon
    asked = {"source": (source, epsilon), "target": (target, epsilon), "forgotten": (target, own)}
    names = {"source": source, "target": target}
    yield Chunk(
        1,
        1,
        {
            "who": {role: _who(name) for role, name in names.items()},
            "real": {role: bool(installed(name)) for role, name in names.items()},
            "outputs": {
                role: _inference(name, held, rows, keep, used)
                for role, (name, used) in asked.items()
            },
            "epsilon": epsilon,
            "default_epsilon": own,
        },
    )


def _who(name: str) -> str:
    versions = installed(name)
    return f"a real layer ({versions})" if versions else "the engine (not installed here)"


def _inference(name: str, arrays: Array, x: Array, keep: float, epsilon: float) -> Array:
    """The output of a real layer where there is one, else the engine's."""
    if installed(name):
        layer = live_layer(name, x.shape[1], x.ndim, keep, epsilon)
        layer.load(*arrays)
        return layer.infer(x)
    gamma, beta, mean, variance = arrays.astype(np.float64)
    convention = replace(CONVENTIONS[name], epsilon=epsilon)
    moving = MovingStatistics(mean, variance, 0)
    trace = batch_norm(x, moving, convention, training=False, gamma=gamma, beta=beta)
    return trace.output


def _engine(name: str, x: Array, updates: int, keep: float, epsilon: float) -> MovingStatistics:
    split = split_axes(x.shape, feature_axis=-1)
    moments = batch_moments(x, split)
    convention = replace(CONVENTIONS[name], keep=keep, epsilon=epsilon)
    return moving_trajectory([moments] * updates, convention, split)
