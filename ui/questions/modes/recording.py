"""The gap between both modes over the updates, as a player plays it."""

from __future__ import annotations

import numpy as np

from bncore.experiments.modes import ModesFound
from ui.drawing.player import Curve, Level, Quantity, Recording
from ui.questions.modes.answers import final_gap, first_gap, gaps
from ui.questions.modes.state import ModesState

_DASHES = ("solid", "dash", "dashdot", "dot")


def recording(state: ModesState, found: ModesFound) -> Recording:
    """The gap of every layer, a new one's before the first update, and where it should end."""
    left, start = final_gap(state, found), first_gap(found)
    return Recording(
        unit="update",
        steps=np.concatenate([[0], found.update]),
        features=("gap",),
        curves=tuple(
            Curve(keep, f"keep {keep}", number, _DASHES[number % len(_DASHES)])
            for number, keep in enumerate(found.layers)
        ),
        quantities=(
            Quantity(
                "gap",
                "Mean distance between both outputs",
                {
                    keep: np.concatenate([[start], curve])[:, None]
                    for keep, curve in gaps(found).items()
                },
                ()
                if left is None
                else (Level("expected final gap", np.array([left]), "dot", late=True),),
            ),
        ),
        total=state.updates,
        file="both-modes",
    )
