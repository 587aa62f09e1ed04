"""A classifier with a batch normalisation after its input, every update recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bncore.experiments.arguments import batch_size_of, labelled, settings
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.experiments.weights import Weight
from bncore.moments import Array


@dataclass(frozen=True, eq=False)
class IrisFound(Found):
    """What the model holds, and how it learned.

    Args:
        weights: of the real model, in order.
        update: numbers of the updates, 1-based, int32 (k,).
        rows: of its mini-batch, int32 (k, batch size), filled up with -1.
        moving_mean, moving_variance: after each update, float32 (k, features).
        batch_mean, batch_variance: of its mini-batch (biased), (k, features).
        loss: of the mini-batch, before its update, (k,).
        accuracy: of all rows in inference mode, after the update, (k,).
    """

    weights: tuple[Weight, ...] = ()
    update: Array = growing()
    moving_mean: Array = growing()
    moving_variance: Array = growing()
    batch_mean: Array = growing()
    batch_variance: Array = growing()
    loss: Array = growing()
    accuracy: Array = growing()
    rows: Array = growing()


@dataclass(frozen=True, eq=False)
class Iris(Experiment[IrisFound], run_by="bncore.keras.iris:train"):
    """The model of the question, trained with Adam on the cross-entropy of its logits.

        Input -> BatchNormalization -> Dense(relu) -> Dense(classes)

    Args:
        data: (rows, features).
        labels: (rows,), whole numbers from 0.
        hidden: units of the hidden layer.
        epochs, batch_size: the smaller last batch of an epoch is kept, as in ``fit``.
        keep, epsilon: of the batch normalisation.
        seed: of the initial weights and of the mini-batches.

    Raises ValueError, TypeError for what is no number.

    >>> Iris([[0.0], [1.0], [2.0]], [0, 1, 1], batch_size=2).updates
    200
    """

    data: Any
    labels: Any
    hidden: int = 4
    epochs: int = 100
    batch_size: int = 32
    learning_rate: float = 0.01
    keep: float = 0.99
    epsilon: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        x, y = labelled(self.data, self.labels)
        size = batch_size_of(self.batch_size, len(x))
        hold(self, data=x, labels=y, batch_size=size, **settings(self))

    @property
    def updates(self) -> int:
        """Of all epochs."""
        return self.epochs * math.ceil(len(self.data) / self.batch_size)
