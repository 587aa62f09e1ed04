"""Recorded curves in the form in which a player plays them."""

from __future__ import annotations

import numpy as np

from bncore.moments import Array


def since(initial: float, values: Array) -> Array:
    """What was recorded after each update, and before it what was held before the first one.

    >>> since(1.0, np.array([[0.5, 2.0]])).tolist()
    [[1.0, 1.0], [0.5, 2.0]]
    """
    return np.concatenate([np.full_like(values[:1], initial), values])


def column(values: Array, steps: int) -> Array:
    """A curve as the only column of so many steps; NaN where it has ended before.

    >>> column(np.array([0.5, 2.0]), 3).tolist()
    [[0.5], [2.0], [nan]]
    """
    made = np.full((steps, 1), np.nan, values.dtype)
    made[: len(values), 0] = values
    return made
