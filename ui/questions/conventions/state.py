"""The conventions page's state, its runs and its tables. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

import bncore
from bncore import records
from bncore.conventions import CONVENTIONS, Convention
from bncore.experiments.live import LiveFound, LiveLayers
from bncore.frameworks import installed
from bncore.implementations import LIBRARIES
from bncore.moments import Array
from bncore.moving import MovingStatistics, moving_after, remaining_share
from bncore.porting import LAYOUTS
from bncore.training.jobs import Job
from ui.drawing.figures import thinned
from ui.page.predictions import predictions
from ui.state import fields
from ui.state.arrays import FrozenArray

LARGEST = 1024
MOST_LIVE = 5000
TITLES = {name: f"{c.title} {c.versions}" for name, c in CONVENTIONS.items()}
GUESSES = predictions(
    biased="the biased one, at every rank",
    unbiased="the unbiased one, at every rank",
    rank="it depends on the rank",
)
STATUSES = {"run": "has been run", "read": "read in its source only"}


@dataclass(frozen=True)
class ConventionsState:
    """The case, the conventions it is run through, the table's filters, and what is ported."""

    data: FrozenArray = fields.array(bncore.DATASETS["question-2018"]().values, (2, 4), LARGEST)
    chosen: tuple[str, ...] = fields.choices(
        ("keras-2.1.2", "keras-2.2.4", "tf_keras", "keras-3", "torch", "flax"),
        tuple(CONVENTIONS),
        at_least=1,
    )
    own: bool = fields.flag(False)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    updates: int = fields.integer(2000, 1, 100_000)
    feature: int = fields.integer(0, 0, LARGEST)
    guess: str = fields.prediction(GUESSES)
    families: tuple[str, ...] = fields.choices(LIBRARIES, LIBRARIES)
    known: tuple[str, ...] = fields.choices(tuple(STATUSES), tuple(STATUSES))
    rank: str = fields.choice("2", ("2", "4", "5"))
    find: str = fields.text("", 60)
    source: str = fields.choice("keras-3", tuple(LAYOUTS))
    target: str = fields.choice("torch", tuple(LAYOUTS))
    layer: FrozenArray = fields.array(
        [[1.5, 1, 0.5], [0, 1, -1], [2, 0, -3], [0.001, 1, 4]], (2, 2), LARGEST
    )


@dataclass(frozen=True)
class Outcome:
    """One convention's run of the case, at the drawn updates; or why it cannot be run."""

    convention: Convention
    updates: Array
    mean: Array
    variance: Array
    refused: str = ""


def split_of(state: ConventionsState) -> bncore.AxisSplit:
    """Channels last: everything but the last axis is collapsed."""
    return bncore.split_axes(state.data.shape, feature_axis=-1)


def convention_of(state: ConventionsState, name: str) -> Convention:
    """The convention with the page's keep and epsilon, or with its own."""
    own = CONVENTIONS[name]
    if state.own:
        return own
    # None stands for a plain average of all batches, which has no keep to set.
    keep = None if own.keep is None else state.keep
    return replace(own, keep=keep, epsilon=state.epsilon)


def problem(state: ConventionsState) -> str:
    """Why the case cannot be run, in a sentence; empty where it can."""
    if len(state.data.shape) == 3:
        return (
            "The data have rank 3. Choose rank 2 (rows, features) or rank 4 (images, height, "
            "width, channels)."
        )
    return ""


def outcomes(state: ConventionsState) -> dict[str, Outcome]:
    """Every chosen convention's moving statistics, by the closed form, where they are drawn."""
    return {
        name: outcome(state.data, state.updates, convention_of(state, name))
        for name in state.chosen
    }


@lru_cache(256)
def outcome(data: FrozenArray, updates: int, convention: Convention) -> Outcome:
    """One convention, fed the same batch again and again."""
    split = bncore.split_axes(data.shape, feature_axis=-1)
    moments = bncore.batch_moments(data.array, split)
    start = MovingStatistics.initial(split.feature_shape)
    numbers = np.arange(1, updates + 1)
    drawn = numbers[thinned(numbers, points=200)]
    try:
        with np.errstate(all="ignore"):
            path = [
                moving_after(start, moments, convention, split, int(number)) for number in drawn
            ]
    except ValueError as error:
        nothing = np.empty((0, *split.feature_shape))
        return Outcome(convention, drawn[:0], nothing, nothing, str(error))
    mean = np.stack([moving.mean for moving in path])
    variance = np.stack([moving.variance for moving in path])
    return Outcome(convention, drawn, mean, variance)


