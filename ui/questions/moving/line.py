"""What a correction makes of the biased variance, for every number of rows."""

from __future__ import annotations

import numpy as np

from bncore.paths import CANDIDATES
from ui.drawing.line import Line
from ui.questions.moving.state import MovingState
from ui.questions.moving.words import percent

COUNTS = tuple(range(2, 101))


def line(state: MovingState) -> Line:
    """By each estimator its number over the biased variance, from the engine's own factor."""
    rows = {
        each.id: np.array([each.factor(n, state.epsilon) for n in COUNTS]) for each in CANDIDATES
    }
    return Line(
        slider="Rows that a variance is taken over, n",
        steps=COUNTS,
        start=min(max(state.batch_size, COUNTS[0]), COUNTS[-1]),
        measure="times the biased variance",
        rows={name: np.where(np.isfinite(values), values, np.nan) for name, values in rows.items()},
        said=tuple(map(_said, COUNTS, rows["n/(n-1)"])),
    )


def _said(n: int, factor: float) -> str:
    end = " Drag n up: they come together." if n < 10 else ""
    return (
        f"n = {n}: the unbiased variance is {n}/{n - 1} of the biased one, "
        f"{percent(factor - 1)} more.{end}"
    )
