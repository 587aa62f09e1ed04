"""What a line shows: at every step of its slider a number for each row, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore.moments import Array


@dataclass(frozen=True, eq=False)
class Line:
    """Rows of dots over one number line.

    Args:
        slider: what the slider chooses, such as "Numbers behind a variance, n".
        steps: the numbers that it can choose, ascending.
        start: the one of them that it opens with.
        measure: what the number line measures.
        rows: by the row's name, a number for each step; NaN where there is none.
        said: a sentence for each step.

    ValueError where the lengths differ, or `start` is none of the steps.
    """

    slider: str
    steps: tuple[int, ...]
    start: int
    measure: str
    rows: Mapping[str, Array]
    said: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {len(self.steps), len(self.said), *(len(each) for each in self.rows.values())}
        if len(lengths) > 1:
            raise ValueError(f"{sorted(lengths)} steps, numbers and sentences: not equally many")
        if self.start not in self.steps:
            raise ValueError(f"the start {self.start} is none of the steps")


def record(line: Line) -> dict[str, Any]:
    """A line as JSON takes it.

    >>> one = Line("n", (2, 3), 2, "factor", {"n/(n-1)": np.array([2.0, 1.5])}, ("two", "three"))
    >>> record(one)["rows"]
    [{'name': 'n/(n-1)', 'values': [2.0, 1.5]}]
    """
    return {
        "slider": line.slider,
        "steps": line.steps,
        "start": line.steps.index(line.start),
        "measure": line.measure,
        "rows": [
            {"name": name, "values": [float(v) if np.isfinite(v) else None for v in values]}
            for name, values in line.rows.items()
        ],
        "said": line.said,
    }
