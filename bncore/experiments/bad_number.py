"""One bad number in one batch, and what the layer holds for ever after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bncore.experiments.arguments import one_of, rows_of, settings, whole_number
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array

BAD_NUMBERS: Mapping[str, float] = {"nan": math.nan, "inf": math.inf, "1e20": 1e20}


@dataclass(frozen=True, eq=False)
class BadNumberFound(Found):
    """What the layer holds.

    Args:
        update: numbers of the updates, 1-based, int32 (k,).
        moving_mean, moving_variance: after each update, float32 (k, features).
        output: at the end, of the clean data in inference mode, (rows, features).
    """

    update: Array = growing()
    moving_mean: Array = growing()
    moving_variance: Array = growing()
    output: Array = growing()


@dataclass(frozen=True, eq=False)
class BadNumber(Experiment[BadNumberFound], run_by="bncore.keras.bad_number:feed"):
    """A batch normalisation fed clean batches, one bad one, and clean ones again.

    Args:
        data: (rows, features). Every batch is the whole data; in the bad one, row 0 of ``feature``
            holds the bad number.
        value: its name in ``BAD_NUMBERS``.
        before, after: how many clean updates there are on either side of it.
        keep, epsilon: of the layer.
        seed: of the order of the rows.

    Raises ValueError, TypeError for what is no number.

    >>> BadNumber([[1.0, 2.0], [3.0, 6.0]], feature=2)
    Traceback (most recent call last):
    ...
    ValueError: feature is from 0 to 1; got 2
    """

    data: Any
    value: str = "nan"
    feature: int = 0
    before: int = 200
    after: int = 2000
    keep: float = 0.99
    epsilon: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        x, feature = rows_of(self.data), whole_number("feature", self.feature, 0)
        if feature >= x.shape[1]:
            raise ValueError(f"feature is from 0 to {x.shape[1] - 1}; got {feature}")
        hold(
            self,
            data=x,
            value=one_of("value", self.value, BAD_NUMBERS),
            feature=feature,
            before=whole_number("before", self.before, 0),
            after=whole_number("after", self.after, 0),
            **settings(self),
        )

    @property
    def bad(self) -> Array:
        """The data of the bad batch.

        >>> BadNumber([[1.0, 2.0], [3.0, 6.0]], "inf").bad.tolist()
        [[inf, 2.0], [3.0, 6.0]]
        """
        bad: Array = self.data.copy()
        bad[0, self.feature] = BAD_NUMBERS[self.value]
        return bad
