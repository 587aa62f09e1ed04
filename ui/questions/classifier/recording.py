"""What the repetitions of several variants bring, as a player plays it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.drawing.player import Curve, Quantity

SHORT = {
    "none": "none",
    "before": "before",
    "after": "after",
    "output": "before + output",
    "orphan": "orphan",
}
Told = tuple[Array, Array, Array]
"""The least, the mean and the largest, (rows, columns) each."""

_DASHES = {"output": "dash", "orphan": "dot"}  # which may cover “before” and “none”


def curves(names: Iterable[str]) -> tuple[Curve, ...]:
    """A curve for each variant, in the order in which they were asked for."""
    return tuple(
        Curve(name, SHORT[name], number, _DASHES.get(name, "solid"))
        for number, name in enumerate(names)
    )


def quantity(
    key: str,
    title: str,
    measured: Mapping[str, Array],
    *,
    begins: int = 0,
    banded: bool = True,
    **more: Any,
) -> Quantity:
    """The mean over the repetitions (the last axis), between the least and the largest of them.

    What is not finite is left out, and so is a variant of which nothing has come. With `begins` the
    vertical axis has room for the means from that row on, and for the bands of the last row.
    """
    known = {name: _told(values) for name, values in measured.items() if values.ndim > 1}
    values = {name: mean for name, (_, mean, _) in known.items()}
    bands = {name: (low, high) for name, (low, _, high) in known.items() if banded}
    span = _span([*known.values()], begins) if begins else None
    return Quantity(key, title, values, bands=bands, span=span, **more)


def _span(known: list[Told], begins: int) -> tuple[Array, Array] | None:
    """Where the axis of each column ends; None where there is nothing to show from that row on."""
    shown = [np.concatenate([mean[begins:], low[-1:], high[-1:]]) for low, mean, high in known]
    if not shown or not np.isfinite(np.concatenate(shown)).any(axis=0).all():
        return None
    every = np.concatenate(shown)
    return np.nanmin(every, axis=0), np.nanmax(every, axis=0)


def _told(values: Array) -> Told:
    """The least, the mean and the largest of what is finite along the last axis; NaN of nothing.

    >>> [each.tolist() for each in _told(np.array([[1.0, 2.0], [np.nan, 4.0]]))]
    [[[1.0], [4.0]], [[1.5], [4.0]], [[2.0], [4.0]]]
    """
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=-1, dtype=float) / count
    low, high = (
        measure(np.where(known, values, fill), axis=-1)
        for measure, fill in ((np.min, np.inf), (np.max, -np.inf))
    )
    columns = (np.where(count, each, np.nan).astype(float) for each in (low, mean, high))
    low, mean, high = (each.reshape(len(values), -1) for each in columns)
    return low, mean, high
