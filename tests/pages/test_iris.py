"""The Iris page: four means, counted in the real model."""

import dataclasses

import numpy as np
import pytest

import bncore
from bncore.experiments.iris import IrisFound
from bncore.experiments.weights import Weight
from ui.questions.iris import answers, words
from ui.questions.iris import state as view
from ui.questions.iris.recording import recording
from ui.questions.iris.state import IrisState

DATA = bncore.DATASETS["iris"]()


@pytest.mark.keras
def test_the_asker_counts_four_means(visit):
    page = visit("iris", guess="150").train("iris")
    text = page.words
    assert "holds **4 means**" in text
    assert "shape **(4,)**, not (150,)" in text
    assert "After 500 updates" in text
    assert "You predicted: 150: one per sample." in text
    assert "**0.66 %** of the initial values" in text
    assert "**16 numbers, 8 of them trainable**" in text
    assert "holds 51: 43 trainable and 8 not" in text
    assert page.app.dataframe[0].value["numbers"].sum() == 51


@pytest.mark.keras
def test_other_settings_count_anew(visit):
    page = visit("iris", hidden="8", epochs="2", batch_size="150").train("iris")
    text = page.words
    assert "After 2 updates" in text
    assert "Every batch is the whole data set" in text
    assert "holds 83: 75 trainable" in text


@pytest.mark.parametrize(
    ("keep", "says"),
    [(1.0, "**100 %**"), (0.0, "**0 %**"), (0.9999999, "**more than 99.9 %**"), (0.5, "less than")],
)
def test_what_is_left_is_a_share_that_can_be_read(keep, says):
    text = words.left_words(dataclasses.replace(IrisState(), keep=keep), 500)
    assert says in text
    assert "e+" not in text
    assert f"keep {keep:.10g} leave" in text


def test_with_keep_1_no_final_value_is_drawn():
    still = dataclasses.replace(IrisState(), keep=1.0)
    assert answers.lines(still, DATA.values) == {}
    drawn = recording(still, DATA, list("abcd"), held()).quantities
    assert [quantity.levels for quantity in drawn] == [()] * 4


def test_a_last_batch_of_one_row_is_named():
    assert "has 1 row only" in words.variance_words(
        dataclasses.replace(IrisState(), batch_size=149), 150
    )
    assert "last batch" not in words.variance_words(
        dataclasses.replace(IrisState(), batch_size=30), 150
    )


def test_the_page_opens_with_a_train_button(visit):
    page = visit("iris")
    assert not page.app.button(key="iris-train").disabled


def test_updates_count_the_smaller_last_batch():
    assert view.updates(IrisState(), 150) == 500
    assert view.updates(dataclasses.replace(IrisState(), batch_size=150), 150) == 100


def test_too_many_updates_say_why():
    state = dataclasses.replace(IrisState(), epochs=2000, batch_size=1)
    assert "300,000 updates" in view.problem(state, 150)
    assert view.problem(IrisState(), 150) == ""


def test_lines_are_the_column_means_and_the_variance_of_mini_batches():
    lines = answers.lines(IrisState(), DATA.values)
    np.testing.assert_allclose(lines["mean"], DATA.values.mean(axis=0))
    # Four batches of 32 and one of 22: the mean of (m-1)/m, times N/(N-1).
    ratio = (4 * 31 / 32 + 21 / 22) / 5 * 150 / 149
    np.testing.assert_allclose(lines["variance"], ratio * DATA.values.var(axis=0))
    drawn = {quantity.key: quantity for quantity in shown(held()).quantities}
    for name, line in lines.items():
        np.testing.assert_array_equal(drawn[name].levels[0].values, line)


def test_the_answer_counts_what_the_model_holds():
    mean = Weight("BatchNormalization", "moving_mean", (150,), False)
    means = DATA.values.mean(axis=0)[None]
    found = IrisFound(weights=(mean,), moving_mean=means, update=np.array([1]))
    text = words.answer(IrisState(), DATA.values, found)
    assert "**150 means**, one per sample: `moving_mean` has shape **(150,)**. All four" in text
    gamma = Weight("BatchNormalization", "gamma", (4,), True)
    unlike = dataclasses.replace(found, weights=(mean, gamma))
    assert "Not all have that shape" in words.answer(IrisState(), DATA.values, unlike)


