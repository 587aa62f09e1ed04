"""A trained layer as the picture of the seats needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore.moments import Array

WEIGHTS = ("gamma", "beta", "moving_mean", "moving_variance")


@dataclass(frozen=True, eq=False)
class SeatedLayer:
    """A layer in inference mode, which gets a batch of rows.

    Args:
        name: what it is called, such as "axis=0".
        weights: by the names of `WEIGHTS`, each of a shape that broadcasts to (seats, features).
        returned: what it returned for every row in every seat, (seats, rows, features).
        rounding: how far that may be from the formula in float64.

    ValueError where the shapes do not fit.
    """

    name: str
    weights: Mapping[str, Array]
    returned: Array
    rounding: float

    def __post_init__(self) -> None:
        seats, rows, features = self.returned.shape
        if seats != rows:
            raise ValueError(f"{rows} rows on {seats} seats: one seat for each row is needed")
        for name in WEIGHTS:
            np.broadcast_to(self.weights[name], (seats, features))


def record(x: Array, layers: Sequence[SeatedLayer], epsilon: float) -> dict[str, Any]:
    """The rows and the layers as JSON takes them; the numbers of the layers by seat and feature.

    >>> rows, four = np.array([[1.0], [3.0]]), dict.fromkeys(WEIGHTS, np.ones((2, 1)))
    >>> layer = SeatedLayer("axis=0", four, np.zeros((2, 2, 1)), 1e-6)
    >>> record(rows, [layer], 0.001)["layers"][0]["gamma"]
    [[1.0], [1.0]]
    """
    return {
        "rows": x.astype(float).tolist(),
        "epsilon": epsilon,
        "layers": [
            {
                "name": layer.name,
                "returned": layer.returned.astype(float).tolist(),
                "rounding": layer.rounding,
                **{
                    name: np.broadcast_to(layer.weights[name], x.shape).astype(float).tolist()
                    for name in WEIGHTS
                },
            }
            for layer in layers
        ],
    }
