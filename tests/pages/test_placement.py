"""The page “before or after”: what it says follows from what was trained."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bncore.comparisons import Verdict
from bncore.experiments.arguments import Rows
from bncore.experiments.placement import StudyFound, VariantRun
from ui.drawing import palette
from ui.drawing.intervals import intervals
from ui.drawing.player.recording import arrays_of, described, encoded
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import common_epoch
from ui.questions.placement import answers, figures
from ui.questions.placement.code import code
from ui.questions.placement.recording import recording
from ui.questions.placement.state import PlacementState
from ui.questions.placement.words import difference

SMALL = {"rows": "120", "units": "6", "epochs": "3", "replicas": "3"}


@pytest.mark.keras
def test_the_study_gives_a_verdict_for_every_variant_and_explains_the_orphan(visit):
    page = visit("placement", guess="after", **SMALL).train("placement")
    assert "Before or after the activation: **" in page.words
    assert "You predicted" in page.words
    assert "Repeated 3 times, each with its own initial weights, dropout masks" in page.captions
    assert "96 training and 24 validation rows (scaled by its own training rows)" in page.captions
    assert "Not repeated: the 120 rows with their labels" in page.captions
    assert "all 4 comparisons of this page together" in page.captions
    assert "(± " in page.words
    assert "2 layers were made, **0 of them are in `model.layers`**" in page.words
    assert "those of “none”, number for number" in page.words
    assert len(page.app.dataframe[0].value) == 5


@pytest.mark.keras
def test_a_diverged_study_warns_and_keeps_its_curves(visit):
    page = visit(
        "placement", variants="after", learning_rate="1000000", **{**SMALL, "epochs": "8"},
    )  # fmt: skip
    page.train("placement")
    assert any("have diverged" in box.value for box in page.app.warning)
    assert page.app.dataframe[0].value["diverged"].tolist() == ["3 of 3"]


@pytest.mark.parametrize("name", ["none", "before", "after", "output", "orphan"])
def test_the_code_shows_where_the_layer_stands(name):
    written = code(PlacementState(), name).splitlines()
    adds = [line for line in written if line.startswith("model.add(")]
    norms = [number for number, line in enumerate(adds) if "BatchNormalization" in line]
    around = [(adds[number - 1 : number + 2]) for number in norms[:2]]
    right = {
        "none": lambda: norms == [],
        "orphan": lambda: norms == [] and written[0].startswith("BatchNormalization("),
        "before": lambda: all('Activation("' in near[2] for near in around) and len(norms) == 2,
        "after": lambda: all('Activation("' in near[0] for near in around) and len(norms) == 2,
        "output": lambda: len(norms) == 3 and norms[-1] == len(adds) - 1,
    }
    assert right[name]()


def run(column):
    measures = ("loss", "accuracy", "validation_loss", "validation_accuracy", "flat")
    return VariantRun(**dict.fromkeys(measures, column))


def found_of(validation=1000, **accuracies):
    runs = {name: run(np.array([accuracy])) for name, accuracy in accuracies.items()}
    count = len(next(iter(accuracies.values())))
    rows = Rows(4 * validation, validation)
    return StudyFound(rows=rows, most_common=(0.5,) * count, runs=runs)


def test_the_verdict_follows_the_numbers():
    found = found_of(before=[0.9, 0.91, 0.9], after=[0.8, 0.81, 0.8])
    (text,) = answers.words(dataclasses.replace(PlacementState(), guess="before"), found)
    assert "**before the activation is better**. “Before” less “after”: +10.00 points" in text
    assert "You predicted it." in text
    found = found_of(before=[0.9, 0.7], after=[0.8, 0.81])
    (text,) = answers.words(PlacementState(), found)
    assert "**no clear difference**" in text
    found = found_of(before=[0.9], after=[0.8])
    (text,) = answers.words(dataclasses.replace(PlacementState(), guess="same"), found)
    assert "**no verdict**" in text
    assert "predicted" not in text
    (text,) = answers.words(PlacementState(), found_of(none=[0.5, 0.6]))
    assert "Nothing to compare" in text


def test_what_diverged_counts_as_naming_the_most_common_class():
    """To leave it out would compare a placement with the lucky repetitions of another only."""
    lost = [0.9, np.nan, np.nan, np.nan]
    found = found_of(none=lost, before=[0.92, 0.91, 0.9, 0.93])
    (text,) = answers.words(PlacementState(), found)
    assert "“before” 0 of 4, “none” 3 of 4; they count as always naming" in text
    assert answers.verdicts(found)["before", "none"].difference == pytest.approx(0.315)
    everything = found_of(before=[np.nan] * 3, after=[np.nan] * 3)
    (text,) = answers.words(PlacementState(), everything)
    assert "**no verdict**" in text
    assert "every repetition of both diverged" in text


DIFFERENCES = st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=8)


@given(DIFFERENCES, st.integers(0, 2**31))
def test_figure_table_and_sentence_show_the_same_and_bold_is_what_is_clear(differences, seed):
    noise = np.random.default_rng(seed).normal(0, 0.02, len(differences))
    none = np.clip(0.5 + noise, 0, 1)
    found = found_of(none=none, before=np.clip(none + differences, 0, 1))
    verdict = answers.verdicts(found)["before", "none"]
    shown = difference(verdict)
    (sentence,) = answers.words(PlacementState(), found)
    cell = answers.table(found)["accuracy, against none"][1]
    assert f"against none: {'**' * verdict.clear}{shown}" in sentence
    assert cell.startswith(shown)
    assert ("**" in sentence) == ("clear" in cell) == verdict.clear
    assert ("no clear difference" in sentence) == (not verdict.clear and not verdict.identical)
    (means, margins, clear) = figures.shown(found)[1]["before − none"]
    assert (means / 100, margins / 100, clear) == pytest.approx(
        (verdict.difference, verdict.margin, verdict.clear)
    )
    if not verdict.identical:
        said, half = re.fullmatch(r"([+-][\d.]+) points \(± ([\d.]+)\)", shown).groups()
        assert (abs(float(said)) > float(half)) == verdict.clear  # as a reader would judge


@given(
    st.lists(st.sampled_from(list(TITLES)), min_size=1, unique=True),
    st.integers(1, 4),
    st.integers(0, 2**31),
)
def test_whatever_was_trained_and_diverged_only_what_is_clear_is_bold(names, k, seed):
    generator = np.random.default_rng(seed)
    accuracies = generator.choice([0.5, 0.55, 0.9, 0.95, np.nan], (len(names), k))
    found = found_of(validation=20, **dict(zip(names, accuracies, strict=True)))
    verdicts = answers.verdicts(found)
    text = answers.words(PlacementState(), found)
    against = [sentence for sentence in text if "against none" in sentence]
    clear = [verdict.clear for pair, verdict in verdicts.items() if pair[1] == "none"]
    assert ["**" in sentence for sentence in against] == clear
    assert len(answers.table(found)) == len(names)
    assert not any("nan" in sentence for sentence in text)
    for (first, second), verdict in verdicts.items():
        if np.isnan(found.runs[first].loss).all() and np.isnan(found.runs[second].loss).all():
            assert not verdict.clear
            assert any("every repetition of both diverged" in sentence for sentence in text)


def test_the_figure_draws_what_each_repetition_found_and_the_interval():
    found = found_of(none=[0.5, 0.52, 0.51], before=[0.6, np.nan, 0.63])
    figure = intervals(*figures.shown(found), palette.LIGHT, title="", axis="points")
    dots, mean = figure.data
    np.testing.assert_allclose(dots.x, [10, -2, 12])  # the one that diverged counts with 0.5
    verdict = answers.verdicts(found)["before", "none"]
    assert (mean.x[0], mean.error_x.array[0]) == pytest.approx(
        (100 * verdict.difference, 100 * verdict.margin)
    )
    assert mean.marker.color == palette.LIGHT.muted
    clear = found_of(none=[0.5, 0.52, 0.51], before=[0.9, 0.93, 0.91])
    figure = intervals(*figures.shown(clear), palette.LIGHT, title="", axis="points")
    assert figure.data[1].marker.color == palette.LIGHT.accent
    alone = intervals(
        *figures.shown(found_of(none=[0.5], before=[0.6])), palette.LIGHT, title="", axis="points"
    )
    assert alone.data[1].error_x.visible is False


@pytest.mark.parametrize("clear", [True, False])
def test_a_difference_has_the_digits_that_show_its_verdict(clear):
    near = Verdict(0.01304, 0.01304 - 1e-5 * (2 * clear - 1), False, clear, 8)
    said, half = re.fullmatch(r"\+([\d.]+) points \(± ([\d.]+)\)", difference(near)).groups()
    assert (float(said) > float(half)) == clear


def grown(length, value, diverged=False):
    columns = np.full((length, 2), value)
    columns[-1] = np.nan if diverged else value
    return run(columns)


def test_a_stopped_study_compares_the_last_common_epoch():
    runs = {"before": grown(5, 0.5), "after": grown(4, 0.5), "none": grown(2, 0.1, diverged=True)}
    facts = {"rows": Rows(400, 100), "most_common": (0.5, 0.5), "runs": runs}
    found = StudyFound(**facts, stopped={"none": "diverged"})
    assert common_epoch(found) == 3
    assert answers.table(found)["diverged"].tolist() == ["0 of 2", "0 of 2", "2 of 2"]
    assert common_epoch(StudyFound(**facts)) == 1


def played(found):
    """The player's recording, and its quantities by key."""
    made = recording(found, 20)
    return made, {quantity.key: quantity for quantity in made.quantities}


