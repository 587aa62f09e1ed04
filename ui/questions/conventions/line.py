"""What the chosen conventions store of a variance, for every number of elements behind it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bncore.moments import Array
from ui.drawing.line import Line
from ui.questions.conventions.state import (
    TITLES,
    ConventionsState,
    biased_variance,
    convention_of,
    split_of,
)

COUNTS = tuple(range(2, 101))
ALIKE = 1e-6
"""Numbers that differ by less, relative to their size, are called the same."""


def line(state: ConventionsState, names: Iterable[str]) -> Line | None:
    """By convention what it stores over the biased variance; None where that is 0."""
    biased = np.array(biased_variance(state))
    if not biased:
        return None
    split, rows = split_of(state), {}
    for name in names:
        convention = convention_of(state, name)
        stored = convention.estimator_for(split).stored
        found = [float(stored(biased, n, convention.epsilon) / biased) for n in COUNTS]
        rows[TITLES[name]] = np.where(np.isfinite(found), found, np.nan)
    return Line(
        slider="Elements that the variance is taken over, n",
        steps=COUNTS,
        start=min(max(split.count, COUNTS[0]), COUNTS[-1]),
        measure="stored, times the biased variance",
        rows=rows,
        said=tuple(
            _said(n, np.array([row[i] for row in rows.values()])) for i, n in enumerate(COUNTS)
        ),
    )


def groups(values: Array) -> list[float]:
    """The different numbers among these, ascending; NaN is none.

    >>> groups(np.array([1.25, 1.0, 1.0 + 1e-9, np.nan]))
    [1.0, 1.25]
    """
    found: list[float] = []
    for value in sorted(values[np.isfinite(values)]):
        if not found or value - found[-1] > ALIKE * abs(value):
            found.append(float(value))
    return found


def _said(n: int, values: Array) -> str:
    different = groups(values)
    if not different:
        none = "none of them stores a number" if values.size > 1 else "it stores no number"
        return f"n = {n}: {none}."
    stored, of = np.isfinite(values).sum(), values.size
    some = f"{stored} of {of} store a number: " * bool(stored < of)
    if len(different) == 1:
        alike = some or ("all of them store " if of > 1 else "it stores ")
        return f"n = {n}: {alike}{different[0]:.5g} times the biased variance."
    return (
        f"n = {n}: {some}{len(different)} different numbers, from {different[0]:.5g} to "
        f"{different[-1]:.5g} times the biased variance{_apart(different)}."
    )


def _apart(different: list[float]) -> str:
    """How much larger the largest is; nothing where the smallest is no size to compare with."""
    if different[0] <= 0:
        return ""
    apart = 100 * (different[-1] / different[0] - 1)
    return f": up to {f'{apart:,.0f}' if apart >= 10 else f'{apart:.2g}'} % apart"
