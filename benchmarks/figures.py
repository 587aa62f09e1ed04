"""What a figure is, and how two things are timed fairly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """One measured number and its goal; `note` says what else was found, in a line.

    >>> Figure("f", "twice as fast", 0.4, "x", "<=", 0.5).met
    True
    """

    name: str
    title: str
    value: float
    unit: str
    sense: Literal["<=", ">="]
    goal: float
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the value keeps the goal."""
        kept = self.value <= self.goal if self.sense == "<=" else self.value >= self.goal
        return bool(kept)  # NumPy's own bool is none for JSON


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(
    first: Callable[[], object], second: Callable[[], object], rounds: int = 7
) -> tuple[float, float]:
    """Median seconds of two things, timed in turns so that a slow minute hits both."""
    first(), second()  # warm caches, and compile what compiles
    times = [(seconds(first), seconds(second)) for _ in range(rounds)]
    return median(t[0] for t in times), median(t[1] for t in times)