def test_the_distance_of_the_means_is_that_of_what_was_recorded():
    weights = (Weight("BatchNormalization", "moving_mean", (4,), False),)
    means = answers.column_moments(DATA.values).mean
    for off, says in (
        (0.0, "at most **0** from"),
        (0.3, "at most **0.3** from"),
        (0.0353, "at most **0.036** from"),
    ):
        recorded = (means + np.array([0, 0, off, 0]))[None]
        found = IrisFound(weights=weights, moving_mean=recorded, update=np.array([1]))
        text = words.answer(IrisState(), DATA.values, found)
        assert says in text
        assert ("worst: petal length" in text) == (off > 0)
        assert "**4 means**, one per feature: `moving_mean` has shape **(4,)**, not (150,)" in text


def test_every_weight_stands_in_the_table():
    weights = [
        Weight("BatchNormalization", "gamma", (4,), True),
        Weight("BatchNormalization", "moving_mean", (4,), False),
    ]
    assert answers.table(weights).to_dict("list") == {
        "layer": ["BatchNormalization"] * 2,
        "weight": ["gamma", "moving_mean"],
        "shape": ["(4,)", "(4,)"],
        "numbers": [4, 4],
        "changed by": ["optimizer", "moving average"],
    }


def held(updates=3, keep=0.99):
    """What a layer holds that averages random batch statistics, in plain float64."""
    rng, mean, variance, rows = np.random.default_rng(2), np.zeros(4), np.ones(4), []
    for batch in rng.uniform(1, 2, (updates, 2, 4)):
        mean, variance = (keep * old + (1 - keep) * new for old, new in zip(
            (mean, variance), batch, strict=True))  # fmt: skip
        rows.append((mean, variance, *batch))
    return IrisFound({}, {}, (), np.arange(1, updates + 1), *np.array(rows).swapaxes(0, 1))


def shown(found):
    return recording(IrisState(), DATA, list("abcd"), found)


def test_the_player_gets_every_mean_and_what_each_update_took_over():
    keep = 0.9
    found, state = held(updates=7, keep=keep), dataclasses.replace(IrisState(), keep=keep)
    made = recording(state, DATA, list("abcd"), found)
    assert made.together
    assert (made.steps.tolist(), made.features) == (list(range(8)), ("a", "b", "c", "d"))
    played = {quantity.key: quantity.values["layer"] for quantity in made.quantities}
    for formula, initial in zip(made.formulas, (0, 1), strict=True):
        values, taken = played[formula.of], played[formula.taken]
        assert (values[0] == initial).all()
        np.testing.assert_array_equal(values[1:], getattr(found, f"moving_{formula.of}"))
        follows = formula.keep * values[:-1] + (1 - formula.keep) * taken[1:]
        np.testing.assert_allclose(values[1:], follows)


def test_the_rows_of_each_batch_light_up_before_the_first_none():
    rows = np.array([[3, 1], [0, 149], [7, -1]], np.int32)
    (scene,) = shown(dataclasses.replace(held(updates=3), rows=rows)).scenes
    arrays = scene.arrays()
    assert arrays["rows/taken"].tolist() == [[-1, -1], [3, 1], [0, 149], [7, -1]]
    np.testing.assert_array_equal(arrays["rows/data"], DATA.values)
    assert [scene.groups[1][group] for group in arrays["rows/groups"][[0, 50, 149]]] == [
        "setosa",
        "versicolor",
        "virginica",
    ]
    quantities = {quantity.key for quantity in shown(held()).quantities}
    assert {scene.batch, scene.moving} <= quantities


@pytest.mark.keras
def test_the_picture_counts_the_means_so_it_waits_for_the_prediction(visit):
    visit("iris", epochs="3").train("iris")
    page = visit("iris", epochs="3")
    assert "moving_mean" not in page.words.split("**Predict, then look.**")[1]
    assert "bnlab:player:iris-player" not in page.app.session_state
    page.app.button(key="iris-reveal").click().run()
    assert "holds" in page.words
    assert "bnlab:player:iris-player" in page.app.session_state
