"""The accuracies of both models over the updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ui.drawing.figures import Figure, trajectory
from ui.drawing.palette import Palette
from ui.questions.stuck.answers import ACCURACIES

TITLES = (
    "training rows, training mode",
    "the same rows, inference mode",
    "validation rows, inference mode",
)


def accuracies(values: Mapping[str, Any], total: int, palette: Palette) -> dict[str, Figure]:
    """A figure for each keep that has been trained with; `total` updates are of both models."""
    return {
        keep: _of_one_model(keep, run, total // 2, palette)
        for keep, run in values["runs"].items()
        if len(run["loss"])
    }


def _of_one_model(keep: str, run: Mapping[str, Any], total: int, palette: Palette) -> Figure:
    return trajectory(
        np.arange(1, len(run["loss"]) + 1),
        {title: run[name] for title, name in zip(TITLES, ACCURACIES, strict=True)},
        {},
        palette,
        title=f"Accuracy with keep {keep}",
        total=total,
        log=False,
        y_range=(0, 1.03),
    )
