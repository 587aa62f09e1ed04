"""Every claim of the page “distributions”, held against a computation of this file."""

import dataclasses
import itertools
import math
import statistics

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import StudyFound, VariantRun
from tests.claims import check_all
from tests.intervals import interval
from ui.questions.classifier.state import TITLES
from ui.questions.distributions import answers
from ui.questions.distributions.state import GUESSES, DistributionsState
from ui.questions.distributions.words import WORDS

NAMES = tuple(TITLES)


def shares_of(values):
    """The mean of all blocks of each repetition, of what is compared."""
    found = {name: run.flat[-1] for name, run in values.runs.items() if name != "orphan"}
    return {
        name: [statistics.fmean(column) if np.isfinite(column).all() else math.nan
               for column in flat.T.tolist()]
        for name, flat in found.items()
    }  # fmt: skip


def below(state, values):
    """Every ordered pair of which the first is clearly below the second."""
    shares = {name: s for name, s in shares_of(values).items() if any(map(math.isfinite, s))}
    each = 1 if state.activation == "relu" else values.rows.validation
    overlap = values.rows.validation / values.rows.training
    count = len(shares) * (len(shares) - 1) // 2
    found = set()
    for a, b in itertools.permutations(shares, 2):
        mean, margin = interval(
            shares[a], shares[b], count, 1 / (each * state.units * state.depth), overlap, math.inf
        )
        if mean < -margin:
            found.add((a, b))
    return set(shares), found


def check_lost(c, text, values):
    lost = {name: sum(map(math.isnan, found)) for name, found in shares_of(values).items()}
    count = len(values.most_common)
    partly = {name: n for name, n in lost.items() if 0 < n < count}
    assert dict(c["lost"]) == partly
    assert ("left out" in text) == bool(partly)
    assert all(f"“{TITLES[name]}” {n} of {count}" in text for name, n in partly.items())


def check_smallest(c, text, state, values):
    there, found = below(state, values)
    (name,) = c["found"]
    assert len(there) > 1
    reached = {name}  # below the others, directly or by what is below them
    for _ in there:
        reached |= {b for a, b in found if a in reached}
    assert reached == there
    assert not any(b == name for _, b in found)
    assert f"**“{TITLES[name]}”**, clearly below the others" in text
    assert ("You predicted it" in text) == (state.guess == name)
    check_lost(c, text, values)


def check_not_told_apart(c, text, state, values):
    there, found = below(state, values)
    expected = [name for name in shares_of(values) if name in there - {b for _, b in found}]
    assert list(c["found"]) == expected
    assert len(expected) > 1
    assert ", ".join(f"“{TITLES[name]}”" for name in expected) in text
    check_lost(c, text, values)


def check_one_left(c, text, state, values):
    there, _ = below(state, values)
    assert set(c["known"]) == there
    assert len(there) < 2
    assert all(f"“{TITLES[name]}”" in text for name in there)


def check_block(c, text, state, values):
    assert text.startswith(f"Block {c['block'] + 1}, ")
    for name, run in values.runs.items():
        if name == "orphan":
            continue
        known = [v for v in run.flat[-1, c["block"]].tolist() if math.isfinite(v)]
        range_ = (
            f"{statistics.fmean(known):.0%} ({min(known):.0%} to {max(known):.0%})"
            if known
            else "diverged"
        )
        assert f"{TITLES[name]} {range_}" in text
    assert ("dead units (zero for every" in text) == (state.activation == "relu")


FLAT_CHECKS = {
    "smallest": check_smallest, "not told apart": check_not_told_apart,
    "one left": check_one_left, "block": check_block,
}  # fmt: skip


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0.0, 0.1, 0.4, 0.45, math.nan]),
                    min_size=1),
    st.sampled_from([1, 2, 5]),
    st.sampled_from([0.0, 1e-4, 0.02]),
    st.sampled_from(["relu", "tanh", "sigmoid"]),
    st.sampled_from(list(GUESSES)),
    st.integers(0, 99),
)  # fmt: skip
@example({"none": math.nan, "before": 0.1}, 5, 0.02, "tanh", "before", 0)
def test_every_claim_about_flat_shares(levels, k, noise, activation, guess, seed):
    rng = np.random.default_rng(seed)
    runs = {}
    for name, level in levels.items():
        flat = np.clip(level + rng.normal(0, noise, (1, 2, k)), 0, 1)
        flat[:, :, rng.random(k) < 0.1] = np.nan
        runs[name] = VariantRun(loss=np.zeros((1, k)), flat=flat)
    values = StudyFound(rows=Rows(400, 100), most_common=(0.5,) * k, runs=runs)
    state = dataclasses.replace(DistributionsState(), activation=activation, guess=guess)
    if set(runs) == {"orphan"}:
        return  # which is not looked at
    check_all(answers, WORDS, FLAT_CHECKS, state, values)
