"""The conventions page: one batch through many, and every label earned."""

import dataclasses
import json

import numpy as np
import pytest

import bncore
from bncore import DATASETS, records
from bncore.conventions import CONVENTIONS
from bncore.experiments.live import CarriedFound, CarriedOutput, LiveFound, LiveRun
from bncore.frameworks import installed
from bncore.implementations import IMPLEMENTATIONS
from bncore.porting import LAYOUTS
from ui.questions.conventions import carry, tables, words
from ui.questions.conventions import state as view
from ui.questions.conventions.state import ConventionsState
from ui.state.arrays import FrozenArray

STATE = ConventionsState()


def test_the_asker_sees_three_moving_variances(visit):
    page = visit("conventions", guess="unbiased").reveal()
    text = page.words
    assert "**1.0000** times the biased variance: Keras, TensorFlow backend 1.2.0 to 2.1.2" in text
    assert "**1.2500** times the biased variance: PyTorch 2.13" in text
    assert "**1.2503** times the biased variance: Keras, TensorFlow backend 2.1.4" in text
    assert "Keras 3 stores **the biased one, at every rank**" in text
    assert "You predicted: the unbiased one, at every rank." in text
    frame = page.app.dataframe[0].value
    assert frame["backed by"][1] == "recorded with keras 2.2.4, tensorflow 1.15.5"
    assert "35 implementations." in page.captions


def test_the_answer_waits_for_a_prediction_and_the_first_one_counts(visit):
    page = visit("conventions", updates="20", guess="unbiased")
    assert "times the biased variance" not in page.words
    assert "Keras 3 stores" not in page.words
    assert "the engine, float64" not in page.captions
    assert not page.app.get("plotly_chart")
    assert not [frame for frame in page.app.dataframe if "stored / biased" in frame.value]
    page.reveal()
    assert len(page.app.get("plotly_chart")) == 2
    for guess in ("unbiased", "biased"):
        page.app.radio(key="conventions-guess").set_value(guess).run()
        assert "You predicted: the unbiased one, at every rank." in page.words
        assert ("after the answer was shown is a reading" in page.captions) == (guess == "biased")
        assert not [button for button in page.app.button if button.key == "conventions-reveal"]


def test_the_answer_can_be_had_without_a_prediction(visit):
    page = visit("conventions", updates="20").reveal()
    assert "**1.2500** times the biased variance" in page.words
    assert "Keras 3 stores" in page.words
    page.app.radio(key="conventions-guess").set_value("biased").run()
    assert "You predicted" not in page.words


@pytest.mark.keras
def test_installed_frameworks_are_run_live(visit):
    page = visit("conventions", updates="60", chosen="keras-3~tf_keras~torch")
    page.reveal().train("conventions")
    frame = page.app.dataframe[1].value
    assert any("keras 3." in text for text in frame["run with"])
    assert (frame["updates"] == 60).all()
    assert frame["largest relative difference from the engine"].max() < 2e-5


def test_rank_4_is_where_fused_kernels_take_over():
    images = dataclasses.replace(
        STATE,
        data=FrozenArray(DATASETS["images-nhwc"]().values),
        chosen=("tf_keras", "tf_keras-unfused", "keras-2.2.4"),
    )
    found = view.outcomes(images)
    n = 24
    assert view.ratio(images, found["tf_keras"]) == pytest.approx(n / (n - 1), abs=1e-6)
    assert view.ratio(images, found["tf_keras-unfused"]) == pytest.approx(1, abs=1e-6)
    twice = n / (n - 1) * n / (n - 1.001)
    assert view.ratio(images, found["keras-2.2.4"]) == pytest.approx(twice, abs=1e-6)


def test_one_row_is_refused_by_those_that_refuse_it():
    state = dataclasses.replace(
        STATE, data=FrozenArray(np.ones((1, 3))), chosen=("torch", "keras-3")
    )
    found = view.outcomes(state)
    assert "more than 1 value per channel" in found["torch"].refused
    assert not found["keras-3"].refused


