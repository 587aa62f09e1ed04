"""A tensor, the axes that are kept, and its means: what the browser draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bncore
from bncore.moments import Array
from ui.drawing.grid import group_label
from ui.drawing.grid.scene import json_numbers
from ui.state.amounts import counted

WORDS = {"N": "image", "D": "slice", "H": "row", "W": "column", "C": "channel"}
SIDES = 4  # blocks beside each other, and the three sides of each of them


def record(x: Array, split: bncore.AxisSplit, mean: Array, axes: Sequence[str]) -> dict[str, Any]:
    """The tensor as blocks: one for each index of axis 0, its last axes as their sides.

    >>> import numpy as np
    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> made = record(x, bncore.split_axes(x.shape, -1), x.mean(axis=0), "NC")
    >>> made["shape"], made["axes"], made["kept"], made["means"]
    ([2, 1, 1, 2], ['N', '', '', 'C'], [3], [2, 20])
    >>> made["said"]
    '2 numbers of each channel became one mean: 2 means.'
    """
    empty = SIDES - x.ndim
    return {
        "shape": [x.shape[0], *[1] * empty, *x.shape[1:]],
        "axes": [axes[0], *[""] * empty, *axes[1:]],
        "kept": [axis + empty * (axis > 0) for axis in split.feature_axes],
        "values": json_numbers(x),
        "means": json_numbers(mean),
        "shown": [f"{value:.4g}".replace("-", "\u2212") for value in mean.ravel()],
        "labels": [group_label(group) for group in range(mean.size)],
        "said": sentence(split, axes),
    }


def sentence(split: bncore.AxisSplit, axes: Sequence[str]) -> str:
    """What was pressed into what.

    >>> sentence(bncore.split_axes((2, 3, 4, 5), (1, 2, 3)), "NHWC")
    '2 numbers of each place in H, W, C became one mean: 60 means.'
    >>> sentence(bncore.split_axes((2, 3), ()), "NC")
    'All 6 numbers became one mean.'
    """
    kept = [axes[axis] for axis in split.feature_axes]
    if not kept:
        return f"All {split.count} numbers became one mean."
    each = WORDS[kept[0]] if len(kept) == 1 else f"place in {', '.join(kept)}"
    means = counted(len(bncore.statistic_index(split).ravel()) // split.count, "mean")
    numbers = counted(split.count, "number")
    return f"{numbers} of each {each} became one mean: {means}."