def biased_variance(state: ConventionsState) -> float:
    """Of the data, of the chosen feature; 0 where it is constant, whatever its mean rounds to."""
    feature = drawn_feature(state)
    if not np.ptp(state.data.array[..., feature]):
        return 0.0
    return float(bncore.batch_moments(state.data.array, split_of(state)).variance[feature])


def ratio(state: ConventionsState, outcome: Outcome) -> float:
    """The last moving variance over the biased variance of the data, of the chosen feature.

    What is left of the initial value is in it; :func:`stored_ratio` is without.
    """
    biased = biased_variance(state)
    if not biased or not len(outcome.variance):
        return float("nan")
    return float(outcome.variance[-1][drawn_feature(state)] / biased)


def stored_ratio(state: ConventionsState, convention: Convention) -> float:
    """What the convention stores of this batch over its biased variance, of the chosen feature."""
    split, biased = split_of(state), biased_variance(state)
    stored = convention.estimator_for(split).stored(
        np.array(biased), split.count, convention.epsilon
    )
    return float(stored) / biased if biased else float("nan")


def left(state: ConventionsState, convention: Convention) -> float:
    """How much of the initial variance 1 is left after the updates: keep^t, or nothing."""
    return remaining_share(convention, state.updates)


def drawn_feature(state: ConventionsState) -> int:
    """The feature whose curves are drawn."""
    return min(state.feature, state.data.shape[-1] - 1)


def status(name: str) -> str:
    """How a convention is backed here: live, recorded, or from its source alone.

    >>> status("mxnet"), status("keras-2.2.4")
    ('engine only', 'recorded with keras 2.2.4, tensorflow 1.15.5')
    """
    versions = installed(name)
    if versions:
        return f"can be run live: {versions}"
    if name in records.versions():
        return f"recorded with {records.versions()[name]}"
    return "engine only"


def results(state: ConventionsState, found: Mapping[str, Outcome]) -> pd.DataFrame:
    """The run in numbers, a row per convention."""
    split, feature = split_of(state), drawn_feature(state)
    rows = []
    for name, outcome in found.items():
        convention = outcome.convention
        estimator = convention.estimator_for(split)
        rows.append(
            {
                "convention": TITLES[name],
                "stores": estimator.formula,
                "moving mean": outcome.mean[-1][feature] if len(outcome.mean) else np.nan,
                "moving variance": outcome.variance[-1][feature]
                if len(outcome.variance)
                else np.nan,
                "stored / biased": stored_ratio(state, convention),
                "initial value left": left(state, convention),
                "keep": "plain average" if convention.keep is None else f"{convention.keep:g}",
                "new (1 − keep)": "1/t" if convention.keep is None else f"{1 - convention.keep:g}",
                "epsilon": f"{convention.epsilon:g}",
                "backed by": status(name),
                "engine against the record": f"{records.engine_difference(name):.1e}"
                if name in records.versions()
                else "–",
            }
        )
    return pd.DataFrame(rows)


def live_names(state: ConventionsState) -> tuple[str, ...]:
    """The chosen conventions whose framework is installed."""
    return tuple(
        name for name in state.chosen if installed(name) and CONVENTIONS[name].keep is not None
    )


def live_job(state: ConventionsState) -> Job[LiveFound]:
    """The case, run by the frameworks that are installed."""
    conventions = {name: convention_of(state, name) for name in live_names(state)}
    layers = {
        name: (each.keep, each.epsilon)
        for name, each in conventions.items()
        if each.keep is not None
    }
    return Job(LiveLayers(state.data.array, layers, state.updates), "Live frameworks")


def live_problem(state: ConventionsState) -> str:
    """Why nothing can be run live; empty where something can."""
    if not live_names(state):
        return "None of the chosen conventions has its framework installed here."
    if state.updates > MOST_LIVE:
        return f"At most {MOST_LIVE:,} updates are run live; choose fewer."
    return ""


def live_table(found: LiveFound) -> pd.DataFrame:
    """How far the engine is from each real layer that ran, over all updates."""
    return pd.DataFrame(
        [
            {
                "convention": TITLES[name],
                "run with": run.version,
                "updates": len(run.difference),
                "largest relative difference from the engine": run.difference.max(),
            }
            for name, run in found.runs.items()
            if not run.refused
        ]
    )