def test_every_convention_runs_with_its_own_settings():
    state = dataclasses.replace(STATE, chosen=tuple(CONVENTIONS), own=True, updates=300)
    found = view.outcomes(state)
    assert set(found) == set(CONVENTIONS)
    assert not any(outcome.refused for outcome in found.values())
    assert len(view.results(state, found)) == len(CONVENTIONS)


def test_a_label_says_live_only_where_it_is_installed():
    for name in CONVENTIONS:
        label = view.status(name)
        assert label.startswith("can be run live") == bool(installed(name))
        if not installed(name):
            assert label.startswith("recorded") == (name in records.versions())


def test_the_engine_agrees_with_every_record():
    for name in records.versions():
        assert records.engine_difference(name) < 5e-5


def test_filters_narrow_the_table(visit):
    state = dataclasses.replace(STATE, find="9028")
    assert {row.convention for row in tables.matching(state)} >= {"keras-2.2.4"}
    assert len(tables.matching(state)) < 4
    torch = dataclasses.replace(STATE, families=("PyTorch",), known=("read",))
    assert [row.name for row in tables.matching(torch)] == ["torch.nn.SyncBatchNorm"]
    page = visit("conventions", find="no such framework")
    assert not page.app.exception
    assert any("No implementation" in box.value for box in page.app.info)


def test_every_convention_stands_in_the_table_and_agrees_with_it():
    rows = {row.convention: row for row in IMPLEMENTATIONS if row.convention}
    assert set(rows) == set(CONVENTIONS)
    for name, convention in CONVENTIONS.items():
        formula = convention.estimator.formula.replace("−", "-")
        text = rows[name].stores.replace("m/(m-1) times the mean of v", "v·n/(n-1)")
        assert formula in text, name
        if convention.keep is not None and name != "haiku":
            keep = f"{convention.keep:g}"
            assert keep in rows[name].momentum, name


def test_rank_3_says_what_to_choose():
    state = dataclasses.replace(STATE, data=FrozenArray(np.ones((2, 3, 4))))
    assert view.problem(state) == (
        "The data have rank 3. Choose rank 2 (rows, features) or rank 4 (images, height, width, "
        "channels)."
    )
    assert view.problem(STATE) == ""


@pytest.mark.parametrize(("updates", "here", "says"), [
    (5000, ("torch", "torch-cumulative"), ""), (5001, ("torch",), "At most 5,000 updates"),
    (1, ("torch-cumulative",), "None of the chosen"), (1, ("flax",), "None of the chosen"),
])  # fmt: skip
def test_what_can_be_run_live(monkeypatch, updates, here, says):
    """A plain average has no keep that a layer could be given."""
    monkeypatch.setattr(view, "installed", lambda name: "torch 2.13" * (name in here))
    chosen = ("keras-3", "torch-cumulative", "torch")
    state = dataclasses.replace(STATE, chosen=chosen, updates=updates)
    assert view.live_problem(state).startswith(says)
    assert bool(view.live_problem(state)) == bool(says)
    assert view.live_names(state) == ("torch",) * ("torch" in here)


def test_every_column_of_the_run_in_numbers():
    names = ("keras-3", "torch", "torch-cumulative")
    state = dataclasses.replace(STATE, chosen=names, keep=0.9, epsilon=0.25, updates=7, feature=1)
    found = view.results(state, view.outcomes(state)).to_dict("list")
    x = state.data.array[:, 1]
    kept, mean, biased, unbiased = 0.9**7, x.mean(), x.var(), x.var(ddof=1)
    assert found.pop("moving mean") == pytest.approx([(1 - kept) * mean] * 2 + [mean])
    moving = [kept + (1 - kept) * biased, kept + (1 - kept) * unbiased, unbiased]
    assert found.pop("moving variance") == pytest.approx(moving)
    assert found.pop("stored / biased") == pytest.approx([1, 1.25, 1.25])
    assert found.pop("initial value left") == pytest.approx([kept, kept, 0])
    own = ["keras-3", "torch"]
    assert found == {
        "convention": [view.TITLES[name] for name in names],
        "stores": [bncore.ESTIMATORS[id].formula for id in ("biased", "n/(n-1)", "n/(n-1)")],
        "keep": ["0.9", "0.9", "plain average"],
        "new (1 − keep)": ["0.1", "0.1", "1/t"],
        "epsilon": ["0.25"] * 3,
        "backed by": [view.status(name) for name in names],
        "engine against the record": [f"{records.engine_difference(name):.1e}" for name in own]
        + ["–"],
    }
    last = view.outcomes(state)["torch"]
    assert view.ratio(state, last) == pytest.approx(moving[1] / biased)
    refused = view.outcome(FrozenArray(x[:1, None]), 7, CONVENTIONS["torch"])
    assert (refused.mean.shape, bool(refused.refused)) == ((0, 1), True)
    assert np.isnan(view.ratio(state, refused))
    row = view.results(state, {"torch": refused})
    assert row[["moving mean", "moving variance"]].isna().all(axis=None)


