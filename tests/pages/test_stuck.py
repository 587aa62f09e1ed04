"""The page about a validation that is stuck: what it says is what its run returned."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bncore.experiments.arguments import Rows
from bncore.experiments.validation_gap import Estimated, GapFound, GapRun
from ui.questions.stuck import answers
from ui.questions.stuck.recording import recording
from ui.questions.stuck.state import StuckState, problem


def test_it_opens_ready_to_train(visit):
    assert not visit("stuck").app.button(key="stuck-train").disabled


def test_reset_stays_with_the_question(visit):
    page = visit("stuck", keep="0.5", guess="lagging")
    page.app.button(key="stuck-reset").click().run()
    assert page.app.title[0].value == "Validation is stuck"
    assert page.query == {}


@pytest.mark.keras
def test_validation_is_stuck_and_cured_twice(visit):
    text = visit("stuck", guess="lagging").train("stuck").words
    assert "This is not overfitting, the moving statistics lag behind" in text
    assert "You predicted it." in text
    assert "Cure: let it forget sooner" in text
    assert "Cure without training again" in text


@pytest.mark.keras
def test_diverging_says_when_and_keeps_the_curves(visit):
    page = visit("stuck", learning_rate="10", batch_size="1", epochs="1")
    page.train("stuck")
    assert not page.app.exception  # Adam may survive it; what stops is tested with the experiment


def test_nothing_is_claimed_before_a_run(visit):
    words = visit("stuck", learning_rate="0").words
    assert "climbs" not in words
    assert "does not move" not in words


def test_what_cannot_be_trained_is_refused_before_it_runs():
    assert "Both keeps are 0.9" in problem(dataclasses.replace(StuckState(), keep=0.9))
    long = dataclasses.replace(StuckState(), batch_size=1, epochs=200)
    assert "at most 20,000" in problem(long)
    assert problem(StuckState()) == ""


def run_of(training, inference, validation, made=100):
    return GapRun(np.ones(made), *(np.full(made, end) for end in (training, inference, validation)))


def found_of(common, estimated=None, **runs):
    return GapFound(
        rows=Rows(80, 20), most_common=common, runs=runs, estimated=estimated or {},
    )  # fmt: skip


def test_what_is_called_a_lag_and_a_cure_is_one():
    state = dataclasses.replace(StuckState(), keep=0.5, second_keep=0.99, batch_size=2)
    found = found_of(
        0.5,
        {"0.5": Estimated(0.3, 0.3)},
        **{"0.5": run_of(0.9, 0.4, 0.4), "0.99": run_of(0.9, 0.9, 0.9)},
    )
    text = "\n".join(answers.words(dataclasses.replace(state, guess="lagging"), found))
    assert "lag behind" not in text  # 0.5^100 is left of the initial values
    assert "predicted" not in text
    assert "remember about 2 batches of 2" in text
    assert "Cure: let it remember longer" in text
    assert "Averaging after training did not help" in text
    found.runs["0.99"] = run_of(0.9, 0.3, 0.3)
    assert "Changing keep did not help" in "\n".join(answers.words(state, found))


def test_below_the_most_common_class_nothing_is_a_cure():
    """38.6 % instead of 37 %, where the most common class alone is 66.7 %."""
    found = found_of(
        0.667,
        {"0.999": Estimated(0.4, 0.6)},
        **{"0.999": run_of(0.95, 0.36, 0.37), "0.9": run_of(0.95, 0.38, 0.386)},
    )
    text = "\n".join(answers.words(StuckState(), found))
    assert "Cure" not in text
    assert text.count("**no cure**") == 2


def test_the_player_gets_what_was_recorded_of_each_model():
    """The second training has stopped after 60 of 100 updates."""
    rng = np.random.default_rng(0)
    runs = {
        keep: GapRun(*rng.uniform(size=(4, updates)).astype(np.float32))
        for keep, updates in (("0.999", 100), ("0.9", 60))
    }
    nothing = GapRun(*np.empty((4, 0), np.float32))
    played = recording(found_of(0.625, **runs, **{"0.5": nothing}), 200)
    assert played.steps.tolist() == list(range(1, 101))
    names = ["training rows, training mode", "training rows, inference mode", "validation rows"]
    assert [curve.label for curve in played.curves] == names
    assert [quantity.title for quantity in played.quantities] == [
        "Accuracy of the first model, keep 0.999", "Accuracy of the second model, keep 0.9"
    ]  # fmt: skip
    assert [quantity.key for quantity in played.quantities] == ["first", "second"]
    named = {curve.label: curve.key for curve in played.curves}
    for quantity, run in zip(played.quantities, runs.values(), strict=True):
        for word, name in (
            ("training mode", "training_mode"),
            ("inference mode", "inference_mode"),
            ("validation rows", "validation"),
        ):
            (key,) = (key for label, key in named.items() if word in label)
            np.testing.assert_array_equal(quantity.values[key][:, 0], getattr(run, name))
        (common,) = quantity.levels
        assert (common.label, common.values.tolist()) == ("most common class, 62.5%", [0.625])


@given(*[st.floats(0, 1)] * 6)
def test_a_cure_is_better_than_both_what_was_and_the_most_common_class(t, i, v, i2, v2, common):
    before, after = answers.Accuracies(t, i, v), answers.Accuracies(t, i2, v2)
    found = answers.effect(before, after, common)
    if found == "cures":
        assert v2 > max(v, common)
        assert t - i2 <= max(0.05, (t - i) / 2)
    assert (found == "none") == (v2 <= v)


@given(*[st.floats(0, 1)] * 7)
def test_no_accuracies_make_it_say_what_they_do_not_show(t, i, v, t2, i2, v2, common):
    found = found_of(common, **{"0.999": run_of(t, i, v), "0.9": run_of(t2, i2, v2)})
    text = "\n".join(answers.words(StuckState(), found))
    if "overfitting" in text:
        assert t - v > 0.05
        assert t - i > (t - v) / 2
    if "Validation is not stuck" in text:
        assert t - v <= 0.05
        assert t > common
    if "Nothing was learned" in text:
        assert t <= common
    assert ("2 rows or more" in text) == ("overfitting" in text)  # nothing was estimated


def test_words_follow_what_was_recorded():
    run = run_of(0.9, 0.9, 0.9, made=1)
    found = found_of(0.5, {"0.999": Estimated(0.9, 0.9)}, **{"0.999": run, "0.9": run})
    assert "Validation is not stuck" in "\n".join(answers.words(StuckState(), found))
