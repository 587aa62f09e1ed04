"""Training is fine and validation is stuck: is it the moving statistics, and what cures it?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import (
    Rows,
    batch_size_of,
    keeps_of,
    labelled,
    rows_held_out,
    settings,
)
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array

SNAPSHOTS = 64
"""At so many updates, or fewer, it is noted where the validation rows are."""

SHOWN_ROWS, SHOWN_UNITS = 128, 2
"""Of so many validation rows, at most, and in so many units of the normalisation."""


@dataclass(frozen=True, eq=False)
class GapRun:
    """What one training left behind after every update, float32 (k,).

    Args:
        loss: of the mini-batch, before the update.
        training_mode: the accuracy of all training rows as one batch, normalised by its own
            statistics.
        inference_mode: of all training rows, normalised by the moving statistics.
        validation: of all validation rows, normalised by the moving statistics.
        moving_mean, moving_variance: of the first `SHOWN_UNITS` units, (k, units).
        seen: the updates after which the validation rows were looked at, int32 (s,): the first,
            each `ValidationGap.look_every`-th, and the last.
        fed: what the first `SHOWN_ROWS` of them gave those units before the normalisation, (s,
            rows, units).
        wrong: whether they were classified wrong in inference mode, uint8 (s, rows).
    """

    loss: Array = growing()
    training_mode: Array = growing()
    inference_mode: Array = growing()
    validation: Array = growing()
    moving_mean: Array = growing()
    moving_variance: Array = growing()
    seen: Array = growing()
    fed: Array = growing()
    wrong: Array = growing()


@dataclass(frozen=True)
class Estimated:
    """The accuracies of a trained model with other moving statistics."""

    inference_mode: float
    validation: float


@dataclass(frozen=True, eq=False, kw_only=True)
class GapFound(Found):
    """What came of every keep, by `ValidationGap.by_name`.

    Args:
        rows: how many there are.
        most_common: the share of the most common class among the validation rows.
        runs: what each training left behind.
        estimated: the accuracies of each trained model once its moving statistics have been set to
            those of the paper's Algorithm 2, steps 8 to 10, over all training batches
            (:mod:`bncore.population`); absent for batches of one row, which have no variance.
    """

    rows: Rows
    most_common: float
    runs: Mapping[str, GapRun] = field(default_factory=dict)
    estimated: Mapping[str, Estimated] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ValidationGap(Experiment[GapFound], run_by="bncore.keras.validation_gap:train"):
    """Dense -> BatchNormalization -> relu -> Dense, trained with Adam once for each keep.

    Args:
        data: (rows, features), as they are (nothing is scaled beforehand).
        labels: (rows,), whole numbers from 0.
        keeps: of the batch normalisation, one training each.
        validation: the share of the rows, after a seeded permutation, that is not trained on.
        seed: of the permutation, the initial weights and the mini-batches.

    Raises ValueError (TypeError for what is no number).

    >>> asked = ValidationGap([[1.0], [2.0], [3.0], [4.0], [5.0]], [0, 1, 0, 1, 0], batch_size=2)
    >>> asked.rows, asked.updates, list(asked.by_name)
    (Rows(training=4, validation=1), 10, ['0.999', '0.9'])
    """

    data: Any
    labels: Any
    keeps: Sequence[float] = (0.999, 0.9)
    batch_size: int = 8
    epochs: int = 5
    units: int = 16
    learning_rate: float = 0.01
    epsilon: float = 1e-3
    validation: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        x, y = labelled(self.data, self.labels)
        keeps = tuple(keeps_of(self.keeps).values())
        hold(self, data=x, labels=y, keeps=keeps, **settings(self))
        size = batch_size_of(self.batch_size, self.rows.training, "training rows")
        hold(self, batch_size=size)

    @property
    def rows(self) -> Rows:
        """How many there are to train on, and to validate with."""
        return rows_held_out(len(self.data), self.validation)

    @property
    def updates(self) -> int:
        """Of each training."""
        return self.epochs * math.ceil(self.rows.training / self.batch_size)

    @property
    def look_every(self) -> int:
        """How many updates there are between two looks at the validation rows."""
        return math.ceil(self.updates / SNAPSHOTS)

    @property
    def by_name(self) -> dict[str, float]:
        """The keeps by what the results call them."""
        return keeps_of(self.keeps)