@pytest.mark.parametrize("source", list(LAYOUTS))
@pytest.mark.parametrize("target", list(LAYOUTS))
def test_any_two_frameworks_can_be_chosen(source, target):
    state = dataclasses.replace(STATE, source=source, target=target)
    assert carry.possible(state)
    assert len(tables.names_table(state)) == 4
    torch = LAYOUTS["torch"].written(0.99, 1e-3, 3)
    assert torch == "torch.nn.BatchNorm1d(3, eps=0.001, momentum=0.01)"


def test_a_layer_that_is_none_is_not_carried():
    state = dataclasses.replace(STATE, layer=FrozenArray([[1.0], [0.0], [0.0], [-1.0]]))
    assert not carry.possible(state)


def test_the_rank_says_which_estimator_a_row_meets():
    column = {
        rank: tables.big_table(dataclasses.replace(STATE, rank=rank)) for rank in ("2", "4", "5")
    }
    for rank, stored in (("2", "v"), ("4", "v·n/max(n−1, 1)"), ("5", "v·n/max(n−1, 1)")):
        frame = column[rank]
        row = frame[frame["versions"] == CONVENTIONS["tf_keras"].versions].iloc[0]
        assert row[f"stores at rank {rank}"] == stored


def test_a_constant_feature_has_no_ratio():
    state = dataclasses.replace(STATE, data=FrozenArray(np.ones((5, 3))))
    text = words.answer(state, view.outcomes(state))
    assert "The variance of feature 0 is 0" in text
    assert "nan" not in text
    huge = dataclasses.replace(STATE, data=FrozenArray([[1e300, 1.0], [-1e300, 2.0]]))
    with np.errstate(all="ignore"):
        assert "feature 0 is not finite" in words.answer(huge, view.outcomes(huge))


def test_what_is_not_defined_is_named_and_no_other_reason_given():
    two = FrozenArray([[1.0, 2.0], [3.0, 5.0]])
    state = dataclasses.replace(STATE, data=two, epsilon=1.0, chosen=("keras-2.2.4", "keras-3"))
    text = words.answer(state, view.outcomes(state))
    assert "**1.0000** times the biased variance: Keras 3" in text
    assert "not finite with these numbers: Keras, TensorFlow backend 2.1.4" in text


def test_ratios_that_differ_in_the_fifth_digit_are_not_one():
    images = FrozenArray(DATASETS["images-nhwc"]().values)
    chosen = ("tf_keras", "keras-2.3.1-tf2")
    state = dataclasses.replace(STATE, data=images, chosen=chosen)
    assert "2 different variances are stored" in words.answer(state, view.outcomes(state))


def carried(forgotten=0.0, default=1e-3, target=0.0, real=(True, True), scale=1.0):
    """What the check says where the target's outputs are off by these shares of the source's."""
    state = dataclasses.replace(STATE, layer=FrozenArray([[scale, 1.0], [scale, 0.0],
                                                          [0.0, 1.0], [1.0, 4.0]]))  # fmt: skip
    source = source_output(state)
    small = np.array([1.0, 0.0])  # of the first feature alone
    found = CarriedFound(
        CarriedOutput("a real layer (keras 3)", real[0], source),
        CarriedOutput("a real layer (torch 2)", real[1], source * (1 + target * small)),
        forgotten=source * (1 + forgotten * small),
        default_epsilon=default,
    )
    return carry.checked_words(state, found)


