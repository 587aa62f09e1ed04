"""The batch-axis page's state, and what it says about the recorded steps. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import bncore
from bncore.differences import relative_difference
from bncore.moments import Array
from bncore.training.jobs import Job
from ui import fields
from ui.arrays import FrozenArray
from ui.guesses import guesses, told
from ui.numbers import format_number, format_share

MOST = 12  # positions or features: as many curves as can still be told apart
AXES = ("0", "-1")
ROUNDING = 1e-5  # of a feature's largest output, in float32
STEP_TITLES = {
    "unknown": "Build it, batch size unknown",
    "fixed": "Build it, batch size fixed",
    "fit": "Train it with fit",
    "other": "Predict as many rows as you like",
    "multiple": "Predict in batches of the fixed size",
}
GUESSES = guesses(
    row="the mean of row 0",
    grand="the mean of all numbers",
    start="nowhere: it stays at the initial 0",
)
PLACES = {"row": "the mean of row 0", "grand": "the mean of all numbers", "start": "the initial 0"}
ORDERS = {"shuffled": "shuffled in every update", "fixed": "always the same"}


@dataclass(frozen=True)
class BatchAxisState:
    """What is built, trained and asked, and which run is drawn."""

    data: FrozenArray = fields.array(bncore.DATASETS["question-2018"]().values, (2, 2), MOST * MOST)
    new_rows: int = fields.integer(3, 1, 1000)
    updates: int = fields.integer(1000, 1, 20_000)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    learning_rate: float = fields.number(0.01, 0, 10)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    guess: str = fields.choice("unsure", tuple(GUESSES))
    order: str = fields.choice("shuffled", tuple(ORDERS))


def problem(state: BatchAxisState) -> str:
    """Why this cannot be trained, in a sentence; empty where it can."""
    rows, features = state.data.shape
    if not (2 <= rows <= MOST and features <= MOST):
        return (
            f"The data have {rows} rows and {features} features. Choose 2 to {MOST} rows (with one "
            f"there is nothing to shuffle) and 1 to {MOST} features."
        )
    return ""


def job(state: BatchAxisState) -> Job:
    """The run that this state asks for."""
    arguments = {
        "data": state.data.array,
        "new_rows": state.new_rows,
        "updates": state.updates,
        "keep": state.keep,
        "epsilon": state.epsilon,
        "learning_rate": state.learning_rate,
        "seed": state.seed,
    }
    return Job("bncore.keras.batch_axis:compare", arguments, "Batch axis")


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


def means(state: BatchAxisState, axis: str) -> Array:
    """The means that a layer with this axis stores: of each row (0) or each feature (-1)."""
    return bncore.batch_moments(
        state.data.array, bncore.split_axes(state.data.shape, int(axis))
    ).mean


def targets(state: BatchAxisState, axis: str, order: str) -> dict[str, float]:
    """The lines that the curves may walk to; one with the name of a curve is that curve's own."""
    if axis == "0" and order == "shuffled":
        return {"mean of all numbers": float(state.data.array.mean())}
    name = "position" if axis == "0" else "feature"
    return {f"{name} {i}": float(mean) for i, mean in enumerate(means(state, axis))}


def changed_outputs(outputs: Mapping[str, Array]) -> Array:
    """How much each row's own outputs differ between the two orders (largest of its features)."""
    return np.abs(outputs["shuffled"][0] - outputs["fixed"][0]).max(axis=1)


def shuffle_words(outputs: Mapping[str, Array]) -> str:
    """What giving the same rows in another order did to their outputs."""
    largest = float(changed_outputs(outputs).max())
    if not np.isfinite(largest):
        return "The outputs are **not finite**: training diverged. Choose a smaller learning rate."
    if largest == 0:
        return "Every row's output is **the same, bit for bit**, wherever the row stands."
    fixed, shuffled = outputs["fixed"][0], outputs["shuffled"][0]
    size = np.abs(fixed).max(axis=0)
    share = float(relative_difference(shuffled, fixed, size).max())
    relative = f" ({share:.2g} of the feature's largest output)"
    if share < ROUNDING:
        return f"A row's outputs differ by at most {largest:.2g}{relative}: rounding."
    return (
        f"The same row in another place gives **another output**: it differs by up to "
        f"**{largest:.4g}**{relative}."
    )


