"""A real layer that keeps the batch axis, beside one that keeps the features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import rows_of, settings, whole_number
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array

AXES = ("0", "-1")
STEPS = ("unknown", "fixed", "fit", "other", "multiple")
"""Build it with the batch size unknown, and fixed; train it; predict another number of rows, and
twice as many in batches of the fixed size."""


@dataclass(frozen=True)
class Step:
    """What came of a step: its result in words, or the class name and message of its error."""

    text: str
    error: str = ""


@dataclass(frozen=True, eq=False)
class InOrders:
    """The same with the rows in fixed order, and shuffled."""

    fixed: Array = growing()
    shuffled: Array = growing()


@dataclass(frozen=True, eq=False)
class AxisFound:
    """What one of the two layers did.

    Args:
        steps: by the names of ``STEPS``.
        shapes: of the layer with a fixed batch size, by the names of its weights.
        moving_mean: after every update of a run in this order, float32 (k, size of the kept axis).
        batch_mean: what each of these updates took over, as large.
        outputs: of the run in fixed order in inference mode, (1, rows, features). Shuffled: rows
            given in the order ``BatchAxisFound.order``, each output put back to its row.
        weights: of that run's layer at its end, by their names, float32.
        seated: what that layer returned in inference mode for every row in every place of the
            batch, (places, rows, features).
    """

    steps: Mapping[str, Step] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    moving_mean: InOrders = field(default_factory=InOrders)
    batch_mean: InOrders = field(default_factory=InOrders)
    outputs: InOrders = field(default_factory=InOrders)
    weights: Mapping[str, Array] = field(default_factory=dict)
    seated: Array = growing()


@dataclass(frozen=True, eq=False)
class BatchAxisFound(Found):
    """What both layers did.

    Args:
        order: the permutation in which the trained layers were asked again, int64 (rows,).
        axes: by the names of ``AXES``.
    """

    order: Array = growing()
    axes: Mapping[str, AxisFound] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class BatchAxis(Experiment[BatchAxisFound], run_by="bncore.keras.batch_axis:compare"):
    """Build, fit, predict with axis=0 and axis=-1; then train both in fixed and shuffled order.

    Args:
        data: (rows, features), at least 2 rows; one batch holds all of them.
        new_rows: how many rows the trained model is asked to predict.
        updates: of each of the four recorded runs, which have all rows as their batch.
        keep, epsilon, learning_rate: of the layer, and of SGD on the mean squared error.
        seed: of the permutations (NumPy's, since Keras 3 on TensorFlow repeats one permutation
            in every epoch once a seed is set).

    Raises ValueError, TypeError for what is no number.

    >>> BatchAxis([[1.0, 2.0]])
    Traceback (most recent call last):
    ...
    ValueError: data has shape (rows, features) with 2 rows or more; got (1, 2)
    """

    data: Any
    new_rows: int = 3
    updates: int = 1000
    keep: float = 0.99
    epsilon: float = 1e-3
    learning_rate: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        new_rows = whole_number("new_rows", self.new_rows, 1)
        hold(self, data=rows_of(self.data, least=2), new_rows=new_rows, **settings(self))
