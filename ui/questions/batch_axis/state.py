"""What the batch-axis page holds, and the run that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import bncore
from bncore.experiments.batch_axis import STEPS, BatchAxis, BatchAxisFound
from bncore.moments import Array
from bncore.training.jobs import Job
from ui.page.predictions import predictions
from ui.state import fields
from ui.state.amounts import counted
from ui.state.arrays import FrozenArray
from ui.state.numbers import format_number

MOST = 12  # positions or features: as many curves as can still be told apart

STEP_TITLES = dict(
    zip(
        STEPS,
        (
            "Build it, batch size unknown",
            "Build it, batch size fixed",
            "Train it with fit",
            "Predict as many rows as you like",
            "Predict in batches of the fixed size",
        ),
        strict=True,
    )
)

GUESSES = predictions(
    row="the mean of row 0",
    grand="the mean of all numbers",
    start="nowhere: it stays at the initial 0",
)


@dataclass(frozen=True)
class BatchAxisState:
    """What is built, trained and asked, and which position and feature are looked at."""

    data: FrozenArray = fields.array(bncore.DATASETS["question-2018"]().values, (2, 2), MOST * MOST)
    new_rows: int = fields.integer(3, 1, 1000)
    updates: int = fields.integer(1000, 1, 20_000)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    learning_rate: float = fields.number(0.01, 0, 10)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    guess: str = fields.prediction(GUESSES)
    position: int = fields.integer(0, 0, MOST - 1)
    feature: int = fields.integer(0, 0, MOST - 1)


def summary(state: BatchAxisState) -> str:
    """The settings in a line."""
    rows, features = state.data.shape
    return (
        f"{counted(rows, 'row')} with {counted(features, 'feature')}, "
        f"{counted(state.updates, 'update')}, keep "
        f"{state.keep:.10g}, then {counted(state.new_rows, 'row')} to predict"
    )


def problem(state: BatchAxisState) -> str:
    """Why this cannot be trained, in a sentence; empty where it can."""
    rows, features = state.data.shape
    if not (2 <= rows <= MOST and features <= MOST):
        return (
            f"The data have {rows} rows and {features} features. Choose 2 to {MOST} rows (with one "
            f"there is nothing to shuffle) and 1 to {MOST} features."
        )
    return ""


def job(state: BatchAxisState) -> Job[BatchAxisFound]:
    """The run that this state asks for."""
    asked = BatchAxis(
        state.data.array,
        new_rows=state.new_rows,
        updates=state.updates,
        keep=state.keep,
        epsilon=state.epsilon,
        learning_rate=state.learning_rate,
        seed=state.seed,
    )
    return Job(asked, "Batch axis")


def code(state: BatchAxisState, step: str, axis: str) -> str:
    """A step as one would write it."""
    rows, features = state.data.shape
    keep, epsilon = format_number(state.keep), format_number(state.epsilon)
    layer = f"BatchNormalization(axis={axis}, momentum={keep}, epsilon={epsilon})"
    return {
        "unknown": f"x = Input(({features},))\n{layer}(x)",
        "fixed": f"x = Input(batch_shape=({rows}, {features}))\n{layer}(x)",
        "fit": (
            'model.compile(loss="mse", optimizer="sgd")\n'
            f"model.fit(data, data, batch_size={rows}, shuffle=False)"
        ),
        "other": f"model.predict(rows)  # {state.new_rows} of them",
        "multiple": f"model.predict(rows, batch_size={rows})  # {2 * rows} of them",
    }[step]


def rows_to_predict(state: BatchAxisState, x: Array) -> dict[str, int]:
    """What goes with other data: a number of rows that is not theirs."""
    return {"new_rows": len(x) + 2} if state.new_rows == len(x) else {}
