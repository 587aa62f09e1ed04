"""One array of the tensor picture, and the names of its cells and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ui.drawing.grid.formula import parsed

MAX_RANK = 6


@dataclass(frozen=True, eq=False)
class Panel:
    """An array as a person sees it.

    `values`: numbers, rank 0 to 6. `groups`: integers that broadcast to its shape, the index of
    the statistic that each cell belongs to; negative means none. Cells of one group light up
    together in all panels with the same `link`. `role`: "cells" for data, "statistic" for a mean,
    a variance, gamma: one cell per group. `axes`: a name per axis, such as ("N", "C").
    `table_axes`: which two axes are the rows and columns of each table; by default H and W where
    both are named, else the last two. `vertical` draws rank 1 as a column. `symbol` names the
    cells: "x" gives x[1, 2]. `digits` fixes the decimals, otherwise they follow from the values.
    `layer` says which layer's numbers these are, where a player of the page has several.
    `formula` says how its numbers follow from those of other panels, by their ids, such as
    "(x - mean) / sqrt(variance + 0.001)" (see `formula`): then each cell tells its arithmetic.
    `bracket`, of a matrix: the axis whose indices are its groups, at whose edge a bracket stands
    that a person can move to the other edge.
    Everything a panel shows is text: nothing in it is read as markup.

    Raises ValueError or TypeError where an argument cannot be drawn.

    >>> panel = Panel("x", "Input", [[1, 2], [3, 4]], groups=[[0, 1]], axes=("N", "C"))
    >>> panel.shape, panel.groups.tolist(), panel.table_axes
    ((2, 2), [[0, 1], [0, 1]], (0, 1))
    """

    id: str
    title: str
    values: Any
    subtitle: str = ""
    groups: Any = None
    editable: bool = False
    axes: Sequence[str] = ()
    role: Literal["cells", "statistic"] = "cells"
    symbol: str = ""
    digits: int | None = None
    table_axes: tuple[int, int] | None = None
    vertical: bool = False
    link: str = ""
    layer: str = ""
    formula: str = ""
    bracket: int | None = None

    def __post_init__(self) -> None:
        values = _numbers(self.id, self.values)
        if values.ndim > MAX_RANK:
            raise ValueError(
                f"Panel {self.id!r}: an array of shape {values.shape} has rank {values.ndim}; "
                f"at most {MAX_RANK} can be drawn."
            )
        axes = tuple(self.axes) or tuple(f"axis {axis}" for axis in range(values.ndim))
        if len(axes) != values.ndim:
            raise ValueError(
                f"Panel {self.id!r}: {len(axes)} axis names {axes} for shape {values.shape}; "
                f"give {values.ndim}."
            )
        if self.role not in ("cells", "statistic"):
            raise ValueError(
                f"Panel {self.id!r}: role {self.role!r}; allowed are 'cells' and 'statistic'."
            )
        if self.bracket is not None and (values.ndim != 2 or self.bracket not in (0, 1)):
            raise ValueError(
                f"Panel {self.id!r}: bracket {self.bracket} for shape {values.shape}; "
                "a matrix has one, along its axis 0 or 1."
            )
        if self.formula:
            parsed(self.formula)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "groups", _groups(self.id, self.groups, values.shape))
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "symbol", self.symbol or self.id)
        object.__setattr__(self, "table_axes", _table_axes(self, values.ndim))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return tuple(self.values.shape)


def cell_name(symbol: str, index: Sequence[int]) -> str:
    """What a cell is called on the screen.

    >>> cell_name("x", (1, 2)), cell_name("mean", ())
    ('x[1, 2]', 'mean')
    """
    return f"{symbol}[{', '.join(map(str, index))}]" if len(index) else symbol


def group_label(group: int) -> str:
    """The label of a group: letters that never repeat. Negative groups have none.

    >>> [group_label(g) for g in (-1, 0, 25, 26, 701, 702)]
    ['', 'A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    label = ""
    while group >= 0:
        group, letter = divmod(group, 26)
        label = chr(ord("A") + letter) + label
        group -= 1
    return label


def _numbers(name: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"Panel {name!r}: values of type {array.dtype}; allowed are real numbers and booleans."
        )
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def _groups(name: str, groups: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    if groups is None:
        return None
    array = np.asarray(groups)
    if array.dtype.kind not in "iu":
        raise TypeError(f"Panel {name!r}: groups of type {array.dtype}; allowed are integers.")
    try:
        return np.broadcast_to(array, shape)
    except ValueError as error:
        raise ValueError(
            f"Panel {name!r}: groups of shape {array.shape} do not broadcast to {shape}."
        ) from error


def _table_axes(panel: Panel, rank: int) -> tuple[int, int] | None:
    """Row and column axis of each table; None below rank 2."""
    if rank < 2:
        return None
    if panel.table_axes is not None:
        rows, columns = (int(axis) + rank * (axis < 0) for axis in panel.table_axes)
        if not (0 <= rows < rank and 0 <= columns < rank and rows != columns):
            raise ValueError(
                f"Panel {panel.id!r}: table_axes {panel.table_axes} of rank {rank}; "
                f"give two different axes from {-rank} to {rank - 1}."
            )
        return rows, columns
    names = list(panel.axes)
    if rank > 2 and "H" in names and "W" in names:
        return names.index("H"), names.index("W")
    return rank - 2, rank - 1
