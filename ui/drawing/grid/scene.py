"""Panels -> the record that the browser draws: bounded, compact, nothing left to decide there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ui.drawing.grid.formula import parsed
from ui.drawing.grid.panel import Panel, group_label

MAX_COLUMNS = 48
_LEAST_BUDGET = 240
_LEAST_FIXED, _MOST_FIXED = 1e-4, 1e9


def scene(panels: Sequence[Panel], max_cells: int, max_rows: int | None = None) -> dict[str, Any]:
    """All panels and what is known of their groups. Values are plain JSON numbers; NaN and the
    infinities are the strings 'nan', 'inf', '-inf'.
    """
    ids = [panel.id for panel in panels]
    if len(set(ids)) != len(ids):
        raise ValueError(f"Panel ids must differ, but these arrived: {ids}.")
    large = sum(panel.values.size > _LEAST_BUDGET for panel in panels)
    budget = max(_LEAST_BUDGET, max_cells // max(large, 1))
    boxes = {panel.id: shown_box(panel, budget, max_rows) for panel in panels}
    return {
        "panels": [panel_record(panel, boxes[panel.id]) for panel in panels],
        "groups": group_records(panels, boxes),
    }


def shown_box(panel: Panel, budget: int, max_rows: int | None = None) -> tuple[int, ...]:
    """How many indices of each axis are drawn, from the first on; at most `budget` cells, and
    `max_rows` rows in a table.

    Rows, columns and slices are kept whole where they can be; the outermost slices go first.

    >>> shown_box(Panel("x", "", np.zeros((64, 4, 4, 3)), axes="NHWC"), 200)
    (4, 4, 4, 3)
    >>> shown_box(Panel("x", "", np.zeros((64, 4))), 200, max_rows=12)
    (12, 4)
    """
    box = list(panel.shape)
    if panel.table_axes and max_rows is not None:
        rows = panel.table_axes[0]
        box[rows] = min(box[rows], max_rows)
    columns = panel.table_axes[1] if panel.table_axes else 0
    inner = list(panel.table_axes or (0,)) if box else []
    outer = [axis for axis in range(len(box)) if axis not in inner]
    if box and not (panel.vertical and len(box) == 1):
        box[columns] = min(box[columns], MAX_COLUMNS)
    for axis in [*outer, *inner]:
        others = math.prod(size for i, size in enumerate(box) if i != axis)
        box[axis] = min(box[axis], max(1, budget // max(others, 1)))
    return tuple(box)


def panel_record(panel: Panel, box: tuple[int, ...]) -> dict[str, Any]:
    """One panel for the browser, its cells in C order over the shown box."""
    part = tuple(slice(size) for size in box)
    shown = panel.values[part]
    style, digits = number_style(shown, panel.digits)
    return {
        "id": panel.id,
        "title": panel.title,
        "subtitle": panel.subtitle,
        "symbol": panel.symbol,
        "shape": list(panel.shape),
        "box": list(box),
        "axes": list(panel.axes),
        "table": list(panel.table_axes) if panel.table_axes else None,
        "vertical": panel.vertical,
        "role": panel.role,
        "editable": panel.editable,
        "link": panel.link,
        "layer": panel.layer,
        "style": style,
        "digits": digits,
        "formula": parsed(panel.formula) if panel.formula else None,
        "bracket": None if panel.bracket is None else _bracket(panel.bracket, box),
        "unit": _unit(panel.values.dtype),
        "note": bounds_note(panel, box),
        "values": json_numbers(shown),
        "groups": None if panel.groups is None else panel.groups[part].ravel().tolist(),
    }


def _bracket(axis: int, box: tuple[int, ...]) -> dict[str, Any]:
    """At which edge a bracket stands, and the labels of the groups at either of them.

    >>> _bracket(1, (3, 2))
    {'axis': 1, 'labels': ['A', 'B', 'C']}
    """
    return {"axis": axis, "labels": [group_label(group) for group in range(max(box))]}


def _unit(dtype: np.dtype[Any]) -> float:
    """By which share of itself a number of this type may be rounded."""
    return float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps) / 2


def bounds_note(panel: Panel, box: tuple[int, ...]) -> str:
    """Says what is left out, empty where nothing is.

    >>> x = Panel("x", "", np.zeros((64, 4, 4, 3)), axes="NHWC")
    >>> bounds_note(x, (4, 4, 4, 3))
    'Showing the first 4 of 64 along N: 12 of 192 slices. Every cell is computed.'
    """
    cuts = [
        f"the first {part} of {size} along {name}"
        for part, size, name in zip(box, panel.shape, panel.axes, strict=True)
        if part < size
    ]
    if not cuts:
        return ""
    outer = [axis for axis in range(len(box)) if axis not in (panel.table_axes or (0,))]
    part, whole = (math.prod(sizes[axis] for axis in outer) for sizes in (box, panel.shape))
    slices = f": {part} of {whole} slices" if part < whole else ""
    return f"Showing {' and '.join(cuts)}{slices}. Every cell is computed."


def group_records(
    panels: Sequence[Panel], boxes: Mapping[str, tuple[int, ...]]
) -> dict[str, dict[str, list[Any]]]:
    """{link: {group: [label, number of cells or 0]}} for the groups that are drawn."""
    records: dict[str, dict[str, list[Any]]] = {}
    for link in {panel.link for panel in panels if panel.groups is not None}:
        linked = [panel for panel in panels if panel.link == link and panel.groups is not None]
        data = next((panel for panel in linked if panel.role == "cells"), None)
        members = np.zeros(0, int) if data is None else data.groups[data.groups >= 0].ravel()
        found, sizes = np.unique(members, return_counts=True)
        counts = dict(zip(found.tolist(), sizes.tolist(), strict=True))
        drawn: set[int] = set()
        for panel in linked:
            part = tuple(slice(size) for size in boxes[panel.id])
            drawn.update(np.unique(panel.groups[part]).tolist())
        records[link] = {
            str(group): [group_label(group), counts.get(group, 0)]
            for group in sorted(drawn)
            if group >= 0
        }
    return records


def number_style(values: np.ndarray, digits: int | None = None) -> tuple[str, int]:
    """("fixed" or "exp", decimals): one format for a whole panel, so that the points align.

    As many decimals as the values need to be exact, at most 4 (2 from 1000 on, more where all
    values are small): rounding noise beside ordinary numbers shows as zero, not as an exponent.

    >>> number_style(np.array([277.75, 555.5])), number_style(np.array([1.0, 1000.0]))
    (('fixed', 2), ('fixed', 0))
    >>> number_style(np.array([2 / 3, 1e-17])), number_style(np.array([3e-12]))
    (('fixed', 4), ('exp', 3))
    """
    finite = np.abs(values[np.isfinite(values)].astype(np.float64))
    largest = float(finite.max(initial=0))
    if digits is not None or not largest:
        return "fixed", max(0, digits or 0)
    if not _LEAST_FIXED <= largest < _MOST_FIXED:
        return "exp", 3
    most = 2 if largest >= 1000 else max(4, 2 - math.floor(math.log10(largest)))
    for decimals in range(most):
        if np.allclose(finite, np.round(finite, decimals), rtol=0, atol=largest * 1e-15):
            return "fixed", decimals
    return "fixed", most


def json_numbers(values: np.ndarray) -> list[Any]:
    """Flat values for JSON. A float32 goes as its shortest decimal, not as its float64 digits.

    >>> json_numbers(np.array([1.0, np.nan, -np.inf])), json_numbers(np.float32([0.1]))
    ([1, 'nan', '-inf'], [0.1])
    """
    flat = values.ravel()
    if flat.dtype.kind == "f" and flat.dtype.itemsize < 8:
        flat = flat.astype(str).astype(np.float64)
    numbers = flat.tolist()
    if flat.dtype.kind != "f":
        return numbers
    return [
        (int(v) if v.is_integer() and abs(v) < 2**53 else v) if math.isfinite(v) else str(v)
        for v in numbers
    ]
