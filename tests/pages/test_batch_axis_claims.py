"""Every claim of the batch-axis page, held against fractions and averages computed here."""

import dataclasses
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bncore.experiments.batch_axis import (
    AXES,
    STEPS,
    AxisFound,
    BatchAxisFound,
    InOrders,
    Step,
)
from ui.page.claims import sentence
from ui.questions.batch_axis import answers
from ui.questions.batch_axis.state import BatchAxisState
from ui.questions.batch_axis.words import WORDS
from ui.state.arrays import FrozenArray


@st.composite
def cases(draw):
    """A state, and moving means and outputs as they could have been recorded."""
    rows, features = draw(st.integers(2, 5)), draw(st.integers(1, 4))
    generator = np.random.default_rng(draw(st.integers(0, 999)))
    data = generator.normal(size=(rows, features)) * draw(st.sampled_from([1e-30, 1.0, 1e10]))
    data += draw(st.sampled_from([0.0, 1.0, 1e8]))
    if draw(st.integers(0, 5)) == 0:
        data[:] = data[0, 0]
    state = BatchAxisState(
        data=FrozenArray(data),
        new_rows=draw(st.sampled_from([1, rows, rows + 1])),
        updates=draw(st.integers(1, 300)),
        keep=draw(st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999999999, 1.0])),
    )
    orders = {
        "fixed": np.tile(np.arange(rows), (state.updates, 1)),
        "shuffled": generator.permuted(np.tile(np.arange(rows), (state.updates, 1)), axis=1),
    }
    moving = {
        axis: InOrders(**{n: averaged(state, axis, o) for n, o in orders.items()}) for axis in AXES
    }
    noise = draw(st.sampled_from([0.0, 1e-7, 1e-3, 1.0]))
    return state, moving, {axis: outputs(data, generator, noise) for axis in AXES}


def averaged(state, axis, orders):
    """The moving means of a real layer: float32, update by update."""
    keep, moving, path = np.float32(state.keep), np.float32(0), []
    new = np.float32(1 - state.keep)
    for order in orders:
        x = state.data.array[order].astype(np.float32)
        moving = moving * keep + x.mean(axis=1 if axis == "0" else 0) * new
        path.append(moving)
    return np.array(path)


def outputs(data, generator, noise):
    """Outputs in two orders; the last feature may be all 0, or as small as a millionth."""
    fixed = (data - data.mean(axis=0)) / (data.std(axis=0) + 1e-3)
    fixed[:, -1] *= generator.choice([0.0, 1e-6, 1.0])
    moved = fixed + noise * generator.normal(size=fixed.shape) * generator.choice(
        [0, 1], fixed.shape
    )
    return InOrders(fixed[None], moved[None])


def fractions(values):
    return [[Fraction(float(v)) for v in row] for row in np.atleast_2d(values)]


def row_means(state):
    return [sum(row) / len(row) for row in fractions(state.data.array)]


def column_means(state):
    return [sum(column) / len(column) for column in fractions(state.data.array.T)]


def farthest(found, places):
    there = [abs(Fraction(float(a)) - b) for a, b in zip(found, places, strict=True)]
    return float(max(there))


def largest_change(outputs):
    pairs = zip(fractions(outputs.fixed[0]), fractions(outputs.shuffled[0]), strict=True)
    return float(max(abs(a - b) for one, two in pairs for a, b in zip(one, two, strict=True)))


def close(found, wanted, state):
    size = float(np.abs(state.data.array).max())
    return found == pytest.approx(wanted, rel=1e-9, abs=1e-14 * size)


def check_not_finite(case, axis):
    there = [np.isfinite(values).all() for values in dataclasses.astuple(case[2][axis])]
    assert not all(there)


def check_same_outputs(case, axis):
    assert largest_change(case[2][axis]) == 0


def check_changed(case, axis, largest, share, elsewhere):
    """The relative change, feature by feature."""
    found = case[2][axis]
    assert largest > 0
    assert largest == pytest.approx(largest_change(found))
    columns = zip(found.fixed[0].T, found.shuffled[0].T, strict=True)
    off = [(max(abs(a - b)), max(abs(a))) for a, b in columns]
    relative = [change / (size or 1.0) for change, size in off]
    at = int(np.argmax(relative))
    assert (share is None) == (off[at][1] == 0)
    assert share is None or share == pytest.approx(relative[at])
    assert elsewhere == (off[at][0] < largest)
    return max(relative)


