"""Experiment: the same layer, the same batch, in training and in inference mode.

Each update is one forward pass of a stock Keras 3 layer in training mode. Nothing is learned, so
that whatever changes between two updates is the moving statistics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bncore.experiments.modes import LayerPath, Modes, ModesFound
from bncore.keras.forward import forward_recorder, new_layer, statistics
from bncore.keras.framework import VERSIONS, tf
from bncore.keras.layers import stateless_output
from bncore.keras.recorded import Minibatches
from bncore.keras.trainings import Course, Piece
from bncore.moments import Array
from bncore.training.jobs import Chunk


def compare(asked: Modes) -> Iterator[Chunk[ModesFound]]:
    """Ask every layer in both modes after every update; counted in updates.

    >>> first, *_, last = compare(Modes([[1.0], [3.0]], keeps=[0.0], batch_size=2, updates=1))
    >>> first.values.training.round(2), last.values.layers["0"].inference.round(2)
    (array([[-1.],
           [ 1.]], dtype=float32), array([[[-1.],
            [ 1.]]], dtype=float32))
    """
    x, size = asked.data, asked.batch_size
    layers = {
        name: new_layer(x.shape[1], keep, asked.epsilon) for name, keep in asked.layers.items()
    }
    batch, any_layer = tf.constant(x[:size]), next(iter(layers.values()))
    course = Course(ModesFound, asked.updates)
    found = ModesFound(
        versions=VERSIONS,
        training=np.asarray(stateless_output(any_layer, batch, training=True)),
        first=np.asarray(any_layer(batch, training=False)),
    )
    yield course.chunk(found, "Preparing the layers")

    def watch() -> dict[str, Any]:
        return {
            f"{part}:{name}": tensor
            for name, layer in layers.items()
            for part, tensor in (
                ("inference", layer(batch, training=False)),
                *statistics(layer).items(),
            )
        }

    recorder = forward_recorder(list(layers.values()), watch, x, size)
    batches = Minibatches(len(x), size, asked.seed)
    yield from course.train({"": recorder}, batches, asked.updates, _found)


def _found(piece: Piece) -> ModesFound:
    return ModesFound(update=piece.numbers, layers=_by_layer(piece.recorded[""]))


def _by_layer(recorded: Mapping[str, Array]) -> dict[str, LayerPath]:
    """``{"moving_mean:0.9": a}`` -> ``{"0.9": LayerPath(moving_mean=a)}``."""
    parts: dict[str, dict[str, Array]] = {}
    for key, values in recorded.items():
        part, name = key.split(":")
        parts.setdefault(name, {})[part] = values
    return {name: LayerPath(**each) for name, each in parts.items()}