def source_output(state):
    gamma, beta, mean, variance = state.layer.array
    x = carry.probe(state.layer.array)
    return gamma * (x - mean) / np.sqrt(variance + state.epsilon) + beta


@pytest.mark.parametrize("scale", [1.0, 1e-6])
@pytest.mark.parametrize(
    ("default", "forgotten", "says"),
    [
        (1e-3, 0.0, "default epsilon, too"),
        (1e-5, 0.4, "** apart"),
        (1e-5, 0.0, "hardly show it"),
    ],
)
def test_a_forgotten_epsilon_is_told_as_it_is(default, forgotten, says, scale):
    said = carried(forgotten, default, scale=scale)
    assert said.agrees is True
    assert says in said.text


@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_a_carried_layer_with_other_outputs_is_noticed(scale):
    """Also where the outputs that differ are small beside others."""
    assert "**The outputs agree.**" in carried(target=1e-7, scale=scale).text
    said = carried(target=0.01, scale=scale)
    assert said.agrees is False
    assert "**The outputs differ**: in row " in said.text
    assert "feature 0" in said.text


def test_the_engine_beside_itself_is_no_check():
    said = carried(real=(False, False))
    assert said.agrees is None
    assert "Nothing is checked" in said.text


def test_what_float32_loses_is_no_agreement():
    """A row of a feature far from 0: within rounding, and far from the other all the same."""
    state = dataclasses.replace(STATE, layer=FrozenArray([[1.0, 1], [0, 0], [1e6, 0], [1, 1]]))
    source = source_output(state)
    found = CarriedFound(
        CarriedOutput("a", True, source),
        CarriedOutput("b", True, source + np.array([0.02, 0])),
        forgotten=source,
        default_epsilon=1e-3,
    )
    said = carry.checked_words(state, found)
    assert said.agrees is False
    assert "float32 is too coarse" in said.text
    assert "moving mean of 1e+06" in said.text


def test_outputs_that_are_not_finite_are_not_compared():
    assert "Nothing to compare" in carried(target=np.nan).text


def test_the_layer_that_is_carried_always_shows_its_keep_and_epsilon(visit):
    for own in ("0", "1"):
        app = visit("conventions", own=own).app
        assert len([box for box in app.text_input if "psilon" in box.label]) == 1


def test_the_list_of_what_the_numbers_rest_on_counts_itself(visit):
    page = visit("conventions")
    (frame,) = [f.value for f in page.app.dataframe if "numbers rest on" in f.value]
    assert len(frame) == len(CONVENTIONS)
    for name, kind in zip(CONVENTIONS, frame["numbers rest on"], strict=True):
        label = view.status(name)
        expected = {"can": "can run live", "recorded": "recorded", "engine": "engine only"}
        assert kind == expected[label.split()[0]]
    only = (frame["numbers rest on"] == "engine only").sum()
    assert f"**{only}** are computed by the engine only" in page.words


@pytest.mark.parametrize("updates", [1, 5, 100, 2000])
@pytest.mark.parametrize("own", [False, True])
def test_what_is_left_of_the_initial_value_is_no_difference(updates, own):
    """Biased, n/(n-1), Keras 2's, and Theano's: four groups, however long it was trained."""
    chosen = tuple(name for name in CONVENTIONS if "theano" not in name and name != "keras-1.0.5")
    state = dataclasses.replace(STATE, updates=updates, own=own, chosen=chosen)
    text = words.answer(state, view.outcomes(state))
    epsilons = {CONVENTIONS[name].epsilon for name in chosen if "n-(1+" in
                CONVENTIONS[name].estimator.id}  # fmt: skip
    assert len(epsilons) == 1
    assert "3 different variances are stored" in text
    for ratio in ("**1.0000** times", "**1.2500** times", "**1.2503** times"):
        assert ratio in text


def test_how_much_of_the_initial_value_is_left_is_said():
    state = dataclasses.replace(STATE, updates=100, chosen=("keras-3", "keras-2.2.4", "torch"))
    text = words.answer(state, view.outcomes(state))
    assert "**36.6 %** in Keras 3 3.0 to 3.15.1, PyTorch 2.13." in text  # 0.99^100
    state = dataclasses.replace(state, own=True)
    text = words.answer(state, view.outcomes(state))
    assert "**36.6 %** in Keras 3 3.0 to 3.15.1; **0.00266 %** in PyTorch 2.13." in text
    state = dataclasses.replace(STATE, chosen=("keras-3",))
    assert "less than a millionth is left" in words.answer(state, view.outcomes(state))


