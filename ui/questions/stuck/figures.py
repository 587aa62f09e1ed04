"""The accuracies of both models over the updates."""

from __future__ import annotations

import numpy as np

from bncore.experiments.validation_gap import GapFound, GapRun
from ui.drawing.figures import Figure, trajectory
from ui.drawing.palette import Palette


def accuracies(found: GapFound, total: int, palette: Palette) -> dict[str, Figure]:
    """A figure for each keep that has been trained with; `total` updates are of both models."""
    return {
        keep: _of_one_model(keep, run, total // 2, palette)
        for keep, run in found.runs.items()
        if len(run.loss)
    }


def _of_one_model(keep: str, run: GapRun, total: int, palette: Palette) -> Figure:
    return trajectory(
        np.arange(1, len(run.loss) + 1),
        {
            "training rows, training mode": run.training_mode,
            "the same rows, inference mode": run.inference_mode,
            "validation rows, inference mode": run.validation,
        },
        {},
        palette,
        title=f"Accuracy with keep {keep}",
        total=total,
        log=False,
        y_range=(0, 1.03),
    )
