"""What the page about a validation that is stuck holds, and the job that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bncore
from bncore.experiments.validation_gap import GapFound, ValidationGap
from bncore.training.jobs import Job
from ui.page.predictions import predictions
from ui.state import fields
from ui.state.amounts import counted

MOST_UPDATES = 20_000
GUESSES = predictions(
    overfitting="the model overfits",
    lagging="the moving statistics lag behind",
)
SETS = {"breast-cancer": "Breast cancer (569 × 30)", "wine": "Wine (178 × 13)", "iris": "Iris"}


@dataclass(frozen=True)
class StuckState:
    """A classifier, trained with each of two keeps."""

    classes: str = fields.choice("breast-cancer", tuple(SETS))
    keep: float = fields.number(0.999, 0, 1)
    second_keep: float = fields.number(0.9, 0, 1)
    batch_size: int = fields.integer(8, 1, 128)
    epochs: int = fields.integer(5, 1, 200)
    learning_rate: float = fields.number(0.01, 0, 10)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    guess: str = fields.prediction(GUESSES)


def summary(state: StuckState) -> str:
    """The settings in a line."""
    return (
        f"{SETS[state.classes]}, keep {state.keep:.10g} and {state.second_keep:.10g}, "
        f"{counted(state.epochs, 'epoch')} of batches of {state.batch_size}"
    )


def problem(state: StuckState) -> str:
    """Why the two keeps cannot be trained side by side; empty where they can."""
    if state.keep == state.second_keep:
        return f"Both keeps are {state.keep:g}: choose two that differ."
    updates = math.ceil(rows(state) / state.batch_size) * state.epochs
    if updates > MOST_UPDATES:
        return (
            f"These are {updates:,} updates; at most {MOST_UPDATES:,} are trained here. "
            "Choose fewer epochs or a larger batch size."
        )
    return ""


def rows(state: StuckState) -> int:
    """How many rows are trained on."""
    every = len(bncore.DATASETS[state.classes]().values)
    return every - round(every * 0.2)


def job(state: StuckState) -> Job[GapFound]:
    """A classifier, trained with each of the two keeps."""
    data = bncore.DATASETS[state.classes]()
    asked = ValidationGap(
        data.values,
        data.labels,
        keeps=(state.keep, state.second_keep),
        batch_size=state.batch_size,
        epochs=state.epochs,
        learning_rate=state.learning_rate,
        seed=state.seed,
    )
    return Job(asked, "Stuck validation")
