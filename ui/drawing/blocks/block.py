"""One way to group the cells of a tensor, and the record that the browser draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.drawing.grid import cell_name, group_label
from ui.state.numbers import format_number


@dataclass(frozen=True, eq=False)
class Groups:
    """The group of each cell and x̂, in the shape of the tensor; mean and variance of each group."""

    index: Array
    mean: Array
    variance: Array
    x_hat: Array


@dataclass(frozen=True, eq=False)
class Block:
    """One way to group the cells; `problem` says why there is none."""

    id: str
    title: str
    summary: str
    code: str = ""
    groups: Groups | None = None
    problem: str = ""


def record(
    x: Array, blocks: Sequence[Block], axes: Sequence[str], channel: int, epsilon: float
) -> dict[str, Any]:
    """What the browser draws: in each block a row of tables for every sample, a column of them for
    every channel, height and width inside.

    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> record(x, [], "NC", 1, 0.0)["names"]
    ['x[0, 0]', 'x[0, 1]', 'x[1, 0]', 'x[1, 1]']
    """
    size, order = drawn(x.shape, channel)
    places = np.array(list(np.ndindex(x.shape)), dtype=int).reshape(-1, x.ndim)[order]
    return {
        "size": size,
        "axes": ["N", "C" if x.ndim > 1 else "", *_inner(axes, channel)],
        "names": [cell_name("x", place.tolist()) for place in places],
        "values": [format_number(value) for value in x.ravel()[order]],
        "epsilon": format_number(epsilon),
        "blocks": [_block(block, order) for block in blocks],
    }


def drawn(shape: tuple[int, ...], channel: int) -> tuple[list[int], Array]:
    """How many samples, channels, rows and columns are drawn, and the cells in that order.

    Every axis between the samples and the columns is a part of the rows.

    >>> size, order = drawn((2, 3, 1, 2), 1)
    >>> size, order.tolist()
    ([2, 3, 1, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    >>> drawn((2, 1, 2, 3), 3)[1].tolist()
    [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
    """
    numbers = np.arange(math.prod(shape)).reshape(shape)
    if len(shape) == 1:
        return [shape[0], 1, 1, 1], numbers
    moved = np.moveaxis(numbers, channel, 1)
    samples, channels, *inner = moved.shape
    columns = inner[-1] if inner else 1
    return [samples, channels, math.prod(inner[:-1]), columns], moved.ravel()


def _inner(axes: Sequence[str], channel: int) -> list[str]:
    """The names of a table's rows and of its columns."""
    inner = [name for axis, name in enumerate(axes) if axis not in (0, channel)]
    return ["".join(inner[:-1]), inner[-1] if inner else ""]


def _block(block: Block, order: Array) -> dict[str, Any]:
    words = {name: getattr(block, name) for name in ("id", "title", "summary", "code", "problem")}
    if block.groups is None:
        return words
    groups = block.groups
    counts = np.bincount(groups.index.ravel(), minlength=groups.mean.size)
    return {
        **words,
        "groups": groups.index.ravel()[order].tolist(),
        "x_hat": [f"{value:.5g}" for value in groups.x_hat.ravel()[order]],
        "of": [
            [group_label(group), f"{mean:.6g}", f"{variance:.6g}", int(count)]
            for group, (mean, variance, count) in enumerate(
                zip(groups.mean.ravel(), groups.variance.ravel(), counts, strict=True)
            )
        ],
    }