@pytest.mark.parametrize("updates", [1, 7, 300])
def test_what_is_stored_and_what_is_left_make_up_the_run(updates):
    """Of every convention, by the engine's own trajectory, update by update."""
    split = view.split_of(STATE)
    moments = bncore.batch_moments(STATE.data.array, split)
    for name, convention in CONVENTIONS.items():
        state = dataclasses.replace(STATE, updates=updates, own=True, chosen=(name,))
        path = bncore.moving_trajectory([moments] * updates, convention, split)
        share = view.left(state, convention)
        expected = share + (1 - share) * view.stored_ratio(state, convention) * moments.variance[0]
        assert path.variance[-1, 0] == pytest.approx(expected, rel=1e-12), name


def test_with_keep_1_nothing_is_stored():
    state = dataclasses.replace(STATE, keep=1.0, chosen=("keras-3", "torch"))
    assert "with keep 1 nothing is stored" in words.answer(state, view.outcomes(state))


def test_what_keras_3_stores_today_is_read_from_its_recordings(monkeypatch):
    assert "Recorded with keras 3." in words.guess_words(STATE)
    unbiased = {2: (1.2499, 1.25), 4: (1.0001, 1.0435)}
    monkeypatch.setattr(words, "keras_3_today", lambda: unbiased)
    assert "**it depends on the rank**" in words.guess_words(STATE)


@pytest.mark.parametrize(
    ("factor", "answer"),
    [(1.0, "the biased one, at every rank"), (1.25, "the unbiased one, at every rank")],
)
def test_a_recording_of_another_variance_changes_the_prediction_s_answer(
    factor, answer, monkeypatch
):
    """What was recorded of the first update, taken apart and put together again."""
    real = records.recorded()

    def stored(record):
        keep, n = record.case.keep, np.prod(record.case.batches[0].shape[:-1])
        ratio = 1.0 if factor == 1.0 else n / (n - 1)
        variance = record.variance.copy()
        variance[0] = keep + (variance[0] - keep) * ratio
        return dataclasses.replace(record, variance=variance)

    monkeypatch.setattr(records, "recorded", lambda: tuple(map(stored, real)))
    monkeypatch.setattr(words, "keras_3_today", words.keras_3_today.__wrapped__)
    assert f"Keras 3 stores **{answer}**" in words.guess_words(STATE)


def test_the_curves_are_said_to_be_the_engines(visit):
    """Nothing on the page says that they are a framework's own."""
    page = visit("conventions", updates="20").reveal()
    titles = [json.loads(chart.proto.spec)["layout"]["title"]["text"]
              for chart in page.app.get("plotly_chart")]  # fmt: skip
    assert len(titles) == 2
    assert all(title.endswith("by the engine") for title in titles)
    assert "Curves and values: the engine" in page.captions
    assert all(not text.startswith("live") for text in page.app.dataframe[0].value["backed by"])


def test_epsilon_0_is_refused_as_pytorch_refuses_it(visit):
    app = visit("conventions", epsilon="0", chosen="keras-3~torch~torch-cumulative").reveal().app
    assert [w.value for w in app.warning if "PyTorch refuses epsilon 0" in w.value]
    assert len(app.dataframe[0].value) == 1  # Keras 3 alone has numbers


def test_one_refusal_is_told_beside_the_live_runs():
    run = LiveRun("a 1", difference=np.array([1e-7, 2e-7]))
    found = LiveFound(runs={"keras-3": run, "torch": LiveRun("b 2", refused="ValueError: no")})
    assert view.live_table(found).to_dict("list") == {
        "convention": [view.TITLES["keras-3"]],
        "run with": ["a 1"],
        "updates": [2],
        "largest relative difference from the engine": [2e-7],
    }
    assert words.refusals(found) == ["PyTorch 2.13 (b 2) refused: ValueError: no"]
