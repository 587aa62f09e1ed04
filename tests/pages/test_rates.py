"""The page about learning rates: what it says follows from what was trained."""

import dataclasses

import numpy as np
import pytest

from ui.drawing import palette
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import study_job
from ui.questions.placement.state import PlacementState
from ui.questions.rates import answers, figures, state
from ui.questions.rates.state import RatesState

SMALL = {"rows": "120", "units": "6", "epochs": "3", "replicas": "3"}


def rate(accuracy):
    return {"validation_accuracy": np.array([accuracy] * 2), "diverged": np.array([-1, -1])}


@pytest.mark.keras
def test_diverging_rates_say_at_which_update(visit):
    page = visit("rates", rates="0.1~10", activation="relu", dropout="0", **SMALL)
    page.train("rates")
    frame = page.app.dataframe[0].value
    assert list(frame.columns) == ["batch normalisation", "0.1", "10"]
    assert len(frame) == 4
    assert "Learns” means" in page.words
    assert "5 % for all 24 trainings together" in page.words


def test_the_table_of_rates_tells_the_accuracy_that_its_figure_draws():
    """Of all that did not diverge, whether they learned or not."""
    found = {
        "loss": np.ones(3),
        "validation_accuracy": np.array([0.9, 0.52, np.nan]),
        "diverged": np.array([-1, -1, 7]),
    }
    at_once = {**found, "diverged": np.array([-1, 1, 7])}
    values = {
        "rates": {"none": {"0.1": found, "1": at_once}}, "most_common": (0.5, 0.5, 0.5),
        "rows": {"validation": 100}, "trainings": 6,
    }  # fmt: skip
    assert answers.learners(values)["none"]["0.1"].tolist() == [True, False, False]
    assert answers.table(values)["0.1"][0] == (
        "1 of 3 learned, accuracy 0.710; 1 diverged, first at update 7"
    )
    assert answers.table(values)["1"][0].endswith("; 2 diverged, first at update 1")
    (mean,) = [trace for trace in figures.accuracies(values, palette.LIGHT).data if trace.name]
    np.testing.assert_allclose(mean.y, [0.71, 0.71])


def test_rates_are_judged_for_all_trainings_that_were_asked_for():
    """63 of 100 is more than chance for one training, and not for the best of many."""
    values = {
        "rates": {"none": {"0.1": rate(0.63)}}, "most_common": (0.5, 0.5),
        "rows": {"validation": 100},
    }  # fmt: skip
    assert answers.learners({**values, "trainings": 2})["none"]["0.1"].all()
    assert not answers.learners({**values, "trainings": 64})["none"]["0.1"].any()
    few = {**values, "rows": {"validation": 10}, "trainings": 64}
    assert answers.judged(values, 32) == {**values, "trainings": 64}
    assert "10 validation rows are too few" in answers.words(RatesState(), few)[-1]
    assert "too few" not in answers.words(RatesState(), {**values, "trainings": 64})[-1]


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
    values = {
        "rates": trained, "most_common": (0.5, 0.5), "rows": {"validation": 100}, "trainings": 12,
    }  # fmt: skip
    largest, learned = answers.largest_rate(values)
    assert (largest, set(learned)) == ("10", set(good))
    assert answers.answer(learned, trained) == found
    guessed = dataclasses.replace(
        RatesState(), guess=found, variants=("none", "before", "after"),
        rates=("0.1", "10"),
    )  # fmt: skip
    assert any("You predicted it." in text for text in answers.words(guessed, values))
    more = dataclasses.replace(guessed, rates=("0.1", "10", "100"))  # stopped before that one
    assert not any("predicted" in text for text in answers.words(more, values))
    del trained["after"]["10"]
    assert answers.largest_rate(values) == ("10", None)


def test_a_stopped_study_of_rates_tells_of_what_was_trained():
    found = {
        "loss": np.ones(2), "accuracy": np.ones(2), "validation_accuracy": np.ones(2),
        "diverged": np.full(2, -1),
    }  # fmt: skip
    values = {
        "most_common": (0.5, 0.5),
        "rows": {"validation": 100},
        "trainings": 12,
        "rates": {
            "none": {"0.1": {}, "1": found},
            "before": {"0.1": found, "1": found},
            "after": {"0.1": {}, "1": {}},
        },
    }
    values["rates"] = answers.trained(values)
    assert list(answers.table(values)["batch normalisation"]) == [
        TITLES["none"], TITLES["before"],
    ]  # fmt: skip
    assert answers.table(values)["0.1"].tolist() == [
        "not trained",
        "2 of 2 learned, accuracy 1.000",
    ]
    places = {
        trace.name: list(trace.x)
        for trace in figures.accuracies(values, palette.LIGHT).data
        if trace.name
    }
    assert places == {TITLES["before"]: [0.1, 1.0]}
    words = "".join(answers.words(RatesState(), values))
    assert TITLES["before"] in words
    assert TITLES["after"] not in words
    assert answers.trained({}) == {}


@pytest.mark.parametrize(("epochs", "parts"), [(10, 4), (200, 16)])
def test_rates_are_dealt_out_where_they_take_longer_than_compiling(epochs, parts):
    assert state.job(dataclasses.replace(RatesState(), epochs=epochs)).parts == parts
    assert study_job(PlacementState()).parts == 5


def stopped_after(monkeypatch, trainings):
    """Runs of rates end after so many trainings, as if somebody pressed Stop."""
    from bncore.keras import placement

    whole = placement.sweep

    def stopped(*arguments, **settings):
        for chunk in whole(*arguments, **settings):
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