def repetitions(rng, epochs, lost=0):
    """A variant's accuracy in three repetitions; the first one diverges before the end."""
    column = rng.uniform(0.5, 1, (epochs, 3))
    column[epochs - lost :, 0] = np.nan
    return column


def test_every_epoch_is_played_as_it_was_recorded():
    rng = np.random.default_rng(0)
    runs = {"none": run(repetitions(rng, 5)), "after": run(repetitions(rng, 5, lost=2))}
    found = StudyFound(rows=Rows(400, 100), most_common=(0.5,) * 3, runs=runs)
    made, quantities = played(found)
    assert made.steps.tolist() == [0, 1, 2, 3, 4]
    for key in ("loss", "accuracy", "validation_loss", "validation_accuracy"):
        for name, each in runs.items():
            recorded, (low, high) = getattr(each, key), quantities[key].bands[name]
            for shown, measure in ((low, np.nanmin), (high, np.nanmax)):
                np.testing.assert_array_equal(shown[:, 0], measure(recorded, axis=1))
            np.testing.assert_allclose(
                quantities[key].values[name][:, 0], np.nanmean(recorded, axis=1)
            )


def test_differences_are_of_the_same_repetition():
    """What makes a split hard for all variants cancels out."""
    rng = np.random.default_rng(0)
    split = rng.uniform(0, 0.4, 3)
    none = 0.5 + split * np.ones((4, 1))
    found = StudyFound(
        rows=Rows(400, 100), most_common=(0.5,) * 3,
        runs={"none": run(none), "before": run(none + 0.02), "orphan": run(none.copy())},
    )  # fmt: skip
    _, quantities = played(found)
    against = quantities["against_none"]
    assert list(against.values) == ["before", "orphan"]
    np.testing.assert_allclose(against.values["before"], 2)
    np.testing.assert_allclose(against.bands["before"], 2)
    assert (against.values["orphan"] == 0).all()
    without = StudyFound(rows=found.rows, most_common=found.most_common, runs={"none": run(none)})
    assert "against_none" not in played(without)[1]


