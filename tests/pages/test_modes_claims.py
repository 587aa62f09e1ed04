"""Every claim about the gap between both modes, held against a computation of this file."""

import dataclasses
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.modes import LayerPath, ModesFound
from tests.claims import check_all
from tests.tables import TABLES, beyond_float32, exact_variance
from ui.questions.modes import answers
from ui.questions.modes.state import GUESSES, KEEPS, ModesState, size_of_batch
from ui.questions.modes.words import WORDS
from ui.state.arrays import FrozenArray

GAP = {"vanishes": "vanishes", "shrinks": "shrinks", "stays": "stays as it is", "grows": "grows"}


def recorded_gap(x, size, epsilon, keeps, updates, scale):
    """What a float32 layer returns in both modes: written out here, nothing of the app's."""
    x32, batch = np.asarray(x, np.float32), np.asarray(x, np.float32)[:size]
    eps = np.float32(epsilon)
    with np.errstate(all="ignore"):
        training = (batch - batch.mean(axis=0)) / np.sqrt(batch.var(axis=0) + eps)
        inference, held = {}, {}
        for keep in keeps:
            mean, variance = np.zeros(x32.shape[1], np.float32), np.ones(x32.shape[1], np.float32)
            path, variances = [], []
            parts = [x32[begin : begin + size] for begin in range(0, len(x32), size)]
            for rows in itertools.islice(itertools.cycle(parts), updates):
                old, new = np.float32(keep), np.float32(1 - float(keep))
                mean = old * mean + new * rows.mean(axis=0)
                variance = old * variance + new * rows.var(axis=0)
                path.append((batch - mean) / np.sqrt(variance + eps) * np.float32(scale))
                variances.append(variance)
            inference[keep], held[keep] = np.array(path), np.array(variances)
        first = batch / np.sqrt(np.float32(1) + eps)
    layers = {keep: LayerPath(inference[keep], moving_variance=held[keep]) for keep in inference}
    return ModesFound(
        training=training, first=first, update=np.arange(1, updates + 1), layers=layers
    )


def gap_ends(values):
    return {
        keep: float(np.mean([abs(a - b) for a, b in zip(layer.inference[-1].ravel(),
                                                      values.training.ravel(), strict=True)]))
        for keep, layer in values.layers.items()
    }  # fmt: skip


def settled_gap(x, size, epsilon):
    """From the expectation over all batches of an epoch: exact, but for the roots."""
    gap = []
    for column in np.asarray(x).T:
        variance = expected_variance(column, size)
        column = [Fraction(value) for value in column]
        mean, own = sum(column) / len(column), sum(column[:size]) / size
        batch = float(exact_variance(column[:size]))
        for value in column[:size]:
            a = _divided(value - mean, variance, epsilon)
            gap.append(abs(a - _divided(value - own, batch, epsilon)))
    return float(np.mean(gap))


def _divided(value, variance, epsilon):
    under = variance + epsilon
    return float(value) / math.sqrt(under) if under else math.nan


def check_not_finite(c, text, state, values):
    ends = [np.abs(values.first - values.training).mean(), *gap_ends(values).values()]
    assert not np.isfinite(ends).all()
    batch = state.data.array[: size_of_batch(state)]
    constant = any(len(set(column)) == 1 for column in batch.astype(np.float32).T)
    vanished = any(
        not variance.all() for variance in (path.moving_variance for path in values.layers.values())
    )
    division = state.epsilon == 0 and (constant or vanished)
    beyond = not division and bool(beyond_float32(batch))
    assert ("needs an ε above 0" in text) == division
    assert ("3.4e38" in text) == beyond
    assert text.endswith("to compare.") == (not division and not beyond)


def check_outcome(c, text, state, values):
    first = float(np.abs(values.first - values.training).mean())
    last = gap_ends(values)[min(values.layers, key=float)]
    assert c["keep"] == min(values.layers, key=float)
    assert (f"({c['keep']}): **it {GAP[c['found']]}") in text
    right = {
        "vanishes": last <= 0.0101 * min(first, 1) and last < first,
        "shrinks": last < first * 0.901,
        "stays": 0.899 * first <= last <= 1.101 * first or max(first, last) < 1.01e-5,
        "grows": last > 1.099 * first,
    }
    assert right[c["found"]]
    assert ("You predicted it" in text) == (state.guess == c["found"])


def check_apart(c, text, state, values):
    first = float(np.abs(values.first.astype(float) - values.training).mean())
    assert c["first"] == pytest.approx(first, rel=1e-4)
    assert f"**{c['first']:.3g}** apart" in text
    assert c["updates"] == len(values.update)
    assert c["ends"] == pytest.approx(gap_ends(values), rel=1e-4)
    assert all(f"**{gap:.3g}** with keep {keep}" in text for keep, gap in c["ends"].items())


