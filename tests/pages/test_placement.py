"""The placement page: what it says follows from what was trained."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bncore import datasets
from bncore.comparisons import Verdict
from ui.drawing import palette
from ui.drawing.intervals import intervals
from ui.questions.placement import (
    PARTS,
    PlacementState,
    answers,
    bias,
    distributions,
    rates,
    state,
    study,
)

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
def test_distributions_come_from_the_same_run(visit):
    page = visit("placement", part="distributions", variants="before~after", **SMALL).train(
        "placement"
    )
    assert "Smallest share over all blocks: **" in page.words
    assert "Block 1, saturated (|tanh| > 0.95): before" in page.words
    slider = page.app.select_slider(key="placement-at-18")
    assert slider.options == ["0", "1", "2", "4", "6", "8", "12", "16", "18"]
    slider.set_value(0).run()
    assert not page.app.exception
    page.app.segmented_control(key="placement-part").set_value("study").run()
    assert "Before or after the activation: **" in page.words  # without training again


@pytest.mark.keras
def test_diverging_rates_say_at_which_update(visit):
    page = visit("placement", part="rates", rates="0.1~10", activation="relu", dropout="0", **SMALL)
    page.train("placement-rates")
    frame = page.app.dataframe[0].value
    assert list(frame.columns) == ["batch normalisation", "0.1", "10"]
    assert len(frame) == 4
    assert "Learns” means" in page.words
    assert "5 % for all 24 trainings together" in page.words


@pytest.mark.keras
def test_a_diverged_study_warns_and_keeps_its_curves(visit):
    page = visit(
        "placement", variants="after", learning_rate="1000000", **{**SMALL, "epochs": "8"},
    )  # fmt: skip
    page.train("placement")
    assert any("have diverged" in box.value for box in page.app.warning)
    assert page.app.dataframe[0].value["diverged"].tolist() == ["3 of 3"]


@pytest.mark.keras
def test_the_bias_is_measured_in_both_modes(visit):
    page = visit("placement", part="bias", rows="120", units="6", updates="20", bias_guess="zero")
    text = page.train("placement-bias").words
    assert "**Training mode**: the gradient of the bias has the norm" in text
    assert "*not* redundant" in text
    assert "You predicted it." in text
    assert "saves 6 of 128 parameters" in text


@pytest.mark.keras
def test_convolutions_on_digits(visit):
    page = visit("placement", epochs="1", replicas="2")
    page.app.button(key="placement-button-Convolutions on digits").click().run()
    page.app.query_params.clear()
    assert not page.app.exception
    assert "shape (1797, 8, 8, 1)" in page.captions


@pytest.mark.parametrize("part", list(PARTS))
def test_every_part_opens_with_a_train_button(visit, part):
    page = visit("placement", part=part)
    (button,) = [b for b in page.app.button if b.label == "Train"]
    assert not button.disabled


def test_too_much_is_refused_before_it_runs():
    assert state.problem(PlacementState()) == ""
    assert "at most 40,000" in state.problem(dataclasses.replace(PlacementState(), epochs=200))
    wide = dataclasses.replace(PlacementState(), rows=50, batch_size=64)
    assert "larger than the training rows" in state.problem(wide)


@pytest.mark.parametrize("name", ["none", "before", "after", "output", "orphan"])
def test_the_code_shows_where_the_layer_stands(name):
    code = state.code(PlacementState(), name).splitlines()
    adds = [line for line in code if line.startswith("model.add(")]
    norms = [number for number, line in enumerate(adds) if "BatchNormalization" in line]
    around = [(adds[number - 1 : number + 2]) for number in norms[:2]]
    right = {
        "none": lambda: norms == [],
        "orphan": lambda: norms == [] and code[0].startswith("BatchNormalization("),
        "before": lambda: all('Activation("' in near[2] for near in around) and len(norms) == 2,
        "after": lambda: all('Activation("' in near[0] for near in around) and len(norms) == 2,
        "output": lambda: len(norms) == 3 and norms[-1] == len(adds) - 1,
    }
    assert right[name]()


def test_scaling_gives_every_feature_mean_0_and_variance_1():
    x, _ = state.data(dataclasses.replace(PlacementState(), classes="wine"))
    np.testing.assert_allclose(state.scaled(x).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(state.scaled(x).var(axis=0), 1)


@pytest.mark.parametrize("job", [state.study_job, state.rates_job])
def test_rows_are_scaled_where_they_are_split_and_not_before(job):
    """With all rows, the validation rows would have a say in what is trained on."""
    chosen = dataclasses.replace(PlacementState(), classes="wine")
    arguments = job(chosen).arguments
    np.testing.assert_array_equal(arguments["data"], datasets.DATASETS["wine"]().values)
    assert arguments["scaled"]
    assert not job(dataclasses.replace(chosen, scaled=False)).arguments["scaled"]
    assert not job(dataclasses.replace(chosen, block="conv")).arguments["scaled"]
    bias_rows = state.bias_job(chosen).arguments["data"]  # which holds no rows back
    np.testing.assert_allclose(bias_rows.std(axis=0), 1)


def run(accuracy):
    column = np.array([accuracy])
    return dict.fromkeys((*answers.CURVES, "flat"), column)


def values_of(validation=1000, **accuracies):
    runs = {name: run(accuracy) for name, accuracy in accuracies.items()}
    count = len(next(iter(accuracies.values())))
    rows = {"training": 4 * validation, "validation": validation}
    return {"runs": runs, "rows": rows, "most_common": (0.5,) * count}


def test_the_verdict_follows_the_numbers():
    values = values_of(before=[0.9, 0.91, 0.9], after=[0.8, 0.81, 0.8])
    (text,) = answers.words(dataclasses.replace(PlacementState(), guess="before"), values)
    assert "**before the activation is better**. “Before” less “after”: +10.00 points" in text
    assert "You predicted it." in text
    values = values_of(before=[0.9, 0.7], after=[0.8, 0.81])
    (text,) = answers.words(PlacementState(), values)
    assert "**no clear difference**" in text
    values = values_of(before=[0.9], after=[0.8])
    (text,) = answers.words(dataclasses.replace(PlacementState(), guess="same"), values)
    assert "**no verdict**" in text
    assert "predicted" not in text
    (text,) = answers.words(PlacementState(), values_of(none=[0.5, 0.6]))
    assert "Nothing to compare" in text


def test_what_diverged_counts_as_naming_the_most_common_class():
    """To leave it out would compare a placement with the lucky repetitions of another only."""
    lost = [0.9, np.nan, np.nan, np.nan]
    values = values_of(none=lost, before=[0.92, 0.91, 0.9, 0.93])
    (text,) = answers.words(PlacementState(), values)
    assert "“before” 0 of 4, “none” 3 of 4; they count as always naming" in text
    assert answers.verdicts(values)["before", "none"].difference == pytest.approx(0.315)
    everything = values_of(before=[np.nan] * 3, after=[np.nan] * 3)
    (text,) = answers.words(PlacementState(), everything)
    assert "**no verdict**" in text
    assert "every repetition of both diverged" in text


DIFFERENCES = st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=8)


@given(DIFFERENCES, st.integers(0, 2**31))
def test_figure_table_and_sentence_show_the_same_and_bold_is_what_is_clear(differences, seed):
    noise = np.random.default_rng(seed).normal(0, 0.02, len(differences))
    none = np.clip(0.5 + noise, 0, 1)
    values = values_of(none=none, before=np.clip(none + differences, 0, 1))
    verdict = answers.verdicts(values)["before", "none"]
    shown = answers.difference(verdict)
    (sentence,) = answers.words(PlacementState(), values)
    cell = answers.table(values)["accuracy, against none"][1]
    assert f"against none: {'**' * verdict.clear}{shown}" in sentence
    assert cell.startswith(shown)
    assert ("**" in sentence) == ("clear" in cell) == verdict.clear
    assert ("no clear difference" in sentence) == (not verdict.clear and not verdict.identical)
    (means, margins, clear) = study.shown(values)[1]["before − none"]
    assert (means / 100, margins / 100, clear) == pytest.approx(
        (verdict.difference, verdict.margin, verdict.clear)
    )
    if not verdict.identical:
        said, half = re.fullmatch(r"([+-][\d.]+) points \(± ([\d.]+)\)", shown).groups()
        assert (abs(float(said)) > float(half)) == verdict.clear  # as a reader would judge


@given(
    st.lists(st.sampled_from(list(state.TITLES)), min_size=1, unique=True),
    st.integers(1, 4),
    st.integers(0, 2**31),
)
def test_whatever_was_trained_and_diverged_only_what_is_clear_is_bold(names, k, seed):
    generator = np.random.default_rng(seed)
    found = generator.choice([0.5, 0.55, 0.9, 0.95, np.nan], (len(names), k))
    values = values_of(validation=20, **dict(zip(names, found, strict=True)))
    verdicts = answers.verdicts(values)
    text = answers.words(PlacementState(), values)
    against = [sentence for sentence in text if "against none" in sentence]
    clear = [verdict.clear for pair, verdict in verdicts.items() if pair[1] == "none"]
    assert ["**" in sentence for sentence in against] == clear
    assert len(answers.table(values)) == len(names)
    assert not any("nan" in sentence for sentence in text)
    for (first, second), verdict in verdicts.items():
        if (
            np.isnan(values["runs"][first]["loss"]).all()
            and np.isnan(values["runs"][second]["loss"]).all()
        ):
            assert not verdict.clear
            assert any("every repetition of both diverged" in sentence for sentence in text)


def test_the_figure_draws_what_each_repetition_found_and_the_interval():
    values = values_of(none=[0.5, 0.52, 0.51], before=[0.6, np.nan, 0.63])
    figure = intervals(*study.shown(values), palette.LIGHT, title="", axis="points")
    dots, mean = figure.data
    np.testing.assert_allclose(dots.x, [10, -2, 12])  # the one that diverged counts with 0.5
    verdict = answers.verdicts(values)["before", "none"]
    assert (mean.x[0], mean.error_x.array[0]) == pytest.approx(
        (100 * verdict.difference, 100 * verdict.margin)
    )
    assert mean.marker.color == palette.LIGHT.muted
    clear = values_of(none=[0.5, 0.52, 0.51], before=[0.9, 0.93, 0.91])
    figure = intervals(*study.shown(clear), palette.LIGHT, title="", axis="points")
    assert figure.data[1].marker.color == palette.LIGHT.accent
    alone = intervals(
        *study.shown(values_of(none=[0.5], before=[0.6])), palette.LIGHT, title="", axis="points"
    )
    assert alone.data[1].error_x.visible is False


@pytest.mark.parametrize("clear", [True, False])
def test_a_difference_has_the_digits_that_show_its_verdict(clear):
    near = Verdict(0.01304, 0.01304 - 1e-5 * (2 * clear - 1), False, clear, 8)
    said, half = re.fullmatch(
        r"\+([\d.]+) points \(± ([\d.]+)\)", answers.difference(near)
    ).groups()
    assert (float(said) > float(half)) == clear


def grown(length, value, diverged=False):
    columns = np.full((length, 2), value)
    columns[-1] = np.nan if diverged else value
    return dict.fromkeys((*answers.CURVES, "flat"), columns)


def test_a_stopped_study_compares_the_last_common_epoch():
    runs = {"before": grown(5, 0.5), "after": grown(4, 0.5), "none": grown(2, 0.1, diverged=True)}
    rows = {"rows": {"training": 400, "validation": 100}, "most_common": (0.5, 0.5)}
    values = {"runs": runs, **rows, "stopped": {"none": "diverged"}}
    assert answers.common_epoch(values) == 3
    assert answers.table(values)["diverged"].tolist() == ["0 of 2", "0 of 2", "2 of 2"]
    del values["stopped"]
    assert answers.common_epoch(values) == 1


@pytest.mark.keras
def test_a_study_stopped_in_its_first_epoch_answers_nothing(visit, monkeypatch):
    from bncore.keras import placement

    whole = placement.study

    def stopped(*arguments, **settings):
        for chunk in whole(*arguments, **settings):
            yield chunk
            if chunk.done:
                return

    monkeypatch.setattr(placement, "study", stopped)
    page = visit("placement", variants="none~before", **SMALL).train("placement")
    assert "nothing to compare yet" in page.app.info[0].value
    assert not page.app.subheader
    assert not page.app.dataframe


def test_the_table_of_rates_tells_the_accuracy_that_its_figure_draws():
    """Of all that did not diverge, whether they learned or not."""
    found = {
        "loss": np.ones(3),
        "validation_accuracy": np.array([0.9, 0.52, np.nan]),
        "diverged": np.array([-1, -1, 7]),
    }
    values = {
        "rates": {"none": {"0.1": found, "1": found}}, "most_common": (0.5, 0.5, 0.5),
        "rows": {"validation": 100}, "trainings": 6,
    }  # fmt: skip
    assert rates.learners(values)["none"]["0.1"].tolist() == [True, False, False]
    assert rates.table(values)["0.1"][0] == (
        "1 of 3 learned, accuracy 0.710; 1 diverged, first at update 7"
    )
    (mean,) = [trace for trace in rates.accuracies(values).data if trace.name]
    np.testing.assert_allclose(mean.y, [0.71, 0.71])


def test_rates_are_judged_for_all_trainings_that_were_asked_for():
    """63 of 100 is more than chance for one training, and not for the best of many."""
    values = {
        "rates": {"none": {"0.1": rate(0.63)}}, "most_common": (0.5, 0.5),
        "rows": {"validation": 100},
    }  # fmt: skip
    assert rates.learners({**values, "trainings": 2})["none"]["0.1"].all()
    assert not rates.learners({**values, "trainings": 64})["none"]["0.1"].any()
    few = {**values, "rows": {"validation": 10}, "trainings": 64}
    assert "10 validation rows are too few" in rates.words(PlacementState(), few)[-1]
    assert "too few" not in rates.words(PlacementState(), {**values, "trainings": 64})[-1]


def test_words_name_what_is_flat():
    values = {"runs": {"none": {"flat": np.full((1, 2, 3), 0.25)}}}
    text = distributions.words(dataclasses.replace(PlacementState(), activation="relu"), values)
    assert "Block 1, dead units (zero for every validation row): none" in text[0]
    assert "none 25% (25% to 25%)" in text[0]
    assert bias.NAMES.keys() == {"normalised", "plain"}


def rate(accuracy):
    return {"validation_accuracy": np.array([accuracy] * 2), "diverged": np.array([-1, -1])}


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
    largest, learned = rates.largest_rate(values)
    assert (largest, set(learned)) == ("10", set(good))
    assert rates.answer(learned, trained) == found
    guessed = dataclasses.replace(
        PlacementState(), rate_guess=found, variants=("none", "before", "after"),
        rates=("0.1", "10"),
    )  # fmt: skip
    assert any("You predicted it." in text for text in rates.words(guessed, values))
    more = dataclasses.replace(guessed, rates=("0.1", "10", "100"))  # stopped before that one
    assert not any("predicted" in text for text in rates.words(more, values))
    del trained["after"]["10"]
    assert rates.largest_rate(values) == ("10", None)


def flat_values(**shares):
    """Shares of two blocks in four repetitions, each a little different from the others."""
    wobble = np.array([0.01, -0.01, 0.005, -0.005])
    runs = {name: {"flat": np.full((1, 2, 4), share) + wobble} for name, share in shares.items()}
    return {"runs": runs, "rows": {"training": 800, "validation": 200}}


def test_the_least_flat_variant_is_clearly_below_every_other_one():
    guessed = dataclasses.replace(PlacementState(), flat_guess="before")
    found = flat_values(none=0.5, before=0.1, orphan=0.0)
    first, *_ = distributions.words(guessed, found)
    assert "**before the activation**, clearly below the others" in first
    assert "You predicted it." in first
    runs = found["runs"]
    runs["after"] = {"flat": runs["before"]["flat"] + 0.02 * np.array([1, -1, 1, -1])}
    first, *_ = distributions.words(guessed, found)
    assert "**no clear answer**" in first
    assert "Not told apart: “before the activation”, “after the activation”." in first
    assert "predicted" not in first
    runs["before"] = {"flat": np.full((1, 2, 4), np.nan)}
    assert distributions.least_flat(guessed, found) == ("after",)


def test_all_blocks_count_for_the_smallest_share():
    found = flat_values(none=0.3, before=0.1)
    found["runs"]["before"]["flat"][:, 1] += 0.8
    assert distributions.least_flat(PlacementState(), found) == ("none",)


def test_shares_that_differ_by_rounding_alone_are_not_called_smallest():
    """Two units of twelve dead, or one, in every repetition: that may be the same share."""
    small = dataclasses.replace(PlacementState(), activation="relu", units=2, depth=2)
    runs = {name: {"flat": np.full((1, 2, 3), share)} for name, share in (("a", 0.25), ("b", 0.0))}
    values = {"runs": runs, "rows": {"training": 80, "validation": 20}}
    assert distributions.least_flat(small, values) == ("a", "b")
    wide = dataclasses.replace(small, units=256, depth=6)
    assert distributions.least_flat(wide, values) == ("b",)


def test_a_bias_that_has_diverged_or_does_nothing_is_told_as_it_is():
    norms = dict.fromkeys(("bias_gradient", "kernel_gradient", "output_change"), np.nan)
    values = {"measured": dict.fromkeys(("training", "inference", "plain"), norms)}
    guessed = dataclasses.replace(PlacementState(), bias_guess="alike")
    (text,) = bias.words(guessed, values)
    assert "**not finite**" in text
    dead = dict.fromkeys(norms, 0.0)
    values = {
        "measured": dict.fromkeys(("training", "inference", "plain"), dead),
        "parameters": {"normalised": {"with": 8, "without": 6}},
    }
    assert "redundant" not in "\n".join(bias.words(PlacementState(), values))


def test_a_bias_that_the_mean_does_not_take_away_is_not_said_to_be():
    def said(change):
        norms = {"bias_gradient": 1e-8, "kernel_gradient": 1.0, "output_change": change}
        frozen = {**norms, "output_change": 0.5}
        values = {
            "measured": {"training": norms, "inference": frozen, "plain": frozen},
            "parameters": {"normalised": {"with": 8, "without": 6}},
        }
        return "\n".join(bias.words(PlacementState(), values))

    assert "the batch mean takes it away again, up to rounding" in said(1e-6)
    assert "*not* redundant" in said(1e-6)
    assert "takes it away" not in said(0.3)
    assert "redundant" not in said(0.3)


def begun(entries):
    return {"loss": np.zeros((entries, 2))}


def test_a_variant_that_no_worker_has_begun_leaves_nothing_to_compare():
    values = {"runs": {"none": begun(3), "before": begun(0)}}
    assert answers.common_epoch(values) < 1
    assert answers.common_epoch({"runs": {"none": begun(3), "before": begun(2)}}) == 1


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
    values["rates"] = rates.trained(values)
    assert list(rates.table(values)["batch normalisation"]) == [
        state.TITLES["none"], state.TITLES["before"],
    ]  # fmt: skip
    assert rates.table(values)["0.1"].tolist() == ["not trained", "2 of 2 learned, accuracy 1.000"]
    places = {trace.name: list(trace.x) for trace in rates.accuracies(values).data if trace.name}
    assert places == {state.TITLES["before"]: [0.1, 1.0]}
    words = "".join(rates.words(PlacementState(), values))
    assert "After the activation" not in words
    assert rates.trained({}) == {}


@pytest.mark.parametrize(("epochs", "parts"), [(10, 4), (200, 16)])
def test_rates_are_dealt_out_where_they_take_longer_than_compiling(epochs, parts):
    chosen = dataclasses.replace(PlacementState(), epochs=epochs)
    assert state.rates_job(chosen).parts == parts
    assert state.study_job(chosen).parts == 5
