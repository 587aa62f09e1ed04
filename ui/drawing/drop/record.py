"""What the picture of a dropped number needs to work out what a layer holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bncore.moments import Array
from ui.drawing.numbers import told_numbers

Statistics = Mapping[str, Array]
"""By "mean" and "variance", a number for each feature."""


@dataclass(frozen=True)
class Dropped:
    """Where a bad number is: its name, the feature, and the update (from 1)."""

    bad: str
    feature: int
    update: int


@dataclass(frozen=True, eq=False)
class Drop:
    """Updates with equal batches but one.

    Args:
        names: of the bad numbers, as they are written.
        features: which of them are drawn.
        at: where the bad number is.
        total: how many updates there are; the bad one is from `first` to `last`.
        keep: of the layer.
        initial: what the layer holds of a feature before the first update.
        clean: the statistics of the clean batch.
        spoilt: by the name of a bad number, the statistics of the batch that has it; of a feature
            where it is in that feature.
        held: what the trained layer held at the end with these settings; None before.
        told: whether what follows the bad number may be shown.
    """

    names: Mapping[str, str]
    features: tuple[int, ...]
    at: Dropped
    total: int
    first: int
    last: int
    keep: float
    initial: Mapping[str, float]
    clean: Statistics
    spoilt: Mapping[str, Statistics]
    held: Statistics | None
    told: bool


def record(drop: Drop) -> dict[str, Any]:
    """A drop as JSON takes it: the statistics of the drawn features, what is not finite in words.

    >>> import numpy as np
    >>> one = {"mean": np.array([2.0, np.nan]), "variance": np.array([1.0, np.inf])}
    >>> at = Dropped("nan", 1, 3)
    >>> told = record(
    ...     Drop({"nan": "NaN"}, (1,), at, 9, 1, 9, 0.9, {}, one, {"nan": one}, None, True)
    ... )
    >>> told["clean"], told["held"]
    ({'mean': ['NaN'], 'variance': ['Infinity']}, None)
    """

    def drawn(statistics: Statistics) -> dict[str, list[float | str]]:
        of = list(drop.features)
        return {name: told_numbers(all[of]) for name, all in statistics.items()}

    return {
        "names": dict(drop.names),
        "features": drop.features,
        "of": len(next(iter(drop.clean.values()))),
        "at": {"bad": drop.at.bad, "feature": drop.at.feature, "update": drop.at.update},
        "total": drop.total,
        "first": drop.first,
        "last": drop.last,
        "keep": drop.keep,
        "initial": dict(drop.initial),
        "clean": drawn(drop.clean),
        "spoilt": {bad: drawn(statistics) for bad, statistics in drop.spoilt.items()},
        "held": None if drop.held is None else drawn(drop.held),
        "told": drop.told,
    }
