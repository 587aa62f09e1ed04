"""The accuracies of both models after every update, as a player plays them."""

from __future__ import annotations

import numpy as np

from bncore.experiments.validation_gap import GapFound
from ui.drawing.player import Curve, Level, Quantity, Recording

CURVES = (
    Curve("training_mode", "training rows, training mode", 0),
    Curve("inference_mode", "training rows, inference mode", 1, "dash"),
    Curve("validation", "validation rows", 2, "dot"),
)

KEYS = ("first", "second")


def recording(found: GapFound, total: int) -> Recording:
    """A picture for each keep, and what guessing the most common class would give."""
    runs = {keep: run for keep, run in found.runs.items() if len(run.loss)}
    updates = max(len(run.loss) for run in runs.values())
    common = Level(f"most common class, {found.most_common:.1%}", np.array([found.most_common]))
    return Recording(
        unit="update",
        steps=np.arange(1, updates + 1),
        features=("accuracy",),
        curves=CURVES,
        quantities=tuple(
            Quantity(
                key,
                f"Accuracy of the {key} model, keep {keep}",
                {curve.key: getattr(run, curve.key)[:, None] for curve in CURVES},
                (common,),
                span=(np.zeros(1), np.ones(1)),
            )
            for key, (keep, run) in zip(KEYS, runs.items(), strict=False)
        ),
        total=total,
        file="stuck-validation",
    )