def check_rounding(case, axis, **numbers):
    assert check_changed(case, axis, **numbers) < 1e-5


def check_other_outputs(case, axis, **numbers):
    assert check_changed(case, axis, **numbers) >= 1e-5


def check_drift_of_features(case, axis, fixed, shuffled, between):
    state, moving = case[0], case[1][axis]
    assert axis == "-1"
    for found, run in ((fixed, moving.fixed), (shuffled, moving.shuffled)):
        assert close(found, farthest(run[-1], column_means(state)), state)
    assert between == farthest(moving.fixed[-1], fractions(moving.shuffled[-1])[0])


def check_drift_of_positions(case, axis, fixed, shuffled, grand, from_grand):
    state, moving, own = case[0], case[1][axis], row_means(case[0])
    assert axis == "0"
    assert close(fixed, farthest(moving.fixed[-1], own), state)
    assert close(shuffled, farthest(moving.shuffled[-1], own), state)
    mean = sum(own) / len(own)
    assert close(grand, float(mean), state)
    assert close(from_grand, farthest(moving.shuffled[-1], [mean] * len(own)), state)
    text = WORDS["drift of positions"](fixed, shuffled, grand, from_grand)
    for said, far in zip(re.findall(r"within (\S+) of", text), (fixed, from_grand), strict=True):
        assert far * (1 - 1e-9) <= float(said) <= far * 1.1 + 1e-300


def check_left(case, axis, updates, keep, share):
    state = case[0]
    assert (updates, keep) == (state.updates, state.keep)
    assert share == pytest.approx(float(Fraction(keep) ** updates), rel=1e-9)
    ones = np.ones(1)
    for _ in range(updates):
        ones = ones * keep
    assert share == pytest.approx(ones[0], rel=1e-9)


def places(state):
    own = row_means(state)
    return {"row": own[0], "grand": sum(own) / len(own), "start": Fraction(0)}


def distances(case):
    reached = Fraction(float(case[1]["0"].shuffled[-1][0]))
    return {name: abs(place - reached) for name, place in places(case[0]).items()}


def apart(case):
    """How far the two nearest answers are from each other, and what an average wanders."""
    near = sorted(distances(case), key=distances(case).get)[:2]
    there = [float(places(case[0])[name]) for name in near]
    keep, own = case[0].keep, np.array(row_means(case[0]), float)
    return abs(there[0] - there[1]), own.std() * ((1 - keep) / (1 + keep)) ** 0.5


def check_nearest(case, axis, reached, found):
    assert reached == case[1]["0"].shuffled[-1][0]
    far = distances(case)
    assert far[found] <= min(far.values()) + Fraction(1e-14) * max(far.values())
    between, wanders = apart(case)
    assert between > 3.99 * wanders


def check_no_verdict(case, axis, reached):
    assert reached == case[1]["0"].shuffled[-1][0]
    between, wanders = apart(case)
    size = np.abs(case[0].data.array).max() * 1.2e-7 * case[0].updates
    assert between <= 4.01 * wanders + size


def check_answer(case, axis, kept, rows, features, asked, errors, largest, beside):
    state, steps = case[0], values(case).axes["0"].steps
    assert (rows, features) == state.data.shape
    assert kept == (rows,)
    assert asked == state.new_rows
    assert {name: bool(error) for name, error in errors.items()} == {
        name: bool(step.error) for name, step in steps.items()
    }
    assert largest == pytest.approx(largest_change(case[2]["0"]))
    assert beside == pytest.approx(largest_change(case[2]["-1"]))


def check_as_many_rows(case, axis):
    assert case[0].new_rows == len(case[0].data.array)


