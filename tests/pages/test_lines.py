"""The dots that a slider moves: what they show, by another hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.questions.conventions import line as conventions
from ui.questions.conventions.state import TITLES, ConventionsState
from ui.questions.moving.line import line as moving
from ui.questions.moving.state import MovingState
from ui.state.arrays import FrozenArray


@given(st.integers(1, 300), st.floats(0, 0.9))
def test_every_correction_is_the_written_one(batch_size, epsilon):
    drawn = moving(MovingState(batch_size=batch_size, epsilon=epsilon))
    n = np.array(drawn.steps)
    assert drawn.start == min(max(batch_size, 2), 100)
    assert (drawn.rows["biased"] == 1).all()
    np.testing.assert_allclose(drawn.rows["n/(n-1)"], n / (n - 1))
    np.testing.assert_allclose(drawn.rows["n/(n-(1+epsilon))"], n / (n - 1 - epsilon))


def test_what_is_divided_by_0_is_not_drawn():
    drawn = moving(MovingState(epsilon=1.0))
    assert np.isnan(drawn.rows["n/(n-(1+epsilon))"][0])


def test_the_sentence_of_every_step():
    drawn = moving(MovingState())
    said = dict(zip(drawn.steps, drawn.said, strict=True))
    assert said[5] == (
        "n = 5: the unbiased variance is 5/4 of the biased one, 25 % more. "
        "Drag n up: they come together."
    )
    assert said[100] == "n = 100: the unbiased variance is 100/99 of the biased one, 1 % more."


NAMES = ("keras-2.2.4", "keras-3", "torch", "flax")


def test_conventions_are_drawn_with_what_they_store():
    drawn = conventions.line(ConventionsState(), NAMES)
    n = np.array(drawn.steps)
    rows = {name: drawn.rows[TITLES[name]] for name in NAMES}
    assert (rows["keras-3"] == 1).all()
    np.testing.assert_allclose(rows["torch"], n / (n - 1))
    np.testing.assert_allclose(rows["keras-2.2.4"], n / (n - 1.001))
    assert drawn.start == 5
    assert drawn.said[3] == (
        "n = 5: 3 different numbers, from 1 to 1.2503 times the biased variance: up to 25 % apart."
    )


def test_conventions_that_are_alike_are_said_to_be():
    drawn = conventions.line(ConventionsState(), ("keras-3", "flax"))
    assert set(drawn.said) == {
        f"n = {n}: all of them store 1 times the biased variance." for n in drawn.steps
    }


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1.0, 101.0], "2 different numbers, from 1 to 101 times … variance: up to "
         "10,000 % apart."),
        ([1.0, 1.05], "2 different numbers, from 1 to 1.05 times … variance: up to 5 % apart."),
        ([-2.0, 1.0], "2 different numbers, from -2 to 1 times … variance."),
        ([1.0, np.nan, 2.0], "2 of 3 store a number: 2 different numbers, from 1 to 2 times … "
         "variance: up to 100 % apart."),
        ([1.0, np.nan], "1 of 2 store a number: 1 times … variance."),
        ([1.5], "it stores 1.5 times … variance."),
        ([np.nan], "it stores no number."),
        ([np.nan, np.nan], "none of them stores a number."),
    ],
)  # fmt: skip
def test_the_sentence_of_one_step(values, says):
    text = conventions._said(2, np.array(values))
    assert text == "n = 2: " + says.replace("…", "the biased")


def test_nothing_is_drawn_over_a_variance_of_0():
    assert conventions.line(ConventionsState(data=FrozenArray(np.ones((3, 2)))), NAMES) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([np.nan], []),
        ([1.0, 1 + 1e-9, 2.0, np.inf], [1.0, 2.0]),
        ([1.0, 1 + 1e-5], [1.0, 1 + 1e-5]),
    ],
)
def test_groups(values, expected):
    assert conventions.groups(np.array(values)) == expected
