"""What the conventions page says of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

import bncore
from bncore import records
from bncore.conventions import Convention
from bncore.experiments.live import LiveFound
from bncore.records import Record
from ui.page.claims import Claim, Words, claim, worded
from ui.page.predictions import feedback
from ui.questions.conventions.state import (
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

MILLIONTH = 1e-6


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
    stored = {rank: stores(*run) for rank, run in runs.items()}
    told_of = " and ".join(
        f"{ratio:.4f} times the biased variance at rank {rank} (n/(n-1) would be {unbiased:.4f})"
        for rank, (ratio, unbiased) in sorted(runs.items())
    )
    recorded = f"Recorded with {records.versions()['keras-3']}: {told_of}."
    if None in stored.values():
        return f"Keras 3 stores **neither the biased nor the unbiased one**. {recorded}"
    found = str(stored[2]) if stored[2] == stored[4] else "rank"
    return f"Keras 3 stores **{GUESSES[found]}**. {recorded}" + feedback(
        state.guess, found, GUESSES
    )


def stores(ratio: float, unbiased: float) -> str | None:
    """Which variance was stored, from its ratio to the biased one; None where it is neither.

    >>> stores(1.0001, 1.25), stores(1.2499, 1.25), stores(1.1, 1.25)
    ('biased', 'unbiased', None)
    """
    near = abs(unbiased - 1) / 100
    far = {"biased": abs(ratio - 1), "unbiased": abs(ratio - unbiased)}
    return next((name for name, distance in far.items() if distance <= near), None)


def answer(state: ConventionsState, found: Mapping[str, Outcome]) -> str:
    """The run in words: who stores what, and how much of the initial value is still in it."""
    return "\n\n".join(worded(claims(state, found), WORDS))


def claims(state: ConventionsState, found: Mapping[str, Outcome]) -> list[Claim]:
    """Who stores what, and how much of the initial value is still in it."""
    fed = {"count": split_of(state).count, "updates": state.updates}
    biased = biased_variance(state)
    if not biased or not np.isfinite(biased):
        return [claim("no ratio", **fed, feature=drawn_feature(state), zero=not biased)]
    conventions = {TITLES[name]: outcome.convention for name, outcome in found.items()}
    moved = {name: c for name, c in conventions.items() if c.keep != 1}
    if not moved:
        return [claim("keep 1", **fed)]
    ratios = {name: stored_ratio(state, convention) for name, convention in moved.items()}
    finite = {name: value for name, value in ratios.items() if np.isfinite(value)}
    stored = claim(
        "stored", **fed, groups=grouped(finite),
        lost=[name for name in ratios if name not in finite],
        still=[name for name in conventions if name not in moved],
    )  # fmt: skip
    return [stored, _left(state, moved, ratios)]


def _left(
    state: ConventionsState, conventions: Mapping[str, Convention], ratios: Mapping[str, float]
) -> Claim:
    """How far the initial variance 1 still hides what is stored."""
    biased, shares, there = biased_variance(state), {}, True
    for name, convention in conventions.items():
        share = left(state, convention)
        if share / min(biased, 1.0) > MILLIONTH:
            shares[name] = share
            stored = ratios[name] * biased
            there &= abs(share * (1 - stored)) <= MILLIONTH * abs(stored)
    if not shares:
        return claim("none left")
    return claim("left", updates=state.updates, shares=shares, there=bool(there))


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


def _fed(count: int, updates: int) -> str:
    return f"The same batch of {count} elements per statistic, {updates:,} times"


def _no_ratio(count: int, updates: int, feature: int, zero: bool) -> str:
    return (
        f"{_fed(count, updates)}. The variance of feature {feature} is "
        f"{'0' if zero else 'not finite'}: there is no ratio to compare."
    )


def _stored(
    count: int, updates: int, groups: Mapping[str, Sequence[str]], lost: Sequence[str],
    still: Sequence[str],
) -> str:  # fmt: skip
    parts = [
        f"**{value}** times the biased variance: {', '.join(names)}."
        for value, names in groups.items()
    ]
    parts += [f"not finite with these numbers: {', '.join(lost)}."] * bool(lost)
    parts += [f"nothing, with keep 1: {', '.join(still)}."] * bool(still)
    several = f"{len(groups)} different variances are" if groups else "No finite variance is"
    number = "One variance is" if len(groups) == 1 else several
    listed = "".join(f"\n- {part}" for part in parts)
    return f"**{number} stored.** {_fed(count, updates)}:\n{listed}"


def _left_words(updates: int, shares: Mapping[str, float], there: bool) -> str:
    groups: dict[str, list[str]] = {}
    for name, share in shares.items():
        groups.setdefault(f"{100 * share:.3g} %", []).append(name)
    listed = "; ".join(f"**{share}** in {', '.join(names)}" for share, names in groups.items())
    so = (
        "which is the very variance that is stored"
        if there
        else "and the moving variance is not there yet"
    )
    return (
        f"After {updates:,} update{'s' * (updates > 1)} this much of the initial variance 1 is "
        f"left, {so}: {listed}."
    )


WORDS: Words = {
    "no ratio": _no_ratio,
    "keep 1": lambda count, updates: (
        f"{_fed(count, updates)}: with keep 1 nothing is stored, every moving variance stays 1."
    ),
    "stored": _stored,
    "left": _left_words,
    "none left": lambda: "Of the initial variance 1, less than a millionth is left.",
}


def refusals(found: LiveFound) -> list[str]:
    """What the frameworks said that did not run."""
    return [
        f"{TITLES[name]} ({run.version}) refused: {run.refused}"
        for name, run in found.runs.items()
        if run.refused
    ]
