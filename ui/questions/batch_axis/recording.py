"""The moving means of one of the two layers in both orders of the rows, as a player plays them."""

from __future__ import annotations

import numpy as np

from bncore.experiments.batch_axis import AxisFound
from ui.drawing.player import Curve, Formula, Level, Quantity, Recording
from ui.questions.batch_axis.answers import means
from ui.questions.batch_axis.state import BatchAxisState
from ui.questions.recorded import after_the_start, since_the_start

CURVES = (
    Curve("shuffled", "rows shuffled", 0),
    Curve("fixed", "rows in fixed order", 1, "dash"),
)


def played(found: AxisFound) -> tuple[Curve, ...]:
    """The runs that have been begun."""
    return tuple(curve for curve in CURVES if len(getattr(found.moving_mean, curve.key)))


def recording(state: BatchAxisState, found: AxisFound, axis: str) -> Recording:
    """Every update of both runs of the layer with this axis, its initial means before them."""
    curves, own = played(found), means(state, axis)
    updates = max(len(getattr(found.moving_mean, curve.key)) for curve in curves)
    moving, taken = (
        {curve.key: getattr(runs, curve.key) for curve in curves}
        for runs in (found.moving_mean, found.batch_mean)
    )
    name = "position" if axis == "0" else "feature"
    kept = "its row in fixed order" if axis == "0" else "the feature"
    levels = [Level(f"mean of {kept}", own, "dot")]
    if axis == "0":
        levels.append(Level("mean of all numbers", np.full_like(own, state.data.array.mean())))
    return Recording(
        unit="update",
        steps=np.arange(updates + 1),
        features=tuple(f"{name} {number}" for number in range(len(own))),
        curves=curves,
        quantities=(
            Quantity(
                "mean",
                "Moving mean",
                {key: since_the_start("mean", values) for key, values in moving.items()},
                tuple(levels),
            ),
            Quantity(
                "taken",
                "",
                {key: after_the_start(values) for key, values in taken.items()},
                pictured=False,
            ),
        ),
        formulas=(Formula("moving mean", "mean", "taken", state.keep),),
        total=state.updates,
        file=f"moving-means-of-each-{name}",
    )
