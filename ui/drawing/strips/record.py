"""A layer in both modes as the two strips need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bncore.moments import Array
from ui.drawing.numbers import told_numbers


@dataclass(frozen=True, eq=False)
class Strips:
    """A layer whose gamma is 1 and whose beta is 0, and the rows that batches are the first of.

    Args:
        rows: (rows, features).
        moving_mean, moving_variance: what the layer holds, (features,).
        epsilon: of the layer.
        training, inference: the engine's outputs for the first rows, as many as the batch has,
            (size, features).

    ValueError where the shapes do not fit.
    """

    rows: Array
    moving_mean: Array
    moving_variance: Array
    epsilon: float
    training: Array
    inference: Array

    def __post_init__(self) -> None:
        rows, features = self.rows.shape
        fits = 1 <= len(self.training) <= rows and self.training.shape == self.inference.shape
        held = (self.moving_mean.shape, self.moving_variance.shape, self.training.shape[1:])
        if not fits or set(held) != {(features,)}:
            raise ValueError(
                f"outputs of shape {self.training.shape} and {self.inference.shape} and moving "
                f"statistics of shape {held[0]} and {held[1]} do not fit to rows of shape "
                f"{self.rows.shape}"
            )


def record(strips: Strips) -> dict[str, Any]:
    """Rows, layer and outputs as JSON takes them, what is not finite in words.

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> record(Strips(one, one[0], one[0], 0.001, one * 0, one * np.nan))["inference"]
    [['NaN']]
    """
    return {
        "epsilon": strips.epsilon,
        **{
            name: told_numbers(getattr(strips, name))
            for name in ("rows", "moving_mean", "moving_variance", "training", "inference")
        },
    }