def check_not_predicted(c, text, state, values):
    """The layer's own output is off, or a spacing of float32 is 1 % of the deviation, or more."""
    x, size = state.data.array, size_of_batch(state)
    exact = _exact(x[:size], state.epsilon)
    off = not np.abs(exact - values.training).max() <= 9e-4
    deviation = np.sqrt([expected_variance(column, size) + state.epsilon for column in x.T])
    coarse = np.spacing(np.abs(x).max(axis=0).astype(np.float32)) > 0.009 * deviation
    assert off or coarse.any() or len(beyond_float32(x))


def check_float32_holds(x, size, epsilon):
    for column in x.T[np.ptp(x, axis=0) > 0]:
        deviation = math.sqrt(expected_variance(column, size) + epsilon)
        assert np.spacing(np.float32(np.abs(column).max())) < 0.021 * deviation


def batches(rows, size):
    return [size] * (rows // size) + [rows % size] * bool(rows % size)


def expected_variance(column, size):
    """Of a batch, over all choices of its rows: exact."""
    column = [Fraction(value) for value in column]
    each = []
    for n in batches(len(column), size):
        chosen = list(itertools.combinations(column, n))
        each.append(sum(map(exact_variance, chosen)) / len(chosen))
    return float(sum(each) / len(each))


def _exact(x, epsilon):
    under = x.var(axis=0) + epsilon
    return (x - x.mean(axis=0)) / np.sqrt(np.where(under > 0, under, np.nan))


def check_no_gap(c, text, state, values):
    x, size = state.data.array, size_of_batch(state)
    assert settled_gap(x, size, state.epsilon) <= 1.1e-5
    assert c["whole"] == (size == len(x)) == ("whole data set" in text)


def check_gap(c, text, state, values):
    x, size = state.data.array, size_of_batch(state)
    assert c["left"] == pytest.approx(settled_gap(x, size, state.epsilon), rel=1e-6)
    assert c["left"] > 1e-5
    check_float32_holds(x, size, state.epsilon)
    assert c["whole"] == pytest.approx(settled_gap(x, len(x), state.epsilon), abs=1e-9)
    assert f"**{c['left']:.3g}** (dotted line)" in text
    assert (c["size"], c["rows"], c["rest"]) == (size, len(x), len(x) % size)
    assert size < len(x)
    assert (f"has {c['rest']} row" in text) == (len(x) % size > 0)
    assert f"this batch of {size}," in text


def check_unsettled(c, text, state, values):
    assert list(c["keeps"]) == [keep for keep in values.layers if float(keep) < 0.9]
    assert size_of_batch(state) < len(state.data.array)  # otherwise every batch is the same
    for keep in c["keeps"]:
        assert f"{1 / (1 - float(keep)):.3g} with keep {keep}" in text


def check_one_row(c, text, state, values):
    assert len(values.training) == 1
    assert c["largest"] == max(abs(float(value)) for value in values.training.ravel())
    assert ("up to rounding" in text) == (c["largest"] > 0)


CHECKS = {
    "not finite": check_not_finite, "outcome": check_outcome, "apart": check_apart,
    "not predicted": check_not_predicted, "no gap": check_no_gap, "gap": check_gap,
    "unsettled": check_unsettled, "one row": check_one_row,
}  # fmt: skip


@settings(max_examples=60)
@given(
    x=TABLES,
    size=st.integers(1, 7),
    epsilon=st.sampled_from([0.0, 1e-3, 1.0]),
    keeps=st.lists(st.sampled_from(KEEPS), min_size=1, max_size=2, unique=True),
    updates=st.sampled_from([1, 2, 40]),
    guess=st.sampled_from(list(GUESSES)),
    scale=st.sampled_from([1.0, 1.0, 3.0]),
    noise=st.sampled_from([0.0, 0.0, 0.5]),
)
@example([[1.0], [2.0], [4.0]], 2, 1e-3, ["0"], 40, "shrinks", 1.0, 0.0)
@example([[1.0], [2.0]], 1, 1e-3, ["0.9"], 40, "shrinks", 1.0, 0.5)
@example([[3.0], [3.0]], 1, 1e-3, ["0.9"], 40, "shrinks", 1.0, 0.0)
@example([[1.0], [2.0], [1.0], [2.0]], 2, 1e-3, ["0.9"], 40, "shrinks", 1.0, 0.0)  # 0.2 is left
@example([[1.0], [1e15], [-1e15]], 1, 1e-3, ["0.9"], 1, "stays", 1.0, 0.0)  # other batches lose it
def test_every_claim_about_the_gap(x, size, epsilon, keeps, updates, guess, scale, noise):
    state = dataclasses.replace(
        ModesState(), data=FrozenArray(x), batch_size=size, epsilon=epsilon, keeps=tuple(keeps),
        guess=guess,
    )  # fmt: skip
    values = recorded_gap(x, size_of_batch(state), epsilon, keeps, updates, scale)
    if size_of_batch(state) == 1:
        noisy = values.training + np.float32(noise * 1e-4)
        values = dataclasses.replace(values, training=noisy)
    kinds = check_all(answers, WORDS, CHECKS, state, values)
    assert ("unsettled" in kinds) == ("gap" in kinds and any(float(keep) < 0.9 for keep in keeps))
    assert ("one row" in kinds) == (size_of_batch(state) == 1 and kinds != ["not finite"])


@pytest.mark.parametrize(("x", "epsilon", "kept", "because"), [
    ([[1.0], [2.0]], 0.0, 0.0, "needs an ε above 0"), ([[2.0], [2.0]], 0.0, 0.5, "above 0"),
    ([[1.0], [2.0]], 1e-3, 0.0, "to compare."), ([[1.0], [2.0]], 0.0, 0.5, "to compare."),
    ([[1.0], [2.0]], 0.0, 1.0, "to compare."), ([[3e38], [-3e38]], 0.0, 0.5, "3.4e38"),
])  # fmt: skip
def test_why_there_is_no_gap(x, epsilon, kept, because):
    state = dataclasses.replace(ModesState(), data=FrozenArray(x), batch_size=2, epsilon=epsilon)
    values = recorded_gap(x, 2, epsilon, ["0.9"], 1, math.nan)
    values.layers["0.9"].moving_variance[:] = kept
    (kind,) = check_all(answers, WORDS, CHECKS, state, values)
    (text,) = answers.words(state, values)
    assert (kind, because in text) == ("not finite", True)


@pytest.mark.parametrize(("first", "last", "found"), [
    (2.0, 0.015, "shrinks"), (0.5, 0.0051, "shrinks"), (2.0, 0.0099, "vanishes"),
    (0.5, 0.0049, "vanishes"), (0.5, 0.56, "grows"), (0.5, 0.54, "stays"), (4.0, 4.8, "grows"),
    (9e-6, 1e-9, "stays"), (1.1e-5, 1e-9, "vanishes"), (1e-9, 1.1e-5, "grows"),
])  # fmt: skip
def test_what_became_of_a_gap(first, last, found):
    assert answers.outcome(first, last) == found


def test_the_smallest_keep_is_the_smallest_number():
    """And not the first: a layer of keep 0.9 may be recorded before one of keep 0."""
    state = dataclasses.replace(ModesState(), data=FrozenArray([[1.0], [2.0], [4.0]]), batch_size=2)
    values = recorded_gap(state.data.array, 2, 1e-3, ["0.999", "0.9"], 40, 1.0)
    assert check_all(answers, WORDS, CHECKS, state, values)[0] == "outcome"
    assert "smallest keep (0.9)" in answers.words(state, values)[0]


@pytest.mark.parametrize(("x", "epsilon", "predicted"), [
    ([[1e9, 1.0], [1e9, 2.0], [1e9, 4.0]], 1e-3, True),  # equal numbers lose nothing
    ([[1000.0], [1000.001], [1000.002]], 0.0, False),  # float32 steps by 6e-5 there
    ([[100.0], [100.01], [100.02]], 0.0, True),
    ([[1e20], [-1e20], [0.0]], 1e-3, False),  # squares beyond 3.4e38
    ([[1e18], [-1e18], [0.0]], 1e-3, True),
])  # fmt: skip
def test_a_final_gap_is_predicted_where_float32_holds_the_data(x, epsilon, predicted):
    """Whatever the layer returned in training mode: here the exact outputs."""
    x = np.array(x)
    state = dataclasses.replace(
        ModesState(), data=FrozenArray(x), batch_size=2, epsilon=epsilon, keeps=("0.9",)
    )
    values = recorded_gap(x, 2, epsilon, ["0.9"], 1, 1.0)
    values = dataclasses.replace(values, training=_exact(x[:2], epsilon))
    found = answers.final_gap(state, values)
    assert (found is not None) == predicted
    if predicted:
        assert found == pytest.approx(settled_gap(x, 2, epsilon), rel=1e-6)
