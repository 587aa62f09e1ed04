"""The gap between both modes over the updates, and both outputs number by number."""

from __future__ import annotations

import numpy as np

from bncore.experiments.modes import ModesFound
from ui.drawing.figures import Figure, trajectory
from ui.drawing.grid import Panel
from ui.drawing.palette import Palette
from ui.questions.modes.answers import final_gap, gaps
from ui.questions.modes.state import ModesState, looked_at

DRAWN_ROWS = 12


def curves(state: ModesState, found: ModesFound, palette: Palette, at: int | None = None) -> Figure:
    """The gap of every layer, and the line where it is expected to end."""
    left = final_gap(state, found)
    return trajectory(
        found.update,
        {f"keep {keep}": curve for keep, curve in gaps(found).items()},
        {} if left is None else {"settled statistics": left},
        palette,
        title="Mean distance between both outputs",
        total=state.updates,
        log=False,
        at=at,
    )


def outputs(state: ModesState, found: ModesFound, update: int) -> list[Panel]:
    """The batch, and what the chosen layer makes of it in both modes after this update."""
    keep, training = looked_at(state), found.training
    inference = found.layers[keep].inference[update - 1] if update else found.first
    x = state.data.array[: len(training)]
    groups = np.broadcast_to(np.arange(x.shape[1]), x.shape)[:DRAWN_ROWS]
    parts = {
        "x": ("The batch", x),
        "training": ("Training mode", training),
        "inference": ("Inference mode", inference),
        "difference": ("Difference", inference - training),
    }
    return [
        Panel(name, title, numbers[:DRAWN_ROWS], groups=groups, axes=("N", "C"))
        for name, (title, numbers) in parts.items()
    ]
