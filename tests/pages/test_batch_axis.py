"""The batch-axis page: what it says is what its run returned."""

import dataclasses
import re

import numpy as np
import pytest

from bncore.experiments.batch_axis import AxisFound, BatchAxisFound, InOrders, Step
from ui.drawing.seats.record import WEIGHTS
from ui.questions.batch_axis import answers, seats, words
from ui.questions.batch_axis import state as view
from ui.questions.batch_axis.recording import played, recording
from ui.questions.batch_axis.state import BatchAxisState
from ui.state.arrays import FrozenArray


@pytest.mark.keras
def test_the_asker_sees_the_real_errors_and_the_answer(visit):
    page = visit("batch-axis").train("batch-axis")
    shown = "\n".join(block.value for block in page.app.code)
    assert "must be fully-defined" in shown
    assert (
        "expected axis 0 of input shape to have value 5, but received input with shape (3, 6)"
        in (shown)
    )
    text = page.words
    assert "cannot be built (ValueError)" in text
    assert "cannot predict 3 rows (ValueError)" in text
    assert "moving mean has shape (5,)" in text
    assert "nearest to **the mean of all numbers**" in text
    changes = re.search(r"up to (\S+) with `axis=0` and by (\S+) with `axis=-1`", text).groups()
    assert float(changes[0]) > 0.01
    assert float(changes[1]) < 1e-5
    assert sum("built: 4 weights of shape (5,)" in box.value for box in page.app.success) == 1
    assert any("Keras 3." in caption.value for caption in page.app.caption)


@pytest.mark.keras
def test_a_prediction_made_before_the_run_is_compared_and_a_later_one_is_a_reading(visit):
    page = visit("batch-axis", updates="600")
    page.app.radio(key="batch-axis-guess").set_value("row").run()
    page.train("batch-axis")
    assert "You predicted: the mean of row 0." in page.words
    page.app.radio(key="batch-axis-guess").set_value("grand").run()
    assert "You predicted: the mean of row 0." in page.words
    assert "is a reading" in page.captions


@pytest.mark.keras
def test_the_page_keeps_its_answer_until_one_of_both_pictures_moves(visit):
    visit("batch-axis", updates="600").train("batch-axis")
    page = visit("batch-axis", updates="600")
    assert "nearest to" not in page.words
    assert "must be fully-defined" not in "".join(block.value for block in page.app.code)
    page.app.radio(key="batch-axis-guess").set_value("grand").run()
    moved = {"moved": [each["src"] for each in page.told if "src" in each][-1]}
    page.app.session_state["batch-axis-player-feature"] = moved
    page.app.run()
    assert "nearest to **the mean of all numbers**. You predicted it." in page.words


@pytest.mark.keras
def test_other_rows_give_other_words(visit):
    page = visit("batch-axis", new_rows="5", updates="50").train("batch-axis")
    assert "it predicts 5 rows" in page.words
    assert "which hides the trouble" in page.words


def test_other_data_bring_another_number_of_rows_to_predict():
    assert view.rows_to_predict(BatchAxisState(), np.ones((3, 4))) == {"new_rows": 5}
    assert view.rows_to_predict(BatchAxisState(), np.ones((4, 4))) == {}


def test_the_page_opens_with_a_train_button(visit):
    page = visit("batch-axis")
    assert not page.app.button(key="batch-axis-train").disabled


def test_a_single_row_says_why_it_cannot_be_trained():
    one = dataclasses.replace(BatchAxisState(), data=FrozenArray(np.ones((1, 3))))
    assert "2 to 12 rows" in view.problem(one)
    assert view.problem(BatchAxisState()) == ""


