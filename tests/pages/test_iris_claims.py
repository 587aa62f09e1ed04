"""Every claim of the Iris page, held against plain counting, fractions and real mini-batches."""

import dataclasses
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bncore
from bncore.experiments.iris import IrisFound
from bncore.experiments.weights import Weight
from ui.page.claims import sentence
from ui.questions.iris import answers
from ui.questions.iris.state import IrisState
from ui.questions.iris.words import WORDS

DATA = bncore.DATASETS["iris"]()
X = DATA.values
ROWS, FEATURES = X.shape


@st.composite
def cases(draw):
    """A state, and the weights and moving means of a model that it could have trained."""
    state = IrisState(
        hidden=draw(st.integers(1, 256)),
        epochs=draw(st.integers(1, 2000)),
        batch_size=draw(st.sampled_from([1, 2, 30, 32, 75, 149, 150])),
        keep=draw(st.sampled_from([0.0, 0.5, 0.99, 0.9999999, 1.0])),
    )
    generator = np.random.default_rng(draw(st.integers(0, 999)))
    size = draw(st.sampled_from([FEATURES, ROWS, 1]))
    shapes = [(size,), (size,), (size,), (draw(st.sampled_from([size, 4])),)]
    names = ["moving_mean", "moving_variance", "gamma", "beta"]
    weights = [
        Weight(answers.LAYER, n, s, n in names[2:]) for n, s in zip(names, shapes, strict=True)
    ]
    for shape in ((4, state.hidden), (state.hidden,), (state.hidden, 3), (3,)):
        weights.append(Weight("Dense", "w", shape, True))
    off = draw(st.sampled_from([0.0, 1e-9, 0.3, 1e6]))
    moved = X.mean(axis=0) + off * generator.normal(size=FEATURES)
    means = np.array([moved + 9, moved], np.float32)
    made = draw(st.integers(1, 500))
    return state, IrisFound(
        weights=tuple(weights), update=np.arange(1, made + 1), moving_mean=means
    )


def column_mean(column):
    return sum(Fraction(v) for v in X[:, column]) / ROWS


def check_holds(case, shape, means, per, rows, alike, updates, off, worst, there, column):
    values = case[1]
    own = [w for w in values.weights if w.layer == "BatchNormalization"]
    assert shape == next(w.shape for w in own if w.name == "moving_mean")
    assert means == len(np.zeros(shape).ravel())
    assert per == {4: "feature", 150: "sample"}.get(means)
    assert alike == all(w.shape == shape for w in own)
    assert (rows, updates) == (150, len(values.update))
    moved = [Fraction(float(v)) for v in values.moving_mean[-1]]
    far = [float(abs(m - column_mean(j))) for j, m in enumerate(moved)]
    assert off == pytest.approx(max(far), rel=1e-9, abs=1e-13)
    assert far[worst] == pytest.approx(max(far), rel=1e-9, abs=1e-13)
    assert there == float(moved[worst])
    assert column == pytest.approx(float(column_mean(worst)), rel=1e-12)


def check_parameters(case, inside, learned, everything, trained):
    weights = case[1].weights
    own = [w for w in weights if w.layer == "BatchNormalization"]
    assert inside == sum(math.prod(w.shape) for w in own)
    assert learned == sum(math.prod(w.shape) for w in own if w.name in ("gamma", "beta"))
    assert everything == sum(math.prod(w.shape) for w in weights)
    assert everything - trained == inside - learned


def check_left(case, made, keep, share):
    state, values = case
    assert (made, keep) == (len(values.update), state.keep)
    assert share == pytest.approx(float(Fraction(keep) ** made), rel=1e-9)


def check_nothing_taken_over(case):
    assert case[0].keep == 1


def check_whole_data_set(case):
    assert case[0].keep < 1
    assert math.ceil(ROWS / case[0].batch_size) == 1


def check_one_row_a_batch(case):
    assert case[0].keep < 1
    assert case[0].batch_size == 1


def check_mini_batches(case, size, rows, ratio, rest):
    assert (size, rows) == (case[0].batch_size, ROWS)
    assert case[0].keep < 1
    assert 1 < size < rows
    batches = [len(range(start, min(start + size, rows))) for start in range(0, rows, size)]
    expected = sum(Fraction((n - 1) * rows, n * (rows - 1)) for n in batches) / len(batches)
    assert ratio == pytest.approx(float(expected), rel=1e-12)
    assert rest == (batches[-1] if batches[-1] < size else 0)


CHECKS = {
    "holds": check_holds,
    "parameters": check_parameters,
    "left": check_left,
    "nothing taken over": check_nothing_taken_over,
    "whole data set": check_whole_data_set,
    "one row a batch": check_one_row_a_batch,
    "mini-batches": check_mini_batches,
}


def test_every_kind_of_claim_has_words_and_a_check():
    assert set(WORDS) == set(CHECKS)


@settings(max_examples=80, database=None)
@given(cases())
def test_every_claim_is_true(case):
    claimed(case)


def claimed(case):
    """The kinds that are claimed of a case; each claim is checked."""
    state, values = case
    claims = [
        answers.held(X, values),
        answers.parameters(values.weights),
        answers.left(state, len(values.update)),
        answers.expected_variance(state, ROWS),
    ]
    for claim in claims:
        assert sentence(claim, WORDS)
        CHECKS[claim.kind](case, **claim.numbers)
    return {claim.kind for claim in claims}


@given(st.data())
@settings(max_examples=4, database=None)
def test_every_kind_is_reached(data):
    state, values = data.draw(cases())
    reached = set()
    for size, keep in ((1, 0.5), (32, 0.5), (150, 0.5), (32, 1.0)):
        there = dataclasses.replace(state, batch_size=size, keep=keep)
        reached |= claimed((there, values))
    assert reached == set(CHECKS)


def test_the_expected_ratio_is_that_of_real_batches():
    """All batches of 3 of 5 rows, drawn without replacement, and the 2 rows that are left."""
    x = np.array([0.0, 1.0, 4.0, 9.0, 30.0])
    found = []
    for chosen in itertools.combinations(range(5), 3):
        rest = [i for i in range(5) if i not in chosen]
        found.append((x[list(chosen)].var() + x[rest].var()) / 2)
    claim = answers.expected_variance(dataclasses.replace(IrisState(), batch_size=3), 5)
    assert claim.numbers["ratio"] == pytest.approx(np.mean(found) / x.var())
    assert claim.numbers["rest"] == 2


def test_batches_of_one_row_have_no_variance_that_moves():
    alone = dataclasses.replace(IrisState(), batch_size=1)
    said = sentence(answers.expected_variance(alone, ROWS), WORDS)
    assert "goes to 0" in said
    assert "curves keep moving around them" not in said
