"""The gap between both modes over the updates, and both outputs number by number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ui.drawing.figures import Figure, trajectory
from ui.drawing.grid import Panel
from ui.drawing.palette import Palette
from ui.questions.modes.answers import final_gap, gaps
from ui.questions.modes.state import ModesState, looked_at

DRAWN_ROWS = 12


def curves(
    state: ModesState, values: Mapping[str, Any], palette: Palette, at: int | None = None
) -> Figure:
    """The gap of every layer, and the line where it is expected to end."""
    left = final_gap(state, values)
    return trajectory(
        values["update"],
        {f"keep {keep}": curve for keep, curve in gaps(values).items()},
        {} if left is None else {"settled statistics": left},
        palette,
        title="Mean distance between both outputs",
        total=state.updates,
        log=False,
        at=at,
    )


def outputs(state: ModesState, values: Mapping[str, Any], update: int) -> list[Panel]:
    """The batch, and what the chosen layer makes of it in both modes after this update."""
    keep, training = looked_at(state), values["training"]
    inference = values["inference"][keep][update - 1] if update else values["first"]
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
