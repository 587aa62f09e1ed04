"""The four moving means and variances after each update, as a player plays them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bncore.experiments.iris import IrisFound
from bncore.moments import Array
from ui.drawing.player import Curve, Formula, Level, Quantity, Recording
from ui.questions.iris.answers import lines
from ui.questions.iris.state import IrisState, updates
from ui.questions.recorded import after_the_start, since_the_start

EXPECTED = {"mean": "mean of all rows", "variance": "expected final value"}


def recording(state: IrisState, x: Array, names: Sequence[str], found: IrisFound) -> Recording:
    """Every update, a new layer's statistics before it; what each took over, for its arithmetic."""
    levels = {
        statistic: (Level(EXPECTED[statistic], line, "dot"),)
        for statistic, line in lines(state, x).items()
    }
    quantities = []
    for statistic in EXPECTED:
        moving = since_the_start(statistic, getattr(found, f"moving_{statistic}"))
        taken = after_the_start(getattr(found, f"batch_{statistic}"))
        quantities += [
            Quantity(
                statistic, f"Moving {statistic}", {"layer": moving}, levels.get(statistic, ())
            ),
            Quantity(f"taken_{statistic}", "", {"layer": taken}, pictured=False),
        ]
    return Recording(
        unit="update",
        steps=np.concatenate([[0], found.update]),
        features=tuple(names),
        curves=(Curve("layer", "the layer"),),
        quantities=tuple(quantities),
        formulas=tuple(
            Formula(f"moving {name}", name, f"taken_{name}", state.keep) for name in EXPECTED
        ),
        together=True,
        total=updates(state, len(x)),
        file="iris",
    )
