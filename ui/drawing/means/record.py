"""A matrix and its means, in the two ways to take them."""

from __future__ import annotations

from typing import Any

import bncore
from bncore.moments import Array
from ui.state.amounts import counted
from ui.state.numbers import format_number


def record(matrix: Array) -> dict[str, Any]:
    """What the browser draws: the cells, and for both ways each cell's mean and a sentence.

    >>> import numpy as np
    >>> columns, rows = record(np.array([[1.0, 10.0], [3.0, 30.0]]))["ways"]
    >>> columns["means"], rows["means"], rows["groups"]
    (['2', '20'], ['5.5', '16.5'], [0, 0, 1, 1])
    """
    return {
        "columns": matrix.shape[1],
        "values": [format_number(value) for value in matrix.ravel()],
        "ways": [_way(matrix, 1, "column"), _way(matrix, 0, "row")],
    }


def _way(matrix: Array, kept: int, name: str) -> dict[str, Any]:
    split = bncore.split_axes(matrix.shape, feature_axis=kept)
    same = " (here the same as -1)" * (kept == 1)
    means = [format_number(mean) for mean in bncore.batch_moments(matrix, split).mean]
    return {
        "name": name,
        "means": means,
        "groups": bncore.statistic_index(split).ravel().tolist(),
        "said": (
            f"{counted(len(means), 'mean')}, one per {name}: {', '.join(means)}. NumPy says "
            f"axis={split.reduction_axes[0]}, a BatchNormalization layer axis={kept}{same}."
        ),
    }
