"""What the Iris page holds, and the run that follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bncore
from bncore.experiments.iris import Iris, IrisFound
from bncore.training.jobs import Job
from ui.page.predictions import predictions
from ui.state import fields
from ui.state.amounts import counted
from ui.state.numbers import format_number

GUESSES = predictions(
    **{"150": "150: one per sample", "4": "4: one per feature", "1": "1: one for all numbers"}
)

MOST_UPDATES = 100_000


@dataclass(frozen=True)
class IrisState:
    """The model, its training, and the prediction."""

    hidden: int = fields.integer(4, 1, 256)
    epochs: int = fields.integer(100, 1, 2000)
    batch_size: int = fields.integer(32, 1, 150)
    learning_rate: float = fields.number(0.01, 0, 10)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    looked_at: int = fields.integer(0, 0, 3)
    guess: str = fields.prediction(GUESSES)


def summary(state: IrisState) -> str:
    """The settings in a line."""
    return (
        f"{counted(state.epochs, 'epoch')} of batches of {state.batch_size}, "
        f"{counted(state.hidden, 'hidden unit')}, keep {state.keep:.10g}"
    )


def updates(state: IrisState, rows: int) -> int:
    """How many updates the epochs are: the smaller last batch of each counts as one."""
    return state.epochs * math.ceil(rows / state.batch_size)


def problem(state: IrisState, rows: int) -> str:
    """Why this cannot be trained, in a sentence; empty where it can."""
    count = updates(state, rows)
    if count > MOST_UPDATES:
        return (
            f"{state.epochs:,} epochs of batches of {state.batch_size} are {count:,} updates, more "
            f"than the {MOST_UPDATES:,} that can be recorded here. Choose fewer epochs or larger "
            "batches."
        )
    return ""


def job(state: IrisState) -> Job[IrisFound]:
    """The run that this state asks for."""
    data = bncore.DATASETS["iris"]()
    asked = Iris(
        data.values,
        data.labels,
        hidden=state.hidden,
        epochs=state.epochs,
        batch_size=state.batch_size,
        learning_rate=state.learning_rate,
        keep=state.keep,
        epsilon=state.epsilon,
        seed=state.seed,
    )
    return Job(asked, "Iris")


def code(state: IrisState, features: int, classes: int) -> str:
    """The asker's model, as it is trained."""
    return (
        "model = keras.Sequential([\n"
        f"    keras.Input(({features},)),\n"
        f"    keras.layers.BatchNormalization(momentum={format_number(state.keep)}, "
        f"epsilon={format_number(state.epsilon)}),\n"
        f'    keras.layers.Dense({state.hidden}, activation="relu"),\n'
        f"    keras.layers.Dense({classes}),\n"
        "])\n"
        f"# Adam({format_number(state.learning_rate)}), sparse categorical cross-entropy from "
        f"logits, {state.epochs} epochs, batches of {state.batch_size}"
    )
