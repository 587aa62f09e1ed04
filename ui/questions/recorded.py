"""Recorded curves in the form in which a player plays them."""

from __future__ import annotations

import numpy as np

from bncore.moments import Array

INITIAL = {"mean": 0.0, "variance": 1.0}


def since_the_start(statistic: str, moving: Array) -> Array:
    """A moving statistic after each update, and before it what a new layer holds.

    >>> since_the_start("variance", np.array([[0.5, 2.0]])).tolist()
    [[1.0, 1.0], [0.5, 2.0]]
    """
    return np.concatenate([np.full_like(moving[:1], INITIAL[statistic]), moving])


def column(values: Array, steps: int) -> Array:
    """A curve as the only column of so many steps; NaN where it has ended before.

    >>> column(np.array([0.5, 2.0]), 3).tolist()
    [[0.5], [2.0], [nan]]
    """
    made = np.full((steps, 1), np.nan, values.dtype)
    made[: len(values), 0] = values
    return made
