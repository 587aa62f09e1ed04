"""The conventions page's state, its tables, and what it says. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import bncore
from bncore import records
from bncore.conventions import CONVENTIONS, Convention
from bncore.frameworks import installed
from bncore.implementations import FAMILIES
from bncore.moments import Array
from bncore.moving import MovingStatistics, moving_after
from bncore.porting import LAYOUTS
from bncore.training.jobs import Job
from ui import fields
from ui.arrays import FrozenArray
from ui.figures import thinned
from ui.guesses import guesses, told

LARGEST = 1024
MOST_LIVE = 5000
TITLES = {name: f"{c.title} {c.versions}" for name, c in CONVENTIONS.items()}
GUESSES = guesses(
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
    guess: str = fields.choice("unsure", tuple(GUESSES))
    families: tuple[str, ...] = fields.choices(FAMILIES, FAMILIES)
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
    """Of the data, of the chosen feature."""
    moments = bncore.batch_moments(state.data.array, split_of(state))
    return float(moments.variance[drawn_feature(state)])


def ratio(state: ConventionsState, outcome: Outcome) -> float:
    """The last moving variance over the biased variance of the data, of the chosen feature."""
    biased = biased_variance(state)
    if not biased or not len(outcome.variance):
        return float("nan")
    return float(outcome.variance[-1][drawn_feature(state)] / biased)


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
                "ratio to the biased": ratio(state, outcome),
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


def live_job(state: ConventionsState) -> Job:
    """The case, run by the frameworks that are installed."""
    names = live_names(state)
    conventions = [convention_of(state, name) for name in names]
    arguments = {
        "batch": state.data.array,
        "names": names,
        "updates": state.updates,
        "keeps": tuple(c.keep for c in conventions),
        "epsilons": tuple(c.epsilon for c in conventions),
    }
    return Job("bncore.keras.live:compare", arguments, "Live frameworks")


def live_problem(state: ConventionsState) -> str:
    """Why nothing can be run live; empty where something can."""
    if not live_names(state):
        return "None of the chosen conventions has its framework installed here."
    if state.updates > MOST_LIVE:
        return f"At most {MOST_LIVE:,} updates are run live; choose fewer."
    return ""


def keras_3_today() -> dict[int, float]:
    """What Keras 3 stores over the biased variance, at ranks 2 and 4, for 5 elements."""
    found = {}
    for rank in (2, 4):
        split = bncore.split_axes((5, *[1] * (rank - 2), 1), feature_axis=-1)
        convention = CONVENTIONS["keras-3"]
        found[rank] = convention.estimator_for(split).factor(split.count, convention.epsilon)
    return found


def guess_words(state: ConventionsState) -> str:
    """The prediction beside the answer."""
    ratios = keras_3_today()
    found = "biased" if ratios[2] == 1 else "unbiased"
    if ratios[2] != ratios[4]:
        found = "rank"
    sentence = (
        f"Keras 3 stores **{GUESSES[found]}** (with 5 elements per statistic {ratios[2]:.4f} "
        f"times the biased variance at rank 2 and {ratios[4]:.4f} times at rank 4)."
    )
    return sentence + told(state.guess, found, GUESSES)


def answer(state: ConventionsState, found: Mapping[str, Outcome]) -> str:
    """The run in words: who stores what, grouped by the ratio that was reached."""
    count, feature = split_of(state).count, drawn_feature(state)
    fed = f"The same batch of {count} elements per statistic, {state.updates:,} times"
    biased = biased_variance(state)
    if not biased or not np.isfinite(biased):
        return (
            f"{fed}. The variance of feature {feature} is {'not finite' if biased else '0'}: there "
            "is no ratio to compare."
        )
    ratios = {TITLES[name]: ratio(state, outcome) for name, outcome in found.items()}
    groups = grouped({name: value for name, value in ratios.items() if np.isfinite(value)})
    parts = [
        f"**{value}** times the biased variance: {', '.join(names)}"
        for value, names in groups.items()
    ]
    lost = [name for name, value in ratios.items() if not np.isfinite(value)]
    parts += [f"not finite with these numbers: {', '.join(lost)}"] * bool(lost)
    noun = "moving variance" if len(groups) == 1 else "different moving variances"
    return f"{fed}: {len(groups)} {noun}. " + "; ".join(parts) + "."


def grouped(ratios: Mapping[str, float]) -> dict[str, list[str]]:
    """Names by their ratio, written with as many digits as tell different ones apart.

    >>> grouped({"a": 1.04347826, "b": 1.0, "c": 1.04352353, "d": 1.0 + 1e-12})
    {'1.00000': ['b', 'd'], '1.04348': ['a'], '1.04352': ['c']}
    """
    groups: dict[float, list[str]] = {}
    for name, value in sorted(ratios.items(), key=lambda pair: pair[1]):
        near = next((first for first in groups if abs(value - first) <= 1e-9 * abs(first)), value)
        groups.setdefault(near, []).append(name)
    digits = next(
        (d for d in range(4, 12) if len({f"{value:.{d}f}" for value in groups}) == len(groups)), 12
    )
    return {f"{value:.{digits}f}": names for value, names in groups.items()}


def live_table(values: Mapping[str, Any]) -> pd.DataFrame:
    """How far the engine is from each real layer, over all updates."""
    return pd.DataFrame(
        [
            {
                "convention": TITLES[name],
                "run with": found["version"],
                "updates": len(found["difference"]),
                "largest relative difference from the engine": found["difference"].max(),
            }
            for name, found in values["live"].items()
        ]
    )
