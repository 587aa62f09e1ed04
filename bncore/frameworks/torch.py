"""PyTorch's BatchNorm1d, 2d and 3d: channels are dimension 1, its momentum is 1 - keep."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from bncore.moments import Array


class TorchLayer:
    """A layer of torch.nn."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer

    def train(self, batch: Array) -> Array:
        """One update; the output in training mode."""
        return self._output(self._layer.train(), batch)

    def infer(self, batch: Array) -> Array:
        """The output in inference mode."""
        return self._output(self._layer.eval(), batch)

    def moving(self) -> tuple[Array, Array]:
        """running_mean and running_var."""
        layer = self._layer
        return layer.running_mean.numpy().copy(), layer.running_var.numpy().copy()

    def load(self, gamma: Array, beta: Array, mean: Array, variance: Array) -> None:
        """Into weight, bias, running_mean and running_var."""
        names = ("weight", "bias", "running_mean", "running_var")
        arrays = dict(zip(names, (gamma, beta, mean, variance), strict=True))
        state = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
        self._layer.load_state_dict(state, strict=False)  # it also counts batches

    def _output(self, layer: Any, batch: Array) -> Array:
        with torch.no_grad():
            channels_first = np.ascontiguousarray(np.moveaxis(batch, -1, 1))
            return np.moveaxis(layer(torch.from_numpy(channels_first)).numpy(), 1, -1)


def make(features: int, rank: int, keep: float, epsilon: float) -> TorchLayer:
    """The stock layer of this rank."""
    kind = {2: torch.nn.BatchNorm1d, 4: torch.nn.BatchNorm2d, 5: torch.nn.BatchNorm3d}[rank]
    return TorchLayer(kind(features, eps=epsilon, momentum=1 - keep))
