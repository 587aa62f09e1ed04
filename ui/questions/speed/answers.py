"""Which way is faster, which one more exact, what each needs beside the tensor. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bncore.experiments.speed import Measured, SpeedFound
from bncore.moments import Array
from ui.page.claims import Claim, claim, worded
from ui.questions.speed.state import ROUNDS, WAYS, SpeedState
from ui.questions.speed.words import WORDS, error_text

FEWEST = 3  # rounds: from one alone nothing can be said
MUCH = 10.0
"""Times the error of NumPy's own way: the short formula has lost digits. Times their difference:
its two terms cancel."""


@dataclass(frozen=True)
class Timing:
    """Seconds: the median of the rounds, and between which they lie.

    >>> Timing.of([3.0, 1.0, 2.0])
    Timing(median=2.0, low=1.0, high=3.0)
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, seconds: Sequence[float] | Array) -> Timing:
        """Of what was measured, round by round."""
        return cls(float(np.median(seconds)), float(np.min(seconds)), float(np.max(seconds)))

    def clearly_below(self, other: Timing) -> bool:
        """Whether every round was faster than every round of the other."""
        return self.high < other.low


def words(state: SpeedState, found: SpeedFound) -> list[str]:
    """The answer in words."""
    return worded(claims(state, found), WORDS)


def claims(state: SpeedState, found: SpeedFound) -> list[Claim]:
    """What can be said of the ways that were measured, and of no other."""
    rows = found.ways
    made = _times(state, rows)
    if len(rows) == len(WAYS):
        made += _errors(state, rows)
        made.append(_memory(found.nbytes, rows))
    return made


def _times(state: SpeedState, rows: Mapping[str, Measured]) -> list[Claim]:
    rounds = min(len(rows[name].forward) if name in rows else 0 for name in WAYS)
    if rounds < FEWEST:
        return [claim("unfinished", rounds=rounds, wanted=ROUNDS)]
    engine, naive = (Timing.of(rows[name].moments) for name in ("engine", "naive"))
    kind = "level"
    if engine.clearly_below(naive) or naive.clearly_below(engine):
        kind = "less" if engine.median < naive.median else "more"
    errors = {name: rows[name].variance_error for name in ("engine", "naive")}
    first = claim(kind, engine=engine.median, naive=naive.median, errors=errors)
    forward = {name: Timing.of(rows[name].forward) for name in WAYS}
    best = min(forward, key=lambda name: forward[name].median)
    near = [name for name in WAYS if not forward[best].clearly_below(forward[name])]
    if len(near) > 1:  # the best is not clearly below itself
        return [first, claim("no fastest", names=near, guess=state.guess)]
    seconds = {name: timing.median for name, timing in forward.items()}
    return [first, claim("fastest", name=best, seconds=seconds, guess=state.guess)]


def _errors(state: SpeedState, rows: Mapping[str, Measured]) -> list[Claim]:
    errors = {name: rows[name].x_hat_error for name in WAYS}
    ranked = sorted(errors, key=lambda name: _rank(errors[name]))
    made = [claim("errors", best=ranked[0], worst=ranked[-1], errors=errors)]
    short, naive = (rows[name].variance_error for name in ("short", "naive"))
    share = state.mean**2
    lost = not math.isfinite(errors["short"]) or _rank(short) > MUCH * _rank(naive)
    if lost and share < MUCH:  # near 0 nothing cancels: that is no reason there
        made.append(claim("short worse", error=short, naive=naive))
    elif not math.isfinite(errors["short"]):
        made.append(claim("short negative", share=share, dtype=state.dtype))
    elif lost:
        made.append(claim("short lost", error=short, naive=naive, share=share, dtype=state.dtype))
    else:
        made.append(claim("short kept", error=short, naive=naive))
    if state.dtype == "float64":
        made.append(claim("single", error=errors["tensorflow"]))
    return made


def _memory(size: int, rows: Mapping[str, Measured]) -> Claim:
    """In tensors; the result is one of them, or (float64 of float32) two."""
    peaks = {name: rows[name].peak for name in WAYS}
    measured = {name: peak / size for name, peak in peaks.items() if peak is not None}
    return claim("memory", tensors=measured, without=[n for n in WAYS if n not in measured])


def _rank(error: float) -> float:
    return error if math.isfinite(error) else math.inf


def table(found: SpeedFound) -> pd.DataFrame:
    """Time, memory and error side by side, a way a row; what is not there yet is a dash."""
    rows = {WAYS[name]: _row(row, found.nbytes) for name, row in found.ways.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("way").reset_index()


def _row(row: Measured, size: int) -> dict[str, str]:
    speed = f"{size / np.median(row.forward) / 1e9:.2g}" if row.forward.size else "–"
    return {
        "mean and variance, ms": _milliseconds(row.moments),
        "with x̂, ms": _milliseconds(row.forward),
        "processor, ms": _milliseconds(row.cpu),
        "GB/s": speed,
        "memory, tensors": "not measured" if row.peak is None else f"{row.peak / size:.2f}",
        "error of the variance": error_text(row.variance_error),
        "error of x̂": error_text(row.x_hat_error),
        "device": row.device,
    }


def _milliseconds(seconds: Array) -> str:
    """The median, and between which the rounds lie."""
    if not seconds.size:
        return "–"
    timing = Timing.of(seconds)
    median, low, high = (
        f"{1e3 * each:.3g}" if each < 1 else f"{1e3 * each:.0f}"
        for each in (timing.median, timing.low, timing.high)
    )
    return f"{median} ({low} to {high})"
