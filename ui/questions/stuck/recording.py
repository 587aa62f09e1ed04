"""The accuracies of both models, and where their moving means are, as a player plays them."""

from __future__ import annotations

import numpy as np

from bncore.experiments.validation_gap import GapFound, GapRun
from ui.drawing.player import Curve, Level, Plane, Quantity, Recording
from ui.drawing.player.scenes import together

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
        scenes=together(
            {
                key: _plane(key, keep, run)
                for key, (keep, run) in zip(KEYS, runs.items(), strict=False)
                if len(run.seen)
            }
        ),
    )


def _plane(key: str, keep: str, run: GapRun) -> Plane:
    """The validation rows as two units give them to the normalisation, and its moving mean."""
    return Plane(
        f"{key}-plane",
        f"Validation rows of the {key} model",
        f"keep {keep}, as two units give them to the normalisation",
        ("unit 0", "unit 1"),
        "validation rows",
        run.seen,
        run.fed,
        run.wrong,
        run.moving_mean,
        run.moving_variance,
    )
