"""The page about one bad number: what it says is what its run returned."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.bad_number import BadNumberFound
from bncore.experiments.experiment import joined
from ui.drawing.drop import Dropped
from ui.drawing.player import Event
from ui.questions.bad_number import answers
from ui.questions.bad_number.drop import drop, dropped
from ui.questions.bad_number.recording import recording, statistics
from ui.questions.bad_number.state import NUMBERS, BadNumberState, asked
from ui.state import fields
from ui.state.arrays import FrozenArray


def test_it_opens_ready_to_train(visit):
    assert not visit("bad-number").app.button(key="bad-number-train").disabled


@pytest.mark.keras
def test_a_nan_stays_in_its_feature_for_good(visit):
    page = visit("bad-number", guess="none", feature="1").train("bad-number")
    assert "moving mean **nan**" in page.words
    assert "**Not finite at the end: feature 1.** You predicted: nothing: it heals." in page.words


@pytest.mark.keras
def test_a_huge_number_leaves_a_mean_that_heals_and_a_variance_that_does_not(visit):
    text = visit("bad-number", bad="1e20").train("bad-number").words
    assert "moving variance **inf**" in text
    assert "comes out as **0" in text or "comes out as **-0" in text


@pytest.mark.keras
@pytest.mark.parametrize("bad", list(NUMBERS))
@pytest.mark.parametrize("keep", [0.0, 0.9])
def test_each_played_update_follows_from_the_one_before(bad, keep):
    """Keras made the numbers; what it took over is computed here."""
    from bncore.keras.bad_number import feed

    state = dataclasses.replace(BadNumberState(), bad=bad, keep=keep, before=5, after=7)
    found = joined([chunk.values for chunk in feed(asked(state))])
    made = recording(state, found)
    assert made.steps.tolist() == list(range(14))
    assert made.events == (Event(6, f"{NUMBERS[bad]} in feature 1"),)
    played = {quantity.key: quantity.values["layer"] for quantity in made.quantities}
    for formula, name, initial in zip(made.formulas, ("mean", "variance"), (0, 1), strict=True):
        assert (formula.name, formula.of) == (f"moving {name}", name)
        values, taken = (played[key].astype(float) for key in (name, formula.taken))
        assert (values[0] == initial).all()
        np.testing.assert_array_equal(values[1:], getattr(found, f"moving_{name}"))
        with np.errstate(all="ignore"):
            follows = formula.keep * values[:-1] + (1 - formula.keep) * taken[1:]
        np.testing.assert_allclose(values[1:], follows, rtol=1e-5, atol=1e-6)
        assert not np.isfinite(values[-1, 1]) or (bad, name) == ("1e20", "mean")


def test_the_axis_ends_at_what_clean_batches_hold():
    """A column whose squares are beyond float32 leaves the axis where it is."""
    state = dataclasses.replace(
        BadNumberState(), data=FrozenArray([[1.0, 3e30], [3.0, -3e30]]), before=1
    )
    mean, _, variance, _ = recording(state, ones(3)).quantities
    np.testing.assert_allclose(mean.span, [[0, 0], [2, 0]])
    np.testing.assert_allclose(variance.span, [[1, 1], [1, 1]])
    assert recording(state, ones(3)).together
    many = dataclasses.replace(state, data=FrozenArray(np.ones((2, 13))))
    assert not recording(many, ones(3)).together


def ones(updates):
    """A run in which every number is 1."""
    held = np.ones((updates, 2))
    return BadNumberFound({}, {}, np.arange(updates), held, held, np.ones((4, 2)))


def test_where_everything_is_finite_no_feature_is_named():
    quiet = answers.words(dataclasses.replace(BadNumberState(), before=1), ones(3))
    assert "Not finite at the end: no feature." in quiet[0]


def test_clean_updates_are_counted_after_the_bad_one():
    (text, *_) = answers.words(dataclasses.replace(BadNumberState(), before=1), ones(5))
    assert "After one NaN and 3 clean updates, feature 1 holds the moving mean **1**" in text


@pytest.mark.parametrize("feature", [0, 2])
@pytest.mark.parametrize("bad", list(NUMBERS))
def test_a_drop_has_the_statistics_of_the_batch_that_is_fed(bad, feature):
    state = dataclasses.replace(BadNumberState(), bad=bad, feature=feature, before=5, after=7)
    made = drop(state, None, told=True)
    assert made.at == Dropped(bad, feature, 6)
    assert (made.total, made.first, made.last, made.held) == (13, 1, 13, None)
    fed = statistics(asked(state).bad)
    for name, values in made.spoilt[bad].items():
        np.testing.assert_array_equal(values[feature], fed[name][feature])
        others = np.arange(3) != feature
        np.testing.assert_array_equal(made.clean[name][others], fed[name][others])


def test_the_bad_feature_is_drawn_among_many():
    data = FrozenArray(np.arange(24.0).reshape(2, 12) ** 2)
    state = dataclasses.replace(BadNumberState(), data=data, feature=9)
    assert drop(state, None, told=False).features == (0, 1, 2, 3, 4, 9)
    assert drop(dataclasses.replace(state, feature=3), None, told=False).features == tuple(range(6))


def test_a_drop_changes_where_and_never_how_many():
    state = dataclasses.replace(BadNumberState(), before=10_000, after=20_000)
    made = drop(state, None, told=True)
    for update in (made.first, made.last):
        changes = dropped(state, {"bad": "inf", "feature": 2, "update": update})
        moved = dataclasses.replace(state, **changes)
        assert fields.replace(state, changes) == moved  # each is allowed
        assert drop(moved, None, told=True).at == Dropped("inf", 2, update)
        assert drop(moved, None, told=True).total == made.total == 30_001


@pytest.mark.parametrize(
    "chosen",
    [{}, {"update": "soon"}, {"update": 7, "bad": [], "feature": 0}, {"update": 7, "bad": "nan"},
     {"update": -3, "bad": "nan", "feature": 0}, {"update": 10**9, "bad": "nan", "feature": 0}],
)  # fmt: skip
def test_what_is_no_drop_changes_nothing(chosen):
    """A browser may send anything: what is no field's value is refused there (`Page.attempt`)."""
    changes = dropped(BadNumberState(), chosen)
    if changes:
        with pytest.raises(fields.FieldError):
            fields.replace(BadNumberState(), changes)
