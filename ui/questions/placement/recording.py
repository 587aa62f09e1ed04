"""The recorded study, as a player plays it: every variant over the epochs."""

from __future__ import annotations

import numpy as np

from bncore.experiments.placement import StudyFound
from bncore.moments import Array
from ui.drawing.player import Level, Quantity, Recording
from ui.questions.classifier.recording import curves, quantity
from ui.questions.placement.answers import judged
from ui.state.amounts import counted

MEASURES = {
    "validation_accuracy": "Validation accuracy",
    "validation_loss": "Validation loss",
    "loss": "Training loss (training mode)",
    "accuracy": "Training accuracy (training mode)",
}


def recording(found: StudyFound, epochs: int) -> Recording:
    """Every epoch of so many that are planned, before training as epoch 0.

    The axes begin with the first trained one, and so does what is looked at: before it nothing has
    been learned, and some of the numbers are none.
    """
    measures = [
        quantity(
            key, title, {name: getattr(run, key) for name, run in found.runs.items()}, begins=1
        )
        for key, title in MEASURES.items()
    ]
    against = [_against_none(found)] if len(found.runs) > 1 and "none" in found.runs else []
    return Recording(
        unit="epoch",
        steps=np.arange(max(len(run.loss) for run in found.runs.values())),
        features=(f"mean of {counted(len(found.most_common), 'repetition')}",),
        curves=curves(found.runs),
        quantities=(*against, *measures),
        total=epochs,
        opens=1,
        file="placement",
    )


def _against_none(found: StudyFound) -> Quantity:
    """How much more accurate each repetition is than the same one without normalisation.

    Both share split, batches and initial weights, so what makes a split hard cancels out.
    """
    none = judged(found.runs["none"])
    pairs = {name: _less(judged(run), none) for name, run in found.runs.items() if name != "none"}
    return quantity(
        "against_none",
        "Accuracy above “none” (points, same split)",
        pairs,
        begins=1,
        levels=(Level("none", np.zeros(1)),),
    )


def _less(first: Array, second: Array) -> Array:
    """The difference in points, as far as both have come."""
    if min(first.ndim, second.ndim) < 2:
        return np.empty(0)
    both = min(len(first), len(second))
    points: Array = 100 * (first[:both].astype(float) - second[:both])
    return points