CHECKS = {
    "not finite": check_not_finite,
    "same outputs": check_same_outputs,
    "outputs but for rounding": check_rounding,
    "other outputs": check_other_outputs,
    "drift of features": check_drift_of_features,
    "drift of positions": check_drift_of_positions,
    "left": check_left,
    "nearest": check_nearest,
    "no verdict": check_no_verdict,
    "answer": check_answer,
    "as many rows": check_as_many_rows,
}


def test_every_kind_of_claim_has_words_and_a_check():
    assert set(WORDS) == set(CHECKS)


def values(case):
    """What the steps returned: every other one failed."""
    state = case[0]
    steps = {name: Step("no", "ValueError" * (i % 2)) for i, name in enumerate(STEPS)}
    shapes = {"moving_mean": (len(state.data.array),)}
    axes = {axis: AxisFound(steps, shapes, outputs=case[2][axis]) for axis in AXES}
    return BatchAxisFound(axes=axes)


def claimed(case):
    """The kinds that are claimed of a case; each claim is checked."""
    state, moving, found = case
    claims = [("0", claim) for claim in answers.answers(state, values(case))]
    claims += [("0", answers.left(state)), ("0", answers.measured(state, moving["0"]))]
    for axis in AXES:
        claims.append((axis, answers.shuffled(found[axis])))
        claims.append((axis, answers.drift(state, axis, moving[axis])))
    for axis, claim in claims:
        assert sentence(claim, WORDS)
        CHECKS[claim.kind](case, axis, **claim.numbers)
    kinds = {claim.kind for _, claim in claims}
    assert ("as many rows" in kinds) == (state.new_rows == len(state.data.array))
    return kinds


@settings(max_examples=100, database=None)
@given(cases())
def test_every_claim_is_true(case):
    claimed(case)


def test_every_kind_is_reached_and_true():
    generator, reached = np.random.default_rng(0), set()
    for noise, keep, asked in ((0.0, 0.99, 3), (1e-7, 0.99, 5), (1.0, 0.0, 3)):
        state = dataclasses.replace(BatchAxisState(), keep=keep, new_rows=asked)
        order = np.tile(np.arange(5), (1000, 1))
        orders = {"fixed": order, "shuffled": generator.permuted(order, axis=1)}
        moving = {
            a: InOrders(**{n: averaged(state, a, o) for n, o in orders.items()}) for a in AXES
        }
        found = {axis: outputs(state.data.array, generator, noise) for axis in AXES}
        reached |= claimed((state, moving, found))
    assert reached | {"not finite"} == set(CHECKS)


def test_outputs_that_are_not_finite_are_no_comparison():
    broken = InOrders(np.full((1, 2, 2), np.nan), np.ones((1, 2, 2)))
    assert answers.shuffled(broken).kind == "not finite"
    check_not_finite((None, None, {"0": broken}), "0")


def test_a_feature_whose_outputs_are_0_has_no_largest_output():
    found = InOrders(np.zeros((1, 2, 1)), np.full((1, 2, 1), 0.25))
    text = sentence(answers.shuffled(found), WORDS)
    assert text.endswith("it differs by up to **0.25**.")


def test_the_largest_difference_and_the_largest_share_may_be_of_two_features():
    found = InOrders(np.array([[[100.0, 1e-3]]]), np.array([[[101.0, 2e-3]]]))
    text = sentence(answers.shuffled(found), WORDS)
    assert "up to **1** (in another feature by 1 of its largest output)" in text


def test_what_float32_cannot_tell_apart_has_no_verdict():
    """Row means 1 apart next to 1e8, where float32 steps by 8."""
    data = np.array([[1e8], [1e8 + 1], [1e8 + 2]])
    state = dataclasses.replace(BatchAxisState(), data=FrozenArray(data), keep=0.999)
    for reached in (1e8, 1e8 + 8):
        assert answers.nearest(state, InOrders(shuffled=np.full((1, 3), reached))) is None


def test_with_keep_1_there_is_no_rest():
    still = dataclasses.replace(BatchAxisState(), keep=1.0)
    assert sentence(answers.left(still), WORDS).endswith("hold 100 % of their initial 0.")
    half = dataclasses.replace(BatchAxisState(), keep=0.5, updates=1)
    assert "50 % of their initial 0; the rest is what they saw" in sentence(
        answers.left(half), WORDS
    )
