"""What several variants, trained side by side, are asked for and bring. No widgets."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from bncore.experiments import placement
from bncore.experiments.arguments import Rows, rows_held_out
from bncore.experiments.comparison import Comparison
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

Measure = Callable[[placement.VariantRun], Array]
"""One of the things that are seen of a variant."""

ComparisonT = TypeVar("ComparisonT", bound=Comparison)


def training_rows(state: Training) -> int:
    """How many rows are trained on: all but the validation rows."""
    return rows_held_out(len(data(state)[0]), Comparison.validation).training


def updates_each(state: Training) -> int:
    """How many updates one variant makes."""
    return math.ceil(training_rows(state) / state.batch_size) * state.epochs


def problem(state: Training) -> str:
    """Why these settings cannot be trained, in a sentence; empty where they can."""
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


def asked(kind: type[ComparisonT], state: Training, **changes: Any) -> ComparisonT:
    """The experiment of this kind: what it calls as the page does, the data, and these changes."""
    x, labels = data(state)
    own = {each.name for each in fields(state)}
    shared = {each.name: getattr(state, each.name) for each in fields(kind) if each.name in own}
    return kind(**shared | {"data": x, "labels": labels, "scaled": scales(state)} | changes)


def study_job(state: Study) -> Job[placement.StudyFound]:
    """Variants side by side."""
    study = asked(placement.Study, state)
    return Job(study, "Placement", LIMIT_SECONDS, lane=STUDY, parts=study.pieces)


# ---- what it has brought ------------------------------------------------------------------------


def common_epoch(found: placement.StudyFound) -> int:
    """The last epoch that every variant has made: a stopped run ends in the middle of one.

    Less than 0 where a variant has not begun.
    """
    return _common(found, lambda run: run.loss) - 1


def _common(found: placement.StudyFound, measure: Measure) -> int:
    """How many entries every variant has; one whose replicas all diverged holds nobody up."""
    lengths = {name: len(measure(run)) for name, run in found.runs.items()}
    going = [lengths[name] for name in lengths if name not in found.stopped]
    return min(going) if going else max(lengths.values())


def ends(found: placement.StudyFound, measure: Measure) -> dict[str, Array]:
    """The last common entry of a measure for each variant: NaN where a replica diverged."""
    count = _common(found, measure)
    return {name: measure(run)[:count][-1] for name, run in found.runs.items()}


def begun(found: placement.StudyFound) -> bool:
    """Whether any variant has made an epoch."""
    return any(len(run.loss) > 1 for run in found.runs.values())


def overlap(rows: Rows) -> float:
    """Validation rows over training rows: how much the splits of the same rows have in common."""
    return rows.validation / rows.training


def repeated(state: Training, rows: Rows) -> str:
    """What each repetition has of its own, and what is the same for all."""
    masks = ", dropout masks" if state.block == "dense" and state.dropout > 0 else ""
    scaling = " (scaled by its own training rows)" if scales(state) else ""
    return (
        f"Repeated {state.replicas} time{'s' * (state.replicas > 1)}, each with its own initial "
        f"weights{masks}, split into "
        f"{rows.training:,} training and {rows.validation:,} validation rows{scaling}, and "
        "order of the batches. Every variant gets the same ones. Not repeated: the "
        f"{rows.training + rows.validation:,} rows with their labels, and the settings."
    )
