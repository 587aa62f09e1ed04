"""Flax linen's BatchNorm, channels last."""

from __future__ import annotations

from typing import Any

import flax.linen
import jax
import numpy as np

from bncore.moments import Array


class FlaxLayer:
    """A layer of flax.linen with its variables."""

    def __init__(self, layer: Any, shape: tuple[int, ...]) -> None:
        self._layer = layer
        self._variables = layer.init(
            jax.random.PRNGKey(0), np.zeros(shape, np.float32), use_running_average=False
        )

    def train(self, batch: Array) -> Array:
        """One update; the output in training mode."""
        output, changed = self._layer.apply(
            self._variables, batch, use_running_average=False, mutable=["batch_stats"]
        )
        self._variables = {**self._variables, **changed}
        return np.asarray(output)

    def infer(self, batch: Array) -> Array:
        """The output in inference mode."""
        return np.asarray(self._layer.apply(self._variables, batch, use_running_average=True))

    def moving(self) -> tuple[Array, Array]:
        """batch_stats: mean and var."""
        held = self._variables["batch_stats"]
        return np.asarray(held["mean"]), np.asarray(held["var"])

    def load(self, gamma: Array, beta: Array, mean: Array, variance: Array) -> None:
        """Into params/scale, params/bias, batch_stats/mean and batch_stats/var."""
        self._variables = {
            "params": {"scale": gamma, "bias": beta},
            "batch_stats": {"mean": mean, "var": variance},
        }


def make(features: int, rank: int, keep: float, epsilon: float) -> FlaxLayer:
    """The stock layer."""
    layer = flax.linen.BatchNorm(momentum=keep, epsilon=epsilon)
    return FlaxLayer(layer, (2,) * (rank - 1) + (features,))
