"""What several variants, trained side by side, are asked for and bring. No widgets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.experiments.call import Call
from bncore.moments import Array
from bncore.training.jobs import Job
from bncore.training.turns import STUDY
from ui.questions.classifier.data import data, scales
from ui.questions.classifier.state import Study, Training

MOST_UPDATES = 40_000
MOST_PRODUCTS = 1_000e9
"""What one processor makes in about `LIMIT_SECONDS`: of 7e9 a second, measured, half."""
MOST_AT_ONCE = 10e9
"""Between two moments in which Stop is heard: about two seconds of one processor."""
LIMIT_SECONDS = 300.0
_MODEL = ("block", "units", "depth", "activation", "dropout", "use_bias", "keep", "epsilon", "seed")
_TRAINING = ("variants", "replicas", "epochs", "batch_size", "optimizer")


def training_rows(state: Training) -> int:
    """How many rows are trained on: all but the validation rows."""
    rows = len(data(state)[0])
    return rows - round(rows * 0.2)


def updates_each(state: Training) -> int:
    """How many updates one variant makes."""
    return math.ceil(training_rows(state) / state.batch_size) * state.epochs


def problem(state: Training) -> str:
    """Why these settings cannot be trained, in a sentence; empty where they can."""
    if state.batch_size > training_rows(state):
        return f"A batch of {state.batch_size} is larger than the training rows. Choose less."
    each = updates_each(state)
    made = each * len(state.variants)
    most = MOST_UPDATES // (8 if state.block == "conv" else 1)
    if made > most:
        return (
            f"{len(state.variants)} variants of {each:,} updates are {made:,}; at most {most:,} "
            "are trained here. Choose fewer epochs, larger batches or fewer variants."
        )
    each_row = state.replicas * products(state)
    rows = len(data(state)[0])
    # Forward and backward; or the validation rows, which go through forward and all at once.
    at_once = each_row * max(3 * state.batch_size, rows - training_rows(state))
    if at_once > MOST_AT_ONCE:
        return (
            f"One update, or one look at the validation rows, of all {state.replicas} repetitions "
            f"takes {at_once / 1e9:,.0f} thousand million products; at most "
            f"{MOST_AT_ONCE / 1e9:.0f} are made here, or Stop would be heard late. Choose fewer "
            "units, fewer blocks, fewer repetitions or smaller batches."
        )
    whole = 3 * each_row * training_rows(state) * state.epochs * len(state.variants)
    if whole > MOST_PRODUCTS:
        return (
            f"This takes about {whole / 1e9:,.0f} thousand million products; at most "
            f"{MOST_PRODUCTS / 1e9:,.0f} are made here, or it would not end within "
            f"{LIMIT_SECONDS:.0f} s. Choose fewer units, blocks, repetitions, epochs or variants."
        )
    return ""


def products(state: Training) -> int:
    """How many numbers are multiplied for one row to go forward through the blocks of one model.

    >>> products(Study()), products(Study(block="conv", units=8))
    (4992, 41472)
    """
    inputs, places, window = data(state)[0].shape[-1], 1, 1
    if state.block == "conv":
        _, height, width, inputs = data(state)[0].shape
        places, window = height * width, 9
    weights = inputs * state.units + (state.depth - 1) * state.units**2
    return int(places * window * weights)


def arguments(state: Training) -> dict[str, Any]:
    """What an experiment with these variants is called with, but for its learning rates."""
    x, labels = data(state)
    settings = {name: getattr(state, name) for name in (*_TRAINING, *_MODEL)}
    return {"data": x, "labels": labels, "scaled": scales(state), **settings}


def study_job(state: Study) -> Job[Any]:
    """Variants side by side."""
    return Job(
        Call(
            "bncore.keras.placement:study",
            arguments(state) | {"learning_rate": state.learning_rate},
        ),
        "Placement",
        LIMIT_SECONDS,
        lane=STUDY,
        parts=len(state.variants),
    )


# ---- what it has brought ------------------------------------------------------------------------


def common_epoch(values: Mapping[str, Any]) -> int:
    """The last epoch that every variant has made: a stopped run ends in the middle of one.

    Less than 0 where a variant has not begun.
    """
    return _common(values, "loss") - 1


def _common(values: Mapping[str, Any], measure: str) -> int:
    """How many entries every variant has; one whose replicas all diverged holds nobody up."""
    lengths = {name: len(run[measure]) for name, run in values["runs"].items()}
    going = [lengths[name] for name in lengths if name not in values.get("stopped", {})]
    return min(going) if going else max(lengths.values())


def ends(values: Mapping[str, Any], measure: str) -> dict[str, Array]:
    """The last common entry of a measure for each variant: NaN where a replica diverged."""
    count = _common(values, measure)
    return {name: run[measure][:count][-1] for name, run in values["runs"].items()}


def begun(values: Mapping[str, Any]) -> bool:
    """Whether any variant has made an epoch."""
    return any(len(run["loss"]) > 1 for run in values["runs"].values())


def overlap(values: Mapping[str, Any]) -> float:
    """Validation rows over training rows: how much the splits of the same rows have in common."""
    return float(values["rows"]["validation"] / values["rows"]["training"])


def repeated(state: Training, values: Mapping[str, Any]) -> str:
    """What each repetition has of its own, and what is the same for all."""
    rows = values["rows"]
    masks = ", dropout masks" if state.block == "dense" and state.dropout > 0 else ""
    scaling = " (scaled by its own training rows)" if scales(state) else ""
    return (
        f"Repeated {state.replicas} time{'s' * (state.replicas > 1)}, each with its own initial "
        f"weights{masks}, split into "
        f"{rows['training']:,} training and {rows['validation']:,} validation rows{scaling}, and "
        "order of the batches. Every variant gets the same ones. Not repeated: the "
        f"{rows['training'] + rows['validation']:,} rows with their labels, and the settings."
    )


def padded(curve: Array, length: int) -> Array:
    """A variant that has stopped, or is an epoch behind, up to the length of the others."""
    missing = np.full((length - len(curve), curve.shape[1]), np.nan)
    return np.concatenate([curve, missing])
