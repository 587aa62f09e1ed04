"""Layers that are fed batches in training mode and learn nothing: only their statistics change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bncore.keras.framework import keras, tf
from bncore.keras.recorded import Recorder
from bncore.moments import Array


def new_layer(features: int, keep: float, epsilon: float) -> Any:
    """A stock Keras 3 layer that has seen nothing yet."""
    layer = keras.layers.BatchNormalization(momentum=keep, epsilon=epsilon)
    layer.build((None, features))
    return layer


def statistics(layer: Any) -> dict[str, Any]:
    """The moving statistics that a layer holds, by the names of its weights."""
    return {
        name: tf.convert_to_tensor(getattr(layer, name))
        for name in ("moving_mean", "moving_variance")
    }


def forward_recorder(
    layers: Sequence[Any], watch: Callable[[], Mapping[str, Any]], x: Array, batch_size: int
) -> Recorder:
    """Each update is one forward pass of every layer; ``watch()`` is what is kept of it."""

    def step(rows: Any, targets: Any) -> Mapping[str, Any]:
        for layer in layers:
            layer(rows, training=True)
        return watch()

    variables = [variable for layer in layers for variable in layer.variables]
    return Recorder(step, variables, x, x, batch_size)
