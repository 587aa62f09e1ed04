"""What the conventions page says of its runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

import bncore
from bncore import records
from bncore.conventions import Convention
from bncore.records import Record
from ui.guesses import told
from ui.views.conventions import (
    GUESSES,
    TITLES,
    ConventionsState,
    Outcome,
    biased_variance,
    drawn_feature,
    left,
    split_of,
    stored_ratio,
)


@cache
def keras_3_today() -> dict[int, tuple[float, float]]:
    """What recorded runs of Keras 3 stored over the biased variance, by rank; and n/(n-1) there.

    The repeated batches of the recordings, without what is left of the initial value.
    """
    found = {}
    for record in records.recorded():
        if record.convention == "keras-3" and record.case.name in ("question", "images"):
            found[record.case.batches[0].ndim] = _recorded_ratio(record)
    return found


def _recorded_ratio(record: Record) -> tuple[float, float]:
    """From the first update: new = keep * 1 + (1 - keep) * stored."""
    split = bncore.split_axes(record.case.batches[0].shape, feature_axis=-1)
    moments = bncore.batch_moments(record.case.batches[0], split)
    stored = (record.variance[0] - record.case.keep) / (1 - record.case.keep)
    return float((stored / moments.variance).mean()), split.count / (split.count - 1)


def guess_words(state: ConventionsState) -> str:
    """The prediction beside what Keras 3 was recorded to store."""
    runs = keras_3_today()
    nearest = {
        rank: "biased" if abs(ratio - 1) < abs(ratio - unbiased) else "unbiased"
        for rank, (ratio, unbiased) in runs.items()
    }
    found = nearest[2] if nearest[2] == nearest[4] else "rank"
    told_of = " and ".join(
        f"{ratio:.4f} times the biased variance at rank {rank} (n/(n-1) would be {unbiased:.4f})"
        for rank, (ratio, unbiased) in sorted(runs.items())
    )
    sentence = (
        f"Keras 3 stores **{GUESSES[found]}**. Recorded with {records.versions()['keras-3']}: "
        f"{told_of}."
    )
    return sentence + told(state.guess, found, GUESSES)


def answer(state: ConventionsState, found: Mapping[str, Outcome]) -> str:
    """The run in words: who stores what, and how much of the initial value is still in it."""
    count, feature = split_of(state).count, drawn_feature(state)
    fed = f"The same batch of {count} elements per statistic, {state.updates:,} times"
    biased = biased_variance(state)
    if not biased or not np.isfinite(biased):
        return (
            f"{fed}. The variance of feature {feature} is {'not finite' if biased else '0'}: there "
            "is no ratio to compare."
        )
    conventions = {TITLES[name]: outcome.convention for name, outcome in found.items()}
    moved = {name: c for name, c in conventions.items() if left(state, c) < 1}
    if not moved:
        return f"{fed}: with keep 1 nothing is stored, every moving variance stays 1."
    ratios = {name: stored_ratio(state, convention) for name, convention in moved.items()}
    groups = grouped({name: value for name, value in ratios.items() if np.isfinite(value)})
    parts = [
        f"**{value}** times the biased variance: {', '.join(names)}."
        for value, names in groups.items()
    ]
    lost = [name for name, value in ratios.items() if not np.isfinite(value)]
    parts += [f"not finite with these numbers: {', '.join(lost)}."] * bool(lost)
    still = [name for name in conventions if name not in moved]
    parts += [f"nothing, with keep 1: {', '.join(still)}."] * bool(still)
    number = "One variance is" if len(groups) == 1 else f"{len(groups)} different variances are"
    listed = "".join(f"\n- {part}" for part in parts)
    return f"**{number} stored.** {fed}:\n{listed}\n\n{_left_words(state, moved)}"


def _left_words(state: ConventionsState, conventions: Mapping[str, Convention]) -> str:
    """How far the initial variance 1 still hides what is stored."""
    shares: dict[str, list[str]] = {}
    for name, convention in conventions.items():
        share = left(state, convention)
        if share / min(biased_variance(state), 1.0) > 1e-6:
            shares.setdefault(f"{100 * share:.3g} %", []).append(name)
    if not shares:
        return "Of the initial variance 1, less than a millionth is left."
    after = f"After {state.updates:,} update{'s' * (state.updates > 1)}"
    listed = "; ".join(f"**{share}** in {', '.join(names)}" for share, names in shares.items())
    return (
        f"{after} this much of the initial variance 1 is left, and the moving variance is not "
        f"there yet: {listed}."
    )


def grouped(ratios: Mapping[str, float]) -> dict[str, list[str]]:
    """Names by what they store, written with as many digits as tell different ones apart.

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


def refusals(values: Mapping[str, Any]) -> list[str]:
    """What the frameworks said that did not run."""
    return [
        f"{TITLES[name]} ({found['version']}) refused: {found['refused']}"
        for name, found in values["live"].items()
        if "refused" in found
    ]
