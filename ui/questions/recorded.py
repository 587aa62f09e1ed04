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


def after_the_start(taken: Array) -> Array:
    """What each update took over; before the first nothing was."""
    return np.concatenate([np.zeros_like(taken[:1]), taken])