def test_words_follow_the_numbers():
    state = BatchAxisState()
    same = InOrders(np.ones((1, 5, 6)), np.ones((1, 5, 6)))
    assert "bit for bit" in words.shuffle_words(same)
    other = InOrders(np.zeros((1, 5, 6)), np.zeros((1, 5, 6)))
    other.shuffled[0, 2, 1] = 0.25
    assert "**0.25**" in words.shuffle_words(other)
    small = np.linspace(0, 2e-6, 30).reshape(1, 5, 6)
    text = words.shuffle_words(InOrders(small, small[:, ::-1]))
    assert "another output" in text  # small numbers, and a third of them
    counted = other.fixed + np.arange(6)
    rounding = InOrders(counted, counted + 1e-7)
    assert "rounding" in words.shuffle_words(rounding)
    assert answers.changed_outputs(other).tolist() == [0, 0, 0.25, 0, 0]
    broken = InOrders(np.full((1, 5, 6), np.nan), np.zeros((1, 5, 6)))
    assert "not finite" in words.shuffle_words(broken)
    at_row = InOrders(shuffled=answers.means(state, "0")[None])
    at_grand = InOrders(shuffled=np.full((1, 5), state.data.array.mean()))
    at_start = InOrders(shuffled=np.zeros((1, 5)))
    runs = (at_row, at_grand, at_start)
    assert [answers.nearest(state, run) for run in runs] == ["row", "grand", "start"]


@pytest.mark.keras
def test_what_keras_says_is_what_keras_says(monkeypatch):
    """Every step: another error of Keras is another sentence."""
    from bncore.keras import batch_axis as experiment

    asked = view.job(BatchAxisState()).asked

    def failing(*_, **__):
        raise OSError("the disk is full")

    for name, step in (("fit", "fit"), ("predict", "other")):
        with monkeypatch.context() as patch:
            patch.setattr(experiment.keras.Model, name, failing)
            found = experiment._stepped(asked, "-1").steps
        assert found[step] == Step("the disk is full", "OSError")
        assert not found["unknown"].error
    other, good = Step("the disk is full", "OSError"), Step("")
    axis = AxisFound(
        {"unknown": good, "fixed": good, "fit": good, "other": other},
        {"moving_mean": (5,)},
        outputs=InOrders(np.ones((1, 5, 6)), np.ones((1, 5, 6))),
    )
    text = words.answer(BatchAxisState(), BatchAxisFound(axes={"0": axis, "-1": axis}))
    assert "the layer is built" in text
    assert "cannot predict 3 rows (OSError)" in text
    assert "change by up to 0 with" in text


def test_a_small_feature_in_another_place_is_no_rounding():
    """Its outputs are a millionth of the others', and twice as large in another order."""
    fixed = np.ones((1, 5, 6)) * [1, 1, 1, 1, 1, 1e-6]
    shuffled = fixed * [1, 1, 1, 1, 1, 2]
    assert "another output" in words.shuffle_words(InOrders(fixed, shuffled))


def test_no_verdict_where_the_answers_lie_closer_together_than_the_average_wanders():
    erratic = dataclasses.replace(BatchAxisState(), keep=0.5)
    assert answers.nearest(erratic, InOrders(shuffled=np.full((1, 5), 0.5))) is None
    assert "no verdict" in words.guess_words(erratic, InOrders(shuffled=np.full((1, 5), 0.5)))
    # Row 0 has the mean 1, all numbers 2; their deviation is 1, and 0.25 of it the border.
    two = dataclasses.replace(BatchAxisState(), data=FrozenArray([[1.0], [3.0]]))
    for keep, found in ((0.891, "grand"), (0.88, None)):
        state = dataclasses.replace(two, keep=keep)
        assert answers.nearest(state, InOrders(shuffled=np.full((1, 2), 1.9))) == found


def walked(taken, keep):
    """The moving means of a layer that takes over these means."""
    path, mean = [], np.zeros(taken.shape[1])
    for each in taken:
        mean = keep * mean + (1 - keep) * each
        path.append(mean)
    return np.array(path, np.float32)


