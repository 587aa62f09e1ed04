"""The recorded distributions, as a player plays them: a hill for each variant, block by block."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from bncore.experiments.placement import StudyFound, VariantRun
from bncore.placement import RANGES, SATURATED
from ui.drawing.player import Bins, Quantity, Recording
from ui.questions.classifier.recording import curves, quantity
from ui.questions.distributions.words import flat_name

Ranges = tuple[tuple[float, float], ...]


def recording(found: StudyFound, activation: str, updates: int) -> Recording:
    """Every look at the distributions, of so many updates that are planned.

    The orphan is left out: its distributions are those of “none”.
    """
    runs = {name: run for name, run in found.runs.items() if name != "orphan"} or found.runs
    furthest = max((run.update for run in runs.values()), key=len)
    depth = max(run.flat.shape[1] for run in runs.values() if run.flat.ndim > 1)
    before, after = flats(activation)
    word = "dead" if activation == "relu" else "saturated"
    return Recording(
        unit="update",
        steps=furthest,
        features=tuple(f"block {number + 1}" for number in range(depth)),
        curves=curves(runs),
        quantities=(
            _hills("pre", "Pre-activations", runs, Bins(*RANGES["pre"], before, "flat", word)),
            _hills(
                "act", f"After {activation}", runs, Bins(*RANGES[activation], after, "flat", word)
            ),
            quantity("flat", flat_name(activation), {n: run.flat for n, run in runs.items()}),
        ),
        scale="log",
        total=updates,
        file="distributions",
    )


def _hills(key: str, title: str, runs: Mapping[str, VariantRun], bins: Bins) -> Quantity:
    counted = {name: getattr(run, key) for name, run in runs.items()}
    seen = {name: counts.astype(np.int32) for name, counts in counted.items() if counts.ndim > 1}
    return Quantity(key, title, seen, bins=bins)


def flats(activation: str) -> tuple[Ranges, Ranges]:
    """Where the activation is flat: for what arrives at it, and for what leaves it.

    >>> [[round(end, 2) for end in ends] for ends in flats("tanh")[0]], flats("tanh")[1]
    ([[-6.0, -1.83], [1.83, 6.0]], ((-1.0, -0.95), (0.95, 1.0)))
    >>> flats("relu")
    (((-6.0, 0.0),), ())
    """
    least, most = RANGES["pre"]
    if activation == "relu":
        return ((least, 0.0),), ()
    low, high = SATURATED[activation]
    first, last = RANGES[activation]
    inverse = math.atanh if activation == "tanh" else _logit
    return ((least, inverse(low)), (inverse(high), most)), ((first, low), (high, last))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