def test_the_axes_show_the_trained_epochs_and_not_the_step_from_before():
    column = np.array([[0.1], [0.9], [0.91], [0.95]]) + np.array([0.0, 0.01])
    found = StudyFound(rows=Rows(400, 100), most_common=(0.5,) * 2, runs={"after": run(column)})
    low, high = played(found)[1]["validation_accuracy"].span
    assert (low, high) == (pytest.approx(0.905), pytest.approx(0.96))


def test_a_variant_that_has_not_begun_is_played_with_nothing():
    """So that each variant keeps its color when the other worker's results arrive."""
    runs = {"none": grown(3, 0.5), "before": VariantRun(), "after": grown(2, 0.25)}
    found = StudyFound(rows=Rows(400, 100), most_common=(0.5, 0.5), runs=runs)
    made, quantities = played(found)
    assert [curve.key for curve in made.curves] == ["none", "before", "after"]
    assert len({curve.color for curve in made.curves}) == 3
    assert len(made.steps) == 3
    for quantity in quantities.values():
        assert "before" not in quantity.values
        assert len(quantity.values["after"]) == 2
    assert described(made)["quantities"][0]["span"] is not None
    encoded(arrays_of(made))


@pytest.mark.keras
def test_a_study_stopped_in_its_first_epoch_answers_nothing(visit, monkeypatch):
    from bncore.keras import placement

    whole = placement.study

    def stopped(asked):
        for chunk in whole(asked):
            yield chunk
            if chunk.done:
                return

    monkeypatch.setattr(placement, "study", stopped)
    page = visit("placement", variants="none~before", **SMALL).train("placement")
    assert "nothing to compare yet" in page.app.info[0].value
    assert not page.app.subheader
    assert not page.app.dataframe
