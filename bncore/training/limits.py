"""How much one visitor, and all of them together, may ask of the training service."""

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True)
class Limits:
    """The limits, each with a setting of the environment.

    Args:
        waiting_each: jobs of one visitor that may wait (BNLAB_WAITING_EACH).
        waiting_all: jobs that may wait in all (BNLAB_WAITING_ALL).
        training_seconds: of one visitor within an hour (BNLAB_TRAINING_SECONDS).

    >>> Limits.of({"BNLAB_WAITING_EACH": "3"})
    Limits(waiting_each=3, waiting_all=200, training_seconds=1800)
    """

    waiting_each: int = 8
    waiting_all: int = 200
    training_seconds: int = 1800

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> "Limits":
        """What the environment says; ValueError where that is no number."""
        found = {}
        for name in cls.__dataclass_fields__:
            setting = f"BNLAB_{name.upper()}"
            text = environ.get(setting, "").strip()
            if text and not (text.isdecimal() and 1 <= int(text) <= 10**6):
                raise ValueError(f"{setting} is a whole number from 1 to 1,000,000, not {text!r}")
            if text:
                found[name] = int(text)
        return cls(**found)


class Spent:
    """The seconds that each visitor has trained within the last hour.

    >>> spent = Spent(limit=10)
    >>> spent.add("ada", 6, now=0); spent.add("ada", 6, now=60)
    >>> spent.wait("ada", now=100), spent.wait("bob", now=100), spent.wait("ada", now=3600)
    (3500.0, 0.0, 0.0)
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._spent: dict[str, deque[tuple[float, float]]] = {}

    def add(self, visitor: str, seconds: float, now: float) -> None:
        """A run of this visitor took so long."""
        self._spent.setdefault(visitor, deque()).append((now, seconds))
        for each in list(self._spent):
            self._forget(each, now)

    def wait(self, visitor: str, now: float) -> float:
        """In how many seconds this visitor may train again; 0 for now."""
        self._forget(visitor, now)
        runs = self._spent.get(visitor, deque())
        left = sum(seconds for _, seconds in runs)
        until = now
        for ended, seconds in runs:
            if left < self._limit:
                break
            left, until = left - seconds, ended + HOUR
        return float(until - now)

    def _forget(self, visitor: str, now: float) -> None:
        runs = self._spent.get(visitor, deque())
        while runs and runs[0][0] <= now - HOUR:
            runs.popleft()
        if not runs:
            self._spent.pop(visitor, None)
