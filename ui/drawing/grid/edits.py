"""What a person did in a grid, and how it changes an array. Text is read here, never in the
browser, by the rules of `ui.state.numbers`: in doubt it is refused with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast, get_args

import numpy as np

from ui.drawing.grid.panel import MAX_RANK, cell_name
from ui.state.numbers import NumberError, parse_matrix, parse_number

Kind = Literal["edit", "paste", "click", "bracket"]
MOST_EVENTS = 100  # in one message; a browser sends what is not acknowledged yet: one or two


@dataclass(frozen=True)
class GridEvent:
    """One act: `text` exactly as it was typed or pasted, at the cell `index` of a panel.

    "edit" is one cell, "paste" a text whose first number goes to `index`, "click" has no text.
    "bracket" is a bracket moved to an edge: `index` is the one axis whose indices are groups now.
    `table_axes` are the row and column axis of the table that it happened in (None below rank 2).
    """

    kind: Kind
    panel: str
    index: tuple[int, ...]
    text: str = ""
    table_axes: tuple[int, int] | None = None


class Handles(NamedTuple):
    """What can be done with a panel of this shape."""

    shape: tuple[int, ...]
    editable: bool = False
    bracket: bool = False


def apply_event(values: Any, event: GridEvent) -> np.ndarray:
    """A new float64 array with the edit or the paste in it; `values` stay as they are.

    A pasted table goes down the rows and along the columns of the table it was pasted into; a
    pasted NumPy literal of the array's own shape replaces all of it. Raises `NumberError` (a
    ValueError) with the reason where the text is not read beyond doubt or does not fit.

    >>> apply_event([[1, 2], [3, 4]], GridEvent("edit", "x", (1, 0), "2,5"))
    array([[1. , 2. ],
           [2.5, 4. ]])
    >>> apply_event([[1, 2], [3, 4]], GridEvent("paste", "x", (0, 1), "7\\n8", (0, 1)))
    array([[1., 7.],
           [3., 8.]])
    """
    array = np.array(values, dtype=np.float64)
    if event.kind not in ("edit", "paste"):
        return array
    _check_index(array, event)
    if event.kind == "edit":
        array[event.index] = parse_number(event.text)
        return array
    pasted = parse_matrix(event.text)
    if pasted.shape == array.shape and not any(event.index):
        return pasted
    if pasted.ndim > 2:
        raise NumberError(
            f"The pasted array has shape {pasted.shape}, this one {array.shape}. "
            "Paste the same shape into the first cell, or a table."
        )
    return _with_table(array, np.atleast_2d(pasted), event)


def read_events(raw: Any, seen: int = 0) -> list[tuple[int, str, str, tuple[int, ...], str, Any]]:
    """The well-formed records of a browser's list after number `seen`, in order; the first
    `MOST_EVENTS` of them. Nothing in it is trusted.

    >>> read_events([[2, "edit", "x", [0], "2.5", None], [3, "eval", "x", [0], "", None], 4], 1)
    [(2, 'edit', 'x', (0,), '2.5', None)]
    """
    records = [_record(entry) for entry in raw] if isinstance(raw, list) else []
    new = [record for record in records if record is not None and record[0] > seen]
    return sorted(new, key=lambda record: record[0])[:MOST_EVENTS]


def _record(entry: Any) -> tuple[int, str, str, tuple[int, ...], str, Any] | None:
    """One record with every part of its type, or None."""
    try:
        number, kind, panel, index, text, axes = entry
    except (TypeError, ValueError):
        return None
    if kind not in (*get_args(Kind), "dismiss") or not isinstance(panel, str):
        return None
    if not isinstance(text, str) or not _are_integers([number]) or not _are_integers(index):
        return None
    if len(index) > MAX_RANK or not (axes is None or (_are_integers(axes) and len(axes) == 2)):
        return None
    # Half a surrogate pair is text in JSON and cannot be written back to a browser.
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return number, kind, panel, tuple(index), readable, None if axes is None else tuple(axes)


def _are_integers(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int for value in values)


def concerns(event: GridEvent, panels: Mapping[str, Handles]) -> bool:
    """Whether a person can have done this with `panels`, by their ids.

    A change of a cell that has gone is still theirs: it is refused with a sentence, not dropped.

    >>> drawn = {"x": Handles((2, 2), editable=True), "mean": Handles((2,))}
    >>> [concerns(GridEvent("edit", panel, (0,)), drawn) for panel in ("x", "mean", "other")]
    [True, False, False]
    """
    shape, editable, bracket = panels.get(event.panel, Handles(()))
    if event.kind == "bracket":
        return bracket and event.index in ((0,), (1,))
    if event.kind == "click":
        return (
            event.panel in panels
            and len(event.index) == len(shape)
            and all(0 <= i < size for i, size in zip(event.index, shape, strict=True))
        )
    return editable


def to_event(record: tuple[int, str, str, tuple[int, ...], str, Any]) -> GridEvent:
    """The event of a record that `read_events` let through."""
    _, kind, panel, index, text, axes = record
    return GridEvent(cast(Kind, kind), panel, index, text, axes)


def _check_index(array: np.ndarray, event: GridEvent) -> None:
    fits = len(event.index) == array.ndim and all(
        0 <= i < size for i, size in zip(event.index, array.shape, strict=True)
    )
    if not fits:
        raise NumberError(
            f"{cell_name(event.panel, event.index)} is not in an array of shape {array.shape}. "
            "The shape has changed; type it again."
        )


_FIRST: tuple[int, ...] = (0,)


def _with_table(array: np.ndarray, table: np.ndarray, event: GridEvent) -> np.ndarray:
    """`array` with `table` written from the anchor on; refused where a row or column sticks out."""
    index: list[Any] = list(event.index)
    if array.ndim == 1:
        if 1 not in table.shape:
            raise NumberError(
                f"A table of {table.shape[0]} × {table.shape[1]} does not fit into one row. "
                "Paste a single row or column."
            )
        block, axes = table.reshape(-1), _FIRST
    else:
        axes = event.table_axes or (array.ndim - 2, array.ndim - 1)
        if len(set(axes)) != 2 or not all(0 <= axis < array.ndim for axis in axes):
            raise NumberError(f"Axes {axes} are not two axes of an array of rank {array.ndim}.")
        block = table if axes[0] < axes[1] else table.T
    for axis, size in zip(axes, block.shape if array.ndim == 1 else table.shape, strict=True):
        room = array.shape[axis] - index[axis]
        if size > room:
            shape = " × ".join(map(str, table.shape))
            raise NumberError(
                f"The pasted table is {shape}, but from {cell_name(event.panel, event.index)} on "
                f"only {room} of {size} fit along axis {axis}. Paste further up or left, "
                "or make the array larger first."
            )
        index[axis] = slice(index[axis], index[axis] + size)
    array[tuple(index)] = block
    return array
