"""Every claim about one bad number, held against a computation of this file."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.bad_number import BadNumberFound
from tests.claims import check_all
from tests.tables import TABLES, beyond_float32
from ui.questions.bad_number import answers
from ui.questions.bad_number.state import GUESSES, NUMBERS, BadNumberState, bad_feature
from ui.questions.bad_number.words import WORDS
from ui.state.arrays import FrozenArray


def held(values):
    return np.array([values.moving_mean[-1], values.moving_variance[-1]], float)


def lost_of(values):
    return [f for f, column in enumerate(held(values).T) if not all(map(math.isfinite, column))]


def check_ends(c, text, state, values):
    lost, bad, features = lost_of(values), bad_feature(state), values.moving_mean.shape[1]
    assert c["updates"] == len(values.update) - 1 - state.before
    clean = "update" if c["updates"] == 1 else "updates"
    assert (
        f"After one {NUMBERS[state.bad]} and {c['updates']:,} clean {clean}, feature {bad} " in text
    )
    mean, variance = held(values)[:, bad]
    assert f"moving mean **{mean:.5g}** and the moving variance **{variance:.5g}**" in text
    listed = text.split("end: ")[1].split(".")[0]
    assert ("no feature" in listed) == (not lost)
    assert [int(word.strip(",")) for word in listed.split() if word.strip(",").isdigit()] == lost
    true = {"none": not lost, "feature": lost == [bad], "all": len(lost) == features}
    own = set(lost) & set(beyond_float32(state.data.array))
    assert ("You predicted it" in text) == (not own and true.get(state.guess, False))
    told = not own and any(true.values()) and state.guess != "unsure"
    assert ("You predicted" in text) == told


def check_beyond(c, text, state, values):
    assert c["features"] == [f for f in beyond_float32(state.data.array) if f in lost_of(values)]
    assert c["features"]


def check_outputs(c, text, state, values):
    output, bad = values.output.astype(float), bad_feature(state)
    assert bad in lost_of(values)
    assert bad not in beyond_float32(state.data.array)
    broken = sum(not math.isfinite(value) for value in output.ravel())
    assert f"{broken} of the {output.size} outputs" in text
    shown = text.split("comes out as **")[1].split("**")[0]
    seen = {f"{value + 0.0:.4g}" for value in values.output[:, bad]}
    assert set(shown.removesuffix(" and others").split(" and ")) <= seen
    assert ("others" in shown) == (len(seen) > 3)
    assert f"feature {bad} comes out" in text
    zero = math.isinf(held(values)[1, bad]) and all(value == 0 for value in output[:, bad])
    assert ("every number is 0" in text) == zero


def check_cure(c, text, state, values):
    assert lost_of(values)


def check_heals(c, text, state, values):
    bad = bad_feature(state)
    mean, clean = held(values)[0, bad], float(np.mean(state.data.array[:, bad].astype(float)))
    assert math.isfinite(mean)
    assert abs(mean - clean) > 999 * max(abs(clean), 1)
    assert c["share"] == pytest.approx(1 - state.keep)


CHECKS = {
    "ends": check_ends, "beyond": check_beyond, "outputs": check_outputs, "cure": check_cure,
    "heals": check_heals,
}  # fmt: skip


BAD = {"nan": np.nan, "inf": np.inf, "1e20": 1e20}


@settings(max_examples=80)
@given(
    TABLES, st.sampled_from(list(BAD)), st.integers(0, 3), st.integers(0, 2), st.integers(0, 30),
    st.sampled_from([0.0, 0.5, 0.99, 1.0]), st.sampled_from(list(GUESSES)),
)  # fmt: skip
@example([[1e20, 1.0], [-1e20, 2.0]], "nan", 1, 1, 3, 0.5, "all")
@example([[1.0], [2.0]], "nan", 0, 1, 3, 0.5, "all")
@example([[float(n), 1.0] for n in range(5)], "inf", 0, 1, 3, 0.5, "feature")
def test_every_claim_about_a_bad_number(x, bad, feature, before, after, keep, guess):
    state = dataclasses.replace(
        BadNumberState(), data=FrozenArray(x), bad=bad, feature=feature, before=before, after=after,
        keep=keep, guess=guess,
    )  # fmt: skip
    clean = np.asarray(x, np.float32)
    spoilt = clean.copy()
    spoilt[0, bad_feature(state)] = BAD[bad]
    mean, variance = np.zeros(clean.shape[1], np.float32), np.ones(clean.shape[1], np.float32)
    path = []
    with np.errstate(all="ignore"):
        for rows in [clean] * before + [spoilt] + [clean] * after:
            old, new = np.float32(keep), np.float32(1 - keep)
            mean = old * mean + new * rows.mean(axis=0)
            variance = old * variance + new * rows.var(axis=0)
            path.append((mean, variance))
        output = (clean - mean) / np.sqrt(variance + np.float32(1e-3))
    values = BadNumberFound(
        update=np.arange(1, len(path) + 1),
        moving_mean=np.array([m for m, _ in path]),
        moving_variance=np.array([v for _, v in path]),
        output=output,
    )
    kinds = check_all(answers, WORDS, CHECKS, state, values)
    own, bad = set(lost_of(values)) & set(beyond_float32(x)), bad_feature(state)
    spoilt = bad in lost_of(values) and bad not in own
    assert [kind for kind in kinds if kind != "heals"] == (
        ["ends"] + ["beyond"] * bool(own) + ["outputs", "cure"] * spoilt
    )


@pytest.mark.parametrize(("clean", "mean", "heals"), [
    (0.0, 1000.0, False), (0.0, 1000.5, True), (1.5, 1501.0, False), (1.5, 1502.0, True),
    (2.0, 2001.0, False), (2.0, -1999.0, True), (2.0, math.inf, False),
])  # fmt: skip
def test_a_mean_that_is_far_off_is_said_to_heal(clean, mean, heals):
    state = dataclasses.replace(BadNumberState(), data=FrozenArray([[clean]] * 4), before=0)
    values = BadNumberFound(
        update=np.arange(1, 3), output=np.ones((4, 1)),
        moving_mean=np.array([[mean]] * 2), moving_variance=np.ones((2, 1)),
    )  # fmt: skip
    assert ("heals" in check_all(answers, WORDS, CHECKS, state, values)) == heals
