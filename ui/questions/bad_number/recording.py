"""What the layer holds of every feature after each update, as a player plays it."""

from __future__ import annotations

import numpy as np

from bncore.experiments.bad_number import BadNumberFound
from bncore.moments import Array
from ui.drawing.player import Curve, Event, Formula, Level, Quantity, Recording
from ui.questions.bad_number.state import NUMBERS, BadNumberState, asked
from ui.questions.recorded import INITIAL, since_the_start

TOGETHER = 12  # as many features as can still be told apart in one picture


def recording(state: BadNumberState, found: BadNumberFound) -> Recording:
    """Moving mean and variance, and what each update took over: the batch's own."""
    fed = asked(state)
    happens = fed.before + 1
    steps = np.concatenate([[0], found.update])
    bad = (steps == happens)[:, None]
    clean, spoilt = statistics(fed.data), statistics(fed.bad)
    quantities = []
    for name, moving in (("mean", found.moving_mean), ("variance", found.moving_variance)):
        goal = np.where(np.isfinite(clean[name]), clean[name], INITIAL[name])
        taken = np.where(bad, spoilt[name], clean[name])
        quantities += [
            Quantity(
                name,
                f"Moving {name}",
                {"layer": since_the_start(name, moving)},
                (Level("clean batches", clean[name], "dot"),),
                span=(np.minimum(goal, INITIAL[name]), np.maximum(goal, INITIAL[name])),
            ),
            Quantity(f"taken_{name}", "", {"layer": taken}, pictured=False),
        ]
    return Recording(
        unit="update",
        steps=steps,
        features=tuple(f"feature {i}" for i in range(fed.data.shape[1])),
        curves=(Curve("layer", "the layer"),),
        quantities=tuple(quantities),
        formulas=tuple(
            Formula(f"moving {name}", name, f"taken_{name}", state.keep) for name in INITIAL
        ),
        events=(Event(happens, f"{NUMBERS[state.bad]} in feature {fed.feature}"),),
        together=fed.data.shape[1] <= TOGETHER,
        total=fed.before + 1 + fed.after,
        file="bad-number",
    )


def statistics(rows: Array) -> dict[str, Array]:
    """Mean and variance of each feature, in the layer's own precision."""
    with np.errstate(all="ignore"):
        found = {"mean": rows.mean(axis=0), "variance": rows.var(axis=0)}
    return found
