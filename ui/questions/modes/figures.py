"""Both outputs, number by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncore.experiments.modes import ModesFound
from bncore.moments import Array
from ui.drawing.grid import Panel
from ui.questions.modes.state import ModesState, looked_at

DRAWN_ROWS = 12


def outputs(state: ModesState, found: ModesFound, update: int) -> list[Panel]:
    """The batch, the statistics of both modes after this update, and what follows from them."""
    training, (moving_mean, moving_variance) = found.training, held(state, found, update)
    keep = looked_at(state)
    inference = found.layers[keep].inference[update - 1] if update else found.first
    batch = state.data.array[: len(training)]
    columns = np.arange(batch.shape[1])

    def rows(name: str, title: str, numbers: Array, formula: str = "", **kind: Any) -> Panel:
        groups = np.broadcast_to(columns, numbers.shape)
        return Panel(name, title, numbers, groups=groups, axes=("N", "C"), formula=formula, **kind)

    def row(name: str, title: str, numbers: Array, formula: str = "", **more: Any) -> Panel:
        kind: dict[str, Any] = {"groups": columns, "axes": ("C",), "role": "statistic", **more}
        return Panel(name, title, numbers, formula=formula, **kind)

    normalised = f"(x - {{}}mean) / sqrt({{}}variance + {state.epsilon})"
    return [
        rows("x", "The batch", batch),
        row("mean", "Mean of the batch", batch.mean(axis=0), "mean(x)"),
        row("variance", "Variance of the batch", batch.var(axis=0), "mean((x - mean)**2)"),
        rows("training", "Training mode", training, normalised.format("", "")),
        row("moving_mean", "Moving mean", moving_mean, layer=keep),
        row("moving_variance", "Moving variance", moving_variance, layer=keep),
        rows(
            "inference",
            "Inference mode",
            inference,
            normalised.format(*["moving_"] * 2),
            layer=keep,
        ),
        rows("difference", "Difference", inference - training, "inference - training", layer=keep),
    ]


def held(state: ModesState, found: ModesFound, update: int) -> tuple[Array, Array]:
    """The moving mean and variance after this update, of the layer that is looked at."""
    layer, features = found.layers[looked_at(state)], state.data.shape[1]
    if not update:
        return np.zeros(features, int), np.ones(features, int)
    return layer.moving_mean[update - 1], layer.moving_variance[update - 1]
