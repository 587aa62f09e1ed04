"""What each of k repetitions has of its own: weights, its split of the rows, its batches' order.

All of it is drawn from the experiment's seed and the repetition's number alone. So repetition i of
one variant and repetition i of another one begin with the same weights and see the same rows in
the same order: their difference is a paired one. The rows themselves are held once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bncore.experiments.arguments import split_rows
from bncore.experiments.comparison import Comparison
from bncore.keras.recorded import PAD, Minibatches
from bncore.moments import Array


def stream(
    seed: int, repetition: int, purpose: Literal["weights", "split", "order"]
) -> np.random.Generator:
    """The random numbers of one repetition for one purpose, independent of all the others.

    >>> a, b, again = (int(stream(0, i, "split").integers(1000)) for i in (0, 1, 0))
    >>> a == b, a == again
    (False, True)
    """
    return np.random.default_rng([seed, repetition, ("weights", "split", "order").index(purpose)])


@dataclass(frozen=True)
class Repetitions:
    """The rows, and which of them each of k repetitions trains on and validates with.

    x: (rows, ...) float32; y: (rows,) int32; training: (k, n) and validation: (k, m) row numbers.
    shift, scale: (k, ..., features), the mean and the deviation of each repetition's own training
    rows, or None where the data stay as they are. A column that is constant there keeps scale 1.
    """

    x: Array
    y: Array
    training: Array
    validation: Array
    seed: int
    shift: Array | None = None
    scale: Array | None = None

    @property
    def count(self) -> int:
        """k."""
        return len(self.training)

    @property
    def most_common(self) -> tuple[float, ...]:
        """The share of the most common class among each repetition's validation rows, k of them."""
        return tuple(
            float(np.bincount(labels).max() / len(labels)) for labels in self.y[self.validation]
        )


def repetitions(asked: Comparison) -> Repetitions:
    """Split the rows anew for each repetition.

    Where they are scaled, nothing of a repetition's validation rows is used for that.

    >>> found = repetitions(Comparison(np.eye(10), np.arange(10), replicas=3, batch_size=5))
    >>> found.training.shape, found.validation.shape
    ((3, 8), (3, 2))
    """
    x = asked.data
    splits = [
        split_rows(len(x), asked.validation, stream(asked.seed, number, "split"))
        for number in range(asked.replicas)
    ]
    training, validation = (np.stack(rows).astype(np.int32) for rows in zip(*splits, strict=True))
    shift, scale = _statistics(x, training) if asked.scaled else (None, None)
    return Repetitions(x, asked.labels, training, validation, asked.seed, shift, scale)


def _statistics(x: Array, training: Array) -> tuple[Array, Array]:
    """Mean and deviation of every feature (the last axis) over the training rows of each."""
    axes = tuple(range(x.ndim - 1))
    chosen = [x[rows].astype(np.float64) for rows in training]
    mean = np.stack([rows.mean(axis=axes, keepdims=True)[0] for rows in chosen])
    deviation = np.stack([rows.std(axis=axes, keepdims=True)[0] for rows in chosen])
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1.0).astype(np.float32)


class Batches:
    """Mini-batches of all repetitions side by side, each in an order of its own.

    >>> asked = Comparison(np.eye(10), np.arange(10), replicas=3, batch_size=5)
    >>> Batches(repetitions(asked), batch_size=5).take(2).shape
    (2, 5, 3)
    """

    def __init__(self, data: Repetitions, batch_size: int) -> None:
        self._training = data.training
        self._each = [
            Minibatches(data.training.shape[1], batch_size, stream(data.seed, number, "order"))
            for number in range(data.count)
        ]

    def take(self, count: int) -> Array:
        """Row numbers of the next batches, int32 (count, batch_size, k), filled up with -1."""
        places = np.stack([batches.take(count) for batches in self._each], axis=-1)
        rows = self._training[np.arange(len(self._training)), places]
        return np.where(places == PAD, np.int32(PAD), rows)