def drift_words(state: BatchAxisState, axis: str, moving: Mapping[str, Array]) -> str:
    """Where the moving means stand after each run, measured from the lines."""
    own = means(state, axis)
    fixed, shuffled = moving["fixed"][-1], moving["shuffled"][-1]
    if axis != "0":
        return (
            f"The largest distance to a feature's own mean is {_far(fixed, own)} in fixed order "
            f"and {_far(shuffled, own)} shuffled. The order of the rows changed the moving means "
            f"by {_far(fixed, shuffled)}."
        )
    grand = float(state.data.array.mean())
    return (
        f"In fixed order every position is within {_far(fixed, own)} of the mean of the row that "
        f"stands there. Shuffled, it is up to {_far(shuffled, own)} away from that, and within "
        f"{_far(shuffled, grand)} of the mean of all numbers, {grand:.4g}."
    )


def left_words(state: BatchAxisState) -> str:
    """How much of the initial value the moving means still hold."""
    return (
        f"After {state.updates:,} update{'s' * (state.updates > 1)} with keep "
        f"{format_number(state.keep)} the moving means hold "
        f"{format_share(state.keep**state.updates)} of their initial 0; the rest is what they saw."
    )


def nearest(state: BatchAxisState, moving: Mapping[str, Array]) -> str | None:
    """The guess that position 0 of the shuffled axis=0 run came nearest to.

    None where two of them are closer together than a moving average of shuffled rows wanders.
    """
    row_means = means(state, "0")
    reached = float(moving["shuffled"][-1][0])
    places = {"row": float(row_means[0]), "grand": float(row_means.mean()), "start": 0.0}
    far = {name: abs(place - reached) for name, place in places.items()}
    first, second, _ = sorted(far, key=lambda name: far[name])
    # The variance of an average with weights (1-k), (1-k)k, ... of independent draws.
    wander = float(row_means.std()) * np.sqrt((1 - state.keep) / (1 + state.keep))
    return first if abs(places[first] - places[second]) > 4 * wander else None


def guess_words(state: BatchAxisState, moving: Mapping[str, Array]) -> str:
    """The prediction beside what was measured."""
    found, reached = nearest(state, moving), float(moving["shuffled"][-1][0])
    if found is None:
        return (
            f"Position 0 ended at {reached:.4g} when shuffled. The possible answers are closer "
            "together here than a moving average wanders: no verdict."
        )
    fact = f"Shuffled, position 0 ended at {reached:.4g}, nearest to **{PLACES[found]}**."
    return fact + told(state.guess, found, GUESSES)


def answer(state: BatchAxisState, values: Mapping[str, Any]) -> str:
    """The answer in words, made of what the steps returned."""
    rows, features = state.data.shape
    steps, kept = values["steps"]["0"], values["shapes"]["0"]["moving_mean"]
    largest = float(changed_outputs(values["outputs"]["0"]).max())
    beside = float(changed_outputs(values["outputs"]["-1"]).max())
    asked = f"predict {_count(state.new_rows)}"
    known = _does(steps["unknown"], "be built", "is built")
    fixed = _does(steps["fixed"], "be built", "is built")
    trains = _does(steps["fit"], "be trained", "trains")
    predicts = _does(steps["other"], asked, asked.replace("predict", "predicts"))
    return (
        "**To average over the batch, use `axis=-1`**: it keeps the features. In "
        f"BatchNormalization `axis=0` **keeps** the batch axis: its moving mean has shape "
        f"{kept}, one number per place in the batch, each an average over "
        f"{_count(features, 'feature')}. Without knowing the batch size the layer {known}; with "
        f"{_count(rows)} fixed it {fixed} and {trains}. Then it {predicts}. Put the same rows in "
        f"another order, and outputs change by up to {largest:.2g} with `axis=0` and by "
        f"{beside:.2g} with `axis=-1`."
        + (
            " You asked for as many rows as the layer was built with, which hides the trouble: "
            "choose another number of rows to predict."
            if state.new_rows == rows
            else ""
        )
    )


def rows_to_predict(state: BatchAxisState, x: Array) -> dict[str, int]:
    """What goes with other data: a number of rows that is not theirs."""
    return {"new_rows": len(x) + 2} if state.new_rows == len(x) else {}


def _does(step: Mapping[str, Any], cannot: str, can: str) -> str:
    return can if step["ok"] else f"cannot {cannot} ({step['error']})"


def _count(number: int, noun: str = "row") -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _far(values: Array, place: Any) -> str:
    return f"{float(np.abs(values - place).max()):.2g}"
