"""The Iris page: four means, counted in the real model."""

import dataclasses

import numpy as np
import pytest

import bncore
from bncore.experiments.iris import IrisFound
from bncore.experiments.weights import Weight
from ui.questions.iris import answers, words
from ui.questions.iris import state as view
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
    table = page.app.dataframe[1].value
    assert table["numbers"].sum() == 51
    moving = page.app.dataframe[0].value
    np.testing.assert_allclose(moving["moving mean"], moving["column mean"], rtol=0.02)


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
    assert answers.lines(still, DATA.values, list("abcd")) == {"mean": {}, "variance": {}}


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
    lines = answers.lines(IrisState(), DATA.values, list("abcd"))
    np.testing.assert_allclose(list(lines["mean"].values()), DATA.values.mean(axis=0))
    # Four batches of 32 and one of 22: the mean of (m-1)/m, times N/(N-1).
    ratio = (4 * 31 / 32 + 21 / 22) / 5 * 150 / 149
    np.testing.assert_allclose(list(lines["variance"].values()), ratio * DATA.values.var(axis=0))


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
    for off, says in ((0.0, "within **0**"), (0.3, "within **0.3**")):
        recorded = (means + np.array([0, 0, off, 0]))[None]
        found = IrisFound(weights=weights, moving_mean=recorded, update=np.array([1]))
        text = words.answer(IrisState(), DATA.values, found)
        assert says in text
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


def test_the_data_stand_beside_what_the_layer_holds_at_the_end():
    held = IrisFound(
        moving_mean=np.array([[9.0] * 4, [1.0, 2.0, 3.0, 4.0]], np.float32),
        moving_variance=np.array([[9.0] * 4, [5.0, 6.0, 7.0, 8.0]], np.float32),
    )
    frame = answers.comparison(DATA.values, list("abcd"), held)
    assert frame.index.tolist() == list("abcd")
    found = frame.to_dict("list")
    assert found.pop("moving mean") == [1, 2, 3, 4]
    assert found.pop("moving variance") == [5, 6, 7, 8]
    assert found.keys() == {"column mean", "column variance"}
    np.testing.assert_allclose(found["column mean"], DATA.values.mean(axis=0))
    np.testing.assert_allclose(found["column variance"], DATA.values.var(axis=0))
