"""The rows of each update and the four moving means and variances, as a player plays them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bncore.datasets import Dataset
from bncore.experiments.iris import IrisFound
from ui.drawing.player import Curve, Formula, Level, Quantity, Recording, Rows
from ui.drawing.player.scenes import NO_ROW
from ui.questions.iris.answers import lines
from ui.questions.iris.state import IrisState, updates
from ui.questions.recorded import after_the_start, since_the_start

FLOWERS = ("setosa", "versicolor", "virginica")
EXPECTED = {"mean": "mean of all rows", "variance": "expected final value"}


def recording(state: IrisState, data: Dataset, names: Sequence[str], found: IrisFound) -> Recording:
    """Every update, a new layer's statistics before it; what each took over, for its arithmetic."""
    levels = {
        statistic: (Level(EXPECTED[statistic], line, "dot"),)
        for statistic, line in lines(state, data.values).items()
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
        total=updates(state, len(data.values)),
        file="iris",
        scenes=(_rows(data, found),),
    )


def _rows(data: Dataset, found: IrisFound) -> Rows:
    """The flowers, and which of them each mini-batch holds; before the first one, none."""
    assert data.labels is not None  # flowers have names
    none = np.full_like(found.rows[:1], NO_ROW)
    return Rows(
        "rows",
        "The rows of the batch",
        f"among all {len(data.values)} flowers, the first one at the top",
        data.values,
        np.concatenate([none, found.rows]),
        (data.labels, FLOWERS),
        curve="layer",
        batch="taken_mean",
        moving="mean",
    )
