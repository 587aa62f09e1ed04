"""The placement page: what it says follows from what was trained."""

import dataclasses

import numpy as np
import pytest

from ui.views.placement import PARTS, PlacementState, bias, distributions, rates, state, study

SMALL = {"rows": "120", "units": "6", "epochs": "3", "replicas": "3"}


@pytest.mark.keras
def test_the_study_gives_a_verdict_for_every_variant_and_explains_the_orphan(visit):
    page = visit("placement", guess="after", **SMALL).train("placement")
    assert "Before or after the activation, by accuracy: **" in page.words
    assert "You predicted" in page.words
    assert "(± " in page.words
    assert "2 layers were made, **0 of them are in `model.layers`**" in page.words
    assert "those of “none”, number for number" in page.words
    assert len(page.app.dataframe[0].value) == 5


@pytest.mark.keras
def test_distributions_come_from_the_same_run(visit):
    page = visit("placement", part="distributions", **SMALL).train("placement")
    assert "Block 1, saturated (|tanh| > 0.95): none" in page.words
    slider = page.app.select_slider(key="placement-at-18")
    assert slider.options == ["0", "1", "2", "4", "6", "8", "12", "16", "18"]
    slider.set_value(0).run()
    assert not page.app.exception
    page.app.segmented_control(key="placement-part").set_value("study").run()
    assert "Before or after the activation, by accuracy" in page.words  # without training again


@pytest.mark.keras
def test_diverging_rates_say_at_which_update(visit):
    page = visit("placement", part="rates", rates="0.1~10", activation="relu", dropout="0", **SMALL)
    page.train("placement-rates")
    frame = page.app.dataframe[0].value
    assert list(frame.columns) == ["batch normalisation", "0.1", "10"]
    assert len(frame) == 4
    assert "Learns” means" in page.words


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
        "orphan": lambda: norms == [] and code[0].startswith("BatchNormalization()"),
        "before": lambda: all('Activation("' in near[2] for near in around) and len(norms) == 2,
        "after": lambda: all('Activation("' in near[0] for near in around) and len(norms) == 2,
        "output": lambda: len(norms) == 3 and norms[-1] == len(adds) - 1,
    }
    assert right[name]()


def test_scaling_gives_every_feature_mean_0_and_variance_1():
    x, _ = state.data(dataclasses.replace(PlacementState(), classes="wine"))
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(x.var(axis=0), 1)


def run(accuracy):
    column = np.array([accuracy])
    return dict.fromkeys((*study.CURVES, "flat"), column)


def test_the_verdict_follows_the_numbers():
    rows = {"rows": {"validation": 1000}}
    values = rows | {"runs": {"before": run([0.9, 0.91, 0.9]), "after": run([0.8, 0.81, 0.8])}}
    text = study.words(dataclasses.replace(PlacementState(), guess="before"), values)[0]
    assert "**before the activation**" in text
    assert "You predicted it." in text
    assert "validation loss **+0.1" in text
    values = rows | {"runs": {"before": run([0.9, 0.7]), "after": run([0.8, 0.81])}}
    assert "no difference larger" in study.words(PlacementState(), values)[0]
    values = rows | {"runs": {"before": run([0.9]), "after": run([0.8])}}
    (text,) = study.words(dataclasses.replace(PlacementState(), guess="same"), values)
    assert "**no verdict**" in text
    assert "predicted" not in text
    some = run([0.9, 0.8, np.nan])
    (text,) = study.words(PlacementState(), rows | {"runs": {"before": some, "after": some}})
    assert "only the 2 of 3 initialisations that survive in both" in text
    lost = run([np.nan] * 3)
    (text,) = study.words(PlacementState(), rows | {"runs": {"before": lost, "after": lost}})
    assert "cannot be compared" in text


def grown(length, value, diverged=False):
    columns = np.full((length, 2), value)
    columns[-1] = np.nan if diverged else value
    return dict.fromkeys((*study.CURVES, "flat"), columns)


def test_a_stopped_study_compares_the_last_common_epoch():
    runs = {"before": grown(5, 0.5), "after": grown(4, 0.5), "none": grown(2, 0.1, diverged=True)}
    values = {"runs": runs, "rows": {"validation": 100}, "stopped": {"none": "diverged"}}
    assert study.common_epoch(values) == 3
    assert study.table(values)["diverged"].tolist() == ["0 of 2", "0 of 2", "2 of 2"]
    del values["stopped"]
    assert study.common_epoch(values) == 1


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
    page = visit("placement", **SMALL).train("placement")
    assert "nothing to compare yet" in page.app.info[0].value
    assert not page.app.subheader
    assert not page.app.dataframe


def test_learning_means_better_than_the_most_common_class():
    found = {
        "validation_accuracy": np.array([0.9, 0.52, np.nan]),
        "diverged": np.array([-1, -1, 7]),
    }
    assert rates.learned(found, 0.5).tolist() == [True, False, False]
    assert rates.outcome(found, 0.5) == (
        "1 of 3 learned, accuracy 0.900; 1 diverged, first at update 7"
    )


def test_words_name_what_is_flat():
    values = {"runs": {"none": {"flat": np.full((1, 2, 3), 0.25)}}}
    text = distributions.words(dataclasses.replace(PlacementState(), activation="relu"), values)
    assert "Block 1, dead units (zero for every validation row): none" in text[0]
    assert "**25%**" in text[0]
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
    values = {"rates": trained, "most_common": 0.5}
    largest, learned = rates.largest_rate(values)
    assert (largest, set(learned)) == ("10", set(good))
    assert rates.answer(learned, trained) == found
    guessed = dataclasses.replace(PlacementState(), rate_guess=found)
    assert any("You predicted it." in text for text in rates.words(guessed, values))
    del trained["after"]["10"]
    assert rates.largest_rate(values) == ("10", None)


def test_the_least_flat_variant_must_be_told_apart():
    shares = {"none": 0.5, "before": 0.1, "after": 0.105}
    runs = {name: {"flat": np.full((1, 2, 3), share)} for name, share in shares.items()}
    assert distributions.least_flat({"runs": runs}) is None
    del runs["after"]
    assert distributions.least_flat({"runs": runs}) == "before"


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


def begun(entries):
    return {"loss": np.zeros((entries, 2))}


def test_a_variant_that_no_worker_has_begun_leaves_nothing_to_compare():
    values = {"runs": {"none": begun(3), "before": begun(0)}}
    assert study.common_epoch(values) < 1
    assert study.common_epoch({"runs": {"none": begun(3), "before": begun(2)}}) == 1


def test_a_stopped_study_of_rates_tells_of_what_was_trained():
    found = {
        "loss": np.ones(2), "accuracy": np.ones(2), "validation_accuracy": np.ones(2),
        "diverged": np.full(2, -1),
    }  # fmt: skip
    values = {
        "most_common": 0.5,
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
