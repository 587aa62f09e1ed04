"""The page about learning rates: what it says follows from what was trained."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import SweepFound, Trained
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import study_job
from ui.questions.placement.state import PlacementState
from ui.questions.rates import answers, state
from ui.questions.rates.recording import recording
from ui.questions.rates.state import RatesState

SMALL = {"rows": "120", "units": "6", "depth": "2", "epochs": "3", "replicas": "3"}


def rate(accuracy, diverged=(-1, -1)):
    accuracies = np.broadcast_to(accuracy, len(diverged))
    return Trained(np.ones(len(diverged)), accuracies, accuracies, np.array(diverged))


def trials_of(rates, trainings, validation=100, repetitions=2):
    rows = Rows(4 * validation, validation)
    return answers.Trials(rates, rows, (0.5,) * repetitions, trainings)


@pytest.mark.keras
def test_diverging_rates_say_at_which_update(visit):
    page = visit("rates", rates="0.1~10", activation="relu", dropout="0", **SMALL)
    page.train("rates")
    frame = page.app.dataframe[0].value
    assert list(frame.columns) == ["batch normalisation", "0.1", "10"]
    assert len(frame) == 4
    assert "Learns” means" in page.words
    assert "5 % for all 24 trainings together" in page.words


def accuracies(trials):
    """What is played of the validation accuracy, by variant."""
    made = recording(trials)
    (found,) = [each for each in made.quantities if each.key == "validation_accuracy"]
    return made.steps.tolist(), {name: each[:, 0].tolist() for name, each in found.values.items()}


def test_the_table_of_rates_tells_the_accuracy_that_is_played():
    """Of all that did not diverge, whether they learned or not."""
    found = rate([0.9, 0.52, np.nan], diverged=(-1, -1, 7))
    at_once = rate([0.9, 0.52, np.nan], diverged=(-1, 1, 7))
    trials = trials_of({"none": {"0.1": found, "1": at_once}}, 6, repetitions=3)
    assert answers.learners(trials)["none"]["0.1"].tolist() == [True, False, False]
    assert answers.table(trials)["0.1"][0] == (
        "1 of 3 learned, accuracy 0.710; 1 diverged, first at update 7"
    )
    assert answers.table(trials)["1"][0].endswith("; 2 diverged, first at update 1")
    rates, played = accuracies(trials)
    assert rates == [0.1, 1]
    np.testing.assert_allclose(played["none"], [0.71, 0.71])
    learned = recording(trials).quantities[1].values["none"]
    np.testing.assert_allclose(learned[:, 0], [1 / 3, 1 / 3])


def test_every_repetition_is_a_ball():
    found = rate([0.9, 0.52, np.nan], diverged=(-1, -1, 7))
    trials = trials_of(
        {"none": {"0.1": found}, "before": {"1": rate([1.0] * 3, (-1,) * 3)}}, 6, 100, 3
    )
    (balls,) = recording(trials).scenes
    assert balls.chance == 0.5
    none, before = balls.curves["none"], balls.curves["before"]
    np.testing.assert_allclose(none.error, [[0.1, 0.48, np.nan], [1, 1, 1]])
    assert none.learned.tolist() == [[True, False, False], [False] * 3]
    assert none.lost.tolist() == [[-1, -1, 7], [-2] * 3]  # with the larger rate: not trained
    assert before.lost.tolist() == [[-2] * 3, [-1] * 3]
    assert before.learned.tolist() == [[False] * 3, [True] * 3]


def test_rates_are_judged_for_all_trainings_that_were_asked_for():
    """63 of 100 is more than chance for one training, and not for the best of many."""
    rates = {"none": {"0.1": rate(0.63)}}
    two, many = (trials_of(rates, trainings) for trainings in (2, 64))
    assert answers.learners(two)["none"]["0.1"].all()
    assert not answers.learners(many)["none"]["0.1"].any()
    few = trials_of(rates, 64, validation=10)
    assert "10 validation rows are too few" in answers.words(RatesState(), few)[-1]
    assert "too few" not in answers.words(RatesState(), many)[-1]


@pytest.mark.parametrize(
    ("good", "found"),
    [
        (("none", "before", "after"), "all"),
        (("before", "after"), "normalised"),
        (("none",), "some"),
        ((), "nobody"),
    ],
)
def test_who_learns_at_the_largest_rate(good, found):
    trained = {
        name: {"0.1": rate(0.9), "10": rate(0.9 if name in good else 0.5)}
        for name in ("none", "before", "after")
    }
    trials = trials_of(trained, 12)
    largest, learned = answers.largest_rate(trials)
    assert (largest, set(learned)) == ("10", set(good))
    assert answers.answer(learned, trained) == found
    guessed = dataclasses.replace(
        RatesState(), guess=found, variants=("none", "before", "after"),
        rates=("0.1", "10"),
    )  # fmt: skip
    assert any("You predicted it." in text for text in answers.words(guessed, trials))
    more = dataclasses.replace(guessed, rates=("0.1", "10", "100"))  # stopped before that one
    assert not any("predicted" in text for text in answers.words(more, trials))
    del trained["after"]["10"]
    assert answers.largest_rate(trials) == ("10", None)


def test_a_stopped_study_of_rates_tells_of_what_was_trained():
    found = rate(1.0)
    stopped = SweepFound(
        rows=Rows(400, 100),
        most_common=(0.5, 0.5),
        rates={
            "none": {"0.1": None, "1": found},
            "before": {"0.1": found, "1": found},
            "after": {"0.1": None, "1": None},
        },
    )
    trials = answers.Trials.of(stopped, 6)
    assert trials.trainings == 12
    assert list(answers.table(trials)["batch normalisation"]) == [
        TITLES["none"], TITLES["before"],
    ]  # fmt: skip
    assert answers.table(trials)["0.1"].tolist() == [
        "not trained",
        "2 of 2 learned, accuracy 1.000",
    ]
    rates, played = accuracies(trials)
    assert rates == [0.1, 1]
    np.testing.assert_equal(played, {"none": [np.nan, 1.0], "before": [1.0, 1.0]})
    words = "".join(answers.words(RatesState(), trials))
    assert TITLES["before"] in words
    assert TITLES["after"] not in words
    early = SweepFound(rows=Rows(400, 100), most_common=(0.5, 0.5))
    assert answers.Trials.of(early, 6).rates == {}


@pytest.mark.parametrize(("epochs", "parts"), [(10, 4), (200, 16)])
def test_rates_are_dealt_out_where_they_take_longer_than_compiling(epochs, parts):
    assert state.job(dataclasses.replace(RatesState(), epochs=epochs)).parts == parts
    assert study_job(PlacementState()).parts == 5


def stopped_after(monkeypatch, trainings):
    """Runs of rates end after so many trainings, as if somebody pressed Stop."""
    from bncore.keras import placement

    whole = placement.sweep

    def stopped(asked):
        for chunk in whole(asked):
            yield chunk
            if chunk.done == trainings and (trainings or chunk.message):
                return

    monkeypatch.setattr(placement, "sweep", stopped)


@pytest.mark.keras
@pytest.mark.parametrize("trainings", [0, 1, 3])
def test_a_stopped_run_shows_what_there_is_and_nothing_that_is_none(visit, monkeypatch, trainings):
    stopped_after(monkeypatch, trainings)
    page = visit("rates", rates="0.1~1", variants="none~before", **SMALL).train("rates")
    if not trainings:
        assert "nothing to compare yet" in page.app.info[0].value
        assert not page.app.dataframe
        return
    assert "5 % for all 12 trainings together" in page.words  # that were asked for
    frame = page.app.dataframe[0].value
    assert not frame.isna().any(axis=None)
    assert (frame == "not trained").sum(axis=None) == {1: 0, 3: 1}[trainings]
    assert "None" not in page.words + page.captions
    assert "“none”: " in page.words
