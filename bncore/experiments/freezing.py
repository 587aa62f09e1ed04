"""What freezes a batch normalisation? Every way is tried on a real model."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import rows_of, settings
from bncore.experiments.experiment import Experiment, Found, hold

MODELS = ("functional", "subclassed")
TRAINING = ("not given", "True", "False", "passed on")
FREEZING = (
    "never",
    "before compile",
    "after compile",
    "after compile, compiled again",
    "compiled again, before fit",
)


@dataclass(frozen=True, eq=False)
class FreezingRow:
    """What came of one way to freeze.

    Args:
        model, training, frozen: the way, in the words of ``MODELS``, ``TRAINING`` and ``FREEZING``.
        gamma_moved, statistics_moved: whether the second epoch changed them; None where it did not,
            and an update would not have shown either (:mod:`bncore.evidence`).
        fit: "batch", "moving" or "cannot tell": whose statistics made the loss that ``fit``
            reported.
        predict, call, call_training: the same for ``model.predict(x)``, ``model(x)`` and
            ``model(x, training=True)`` afterwards ("error: ..." where that raises).
    """

    model: str
    training: str
    frozen: str
    gamma_moved: bool | None
    statistics_moved: bool | None
    fit: str
    predict: str
    call: str
    call_training: str


@dataclass(frozen=True, eq=False)
class FreezingFound(Found):
    """One row for each way tried so far, by its number."""

    rows: Mapping[int, FreezingRow] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Freezing(Experiment[FreezingFound], run_by="bncore.keras.freezing:freeze"):
    """One epoch of one batch in every way, after one epoch that is never frozen.

    The three choices: how the model is written (``MODELS``), which ``training`` its code gives to
    the layer (``TRAINING``; only a subclassed model can pass on its own), and when
    ``layer.trainable = False`` is set (``FREEZING``).

    Args:
        data: (rows, features), 2 rows or more; the targets are the rows in reversed order.
        keep, epsilon: of the layer.
        learning_rate: of SGD on the mean squared error.

    Raises ValueError, TypeError for what is no number.

    >>> Freezing([[1.0, 2.0], [3.0, 6.0]]).data.dtype, len(ways())
    (dtype('float32'), 35)
    """

    data: Any
    keep: float = 0.9
    epsilon: float = 1e-3
    learning_rate: float = 0.1

    def __post_init__(self) -> None:
        """Check each field."""
        hold(self, data=rows_of(self.data, least=2), **settings(self))


def ways() -> list[tuple[str, str, str]]:
    """Every way: (model, training, frozen)."""
    return [
        way
        for way in itertools.product(MODELS, TRAINING, FREEZING)
        if way[:2] != ("functional", "passed on")
    ]