@pytest.mark.parametrize(("axis", "kept"), [("0", 5), ("-1", 6)])
def test_the_player_gets_both_runs_and_the_means_they_may_walk_to(axis, kept):
    """The shuffled run has been broken off after 2 of 4 updates."""
    state, rng = dataclasses.replace(BatchAxisState(), keep=0.9), np.random.default_rng(0)
    batch = InOrders(*(rng.uniform(size=(k, kept)).astype(np.float32) for k in (4, 2)))
    moving = InOrders(*(walked(each, state.keep) for each in (batch.fixed, batch.shuffled)))
    made = recording(state, AxisFound(moving_mean=moving, batch_mean=batch), axis)
    assert made.steps.tolist() == [0, 1, 2, 3, 4]
    assert made.features[-1] == ("position 4" if axis == "0" else "feature 5")
    mean, _ = made.quantities
    played_as, (formula,) = {each.key: each.values for each in made.quantities}, made.formulas
    assert (formula.name, formula.of) == ("moving mean", mean.key)
    named = {curve.label: curve.key for curve in made.curves}
    for label, order in (("rows in fixed order", "fixed"), ("rows shuffled", "shuffled")):
        path, taken = (played_as[key][named[label]] for key in (formula.of, formula.taken))
        assert (path[0] == 0).all()
        np.testing.assert_array_equal(path[1:], getattr(moving, order))
        follows = formula.keep * path[:-1] + (1 - formula.keep) * taken[1:]
        np.testing.assert_allclose(path[1:], follows, rtol=1e-5)
    x = state.data.array
    own, *grand = (level.values for level in mean.levels)
    np.testing.assert_allclose(own, x.mean(axis=1 if axis == "0" else 0))
    assert [line.tolist() for line in grand] == [[x.mean()] * 5] * (axis == "0")
    whose = "its row in fixed order" if axis == "0" else "the feature"
    assert mean.levels[0].label == f"mean of {whose}"
    nothing = InOrders(moving.fixed, moving.shuffled[:0])
    assert [curve.key for curve in played(AxisFound(moving_mean=nothing))] == ["fixed"]


def test_the_seats_get_each_layer_s_own_weights_and_what_it_returned():
    """What was returned is within rounding of the formula; nothing is drawn of what diverged."""
    state, rng = BatchAxisState(), np.random.default_rng(0)
    x, made = state.data.array, {}
    for axis, kept in (("0", (5, 1)), ("-1", (1, 6))):
        held = {name: rng.uniform(1, 2, kept).astype("f4") for name in WEIGHTS}
        each = {name: np.broadcast_to(w, (5, 6)).astype(float)[:, None] for name, w in held.items()}
        spread = np.sqrt(each["moving_variance"] + state.epsilon)
        returned = (x - each["moving_mean"]) / spread * each["gamma"] + each["beta"]
        flat = {name: weight.ravel() for name, weight in held.items()}
        made[axis] = AxisFound(weights=flat, seated=returned.astype("f4"))
    first, last = drawn = seats.layers(state, BatchAxisFound(axes=made))
    assert [layer.name for layer in drawn] == ["axis=0", "axis=-1"]
    for layer, axis in ((first, "0"), (last, "-1")):
        assert layer.weights["gamma"].shape == ((5, 1) if axis == "0" else (1, 6))
        np.testing.assert_array_equal(layer.weights["gamma"].ravel(), made[axis].weights["gamma"])
        np.testing.assert_array_equal(layer.returned, made[axis].seated)
        assert 1e-7 < layer.rounding < 1e-4
    made["-1"].seated[2, 3, 4] = np.inf
    assert seats.layers(state, BatchAxisFound(axes=made)) == []


def test_drift_is_measured_from_the_runs_that_are_named():
    state = BatchAxisState()
    own, grand = answers.means(state, "0"), state.data.array.mean()
    text = words.drift_words(state, "0", InOrders(own[None], np.full((1, 5), grand)))
    far = f"{np.abs(own - grand).max():.2g}"
    assert "within 0 of the mean of the row" in text
    assert f"up to {far} away" in text
    assert "within 0 of the mean of all" in text
