"""The batch-axis experiment: its errors are those that Keras raises, its numbers those of facts."""

import re

import numpy as np
import pytest

pytestmark = pytest.mark.keras

batch_axis = pytest.importorskip("bncore.keras.batch_axis")
import bncore  # noqa: E402
from bncore.experiments.experiment import joined  # noqa: E402
from bncore.keras.framework import keras  # noqa: E402

QUESTION = bncore.DATASETS["question-2018"]().values.astype(np.float32)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run(data, **options):
    """The values of all chunks, those of the runs joined."""
    steps, shapes, moving, outputs = {}, {}, {}, {}
    for chunk in batch_axis.compare(data, **options):
        steps |= chunk.values.get("steps", {})
        shapes |= chunk.values.get("shapes", {})
        outputs |= chunk.values.get("outputs", {})
        for axis, runs in chunk.values.get("moving_mean", {}).items():
            for order, values in runs.items():
                moving.setdefault((axis, order), []).append(values)
    return steps, shapes, {key: np.concatenate(parts) for key, parts in moving.items()}, outputs


@pytest.fixture(scope="module")
def asked():
    return run(QUESTION)


def raised(step):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is what is compared
        step()
    return type(caught.value).__name__, COLOURS.sub("", str(caught.value))


def test_the_error_of_an_unknown_batch_size_is_keras_own(asked):
    step = asked[0]["0"]["unknown"]
    inputs = keras.Input((6,))
    layer = keras.layers.BatchNormalization(axis=0, name="batch_norm")
    assert (step["error"], step["text"]) == raised(lambda: layer(inputs))
    assert "shape=(None,)" in step["text"]


def test_the_error_of_another_number_of_rows_is_keras_own(asked):
    step = asked[0]["0"]["other"]
    inputs = keras.Input(batch_shape=(5, 6))
    layer = keras.layers.BatchNormalization(axis=0, name="batch_norm")
    model = keras.Model(inputs, layer(inputs))
    error, message = raised(lambda: model.predict(QUESTION[:3], verbose=0))
    assert (step["error"], step["text"]) == (error, message)
    assert "expected axis 0 of input shape to have value 5" in step["text"]
    assert "\x1b" not in step["text"]


def test_everything_else_works(asked):
    steps = asked[0]
    assert [name for name, step in steps["0"].items() if step["ok"]] == ["fixed", "fit", "multiple"]
    assert all(step["ok"] for step in steps["-1"].values())
    assert steps["0"]["multiple"]["text"] == "output of shape (10, 6)"
    assert steps["-1"]["other"]["text"] == "output of shape (3, 6)"


def test_all_four_weights_have_the_size_of_the_kept_axis(asked):
    names = {"gamma", "beta", "moving_mean", "moving_variance"}
    assert asked[1] == {"0": dict.fromkeys(names, (5,)), "-1": dict.fromkeys(names, (6,))}


def test_positions_hold_their_rows_or_drift_to_the_grand_mean(asked):
    moving = asked[2]
    left = 0.99**1000
    np.testing.assert_allclose(
        moving["0", "fixed"][-1], QUESTION.mean(axis=1) * (1 - left), rtol=1e-4
    )
    assert np.abs(moving["0", "shuffled"][-1] - QUESTION.mean()).max() < 0.03
    for order in ("fixed", "shuffled"):
        np.testing.assert_allclose(
            moving["-1", order][-1], QUESTION.mean(axis=0) * (1 - left), rtol=1e-4
        )


def test_every_update_shuffles_anew():
    moving = run(QUESTION, updates=40, keep=0.0)[2]["0", "shuffled"]
    assert len(np.unique(moving.round(5), axis=0)) > 20
    np.testing.assert_allclose(
        np.sort(moving, axis=1)[0], np.sort(QUESTION.mean(axis=1)), rtol=1e-5
    )


def test_only_axis_0_gives_a_row_another_output_in_another_place(asked):
    outputs = asked[3]
    assert np.abs(outputs["0"]["fixed"] - outputs["0"]["shuffled"]).max() > 0.01
    np.testing.assert_allclose(outputs["-1"]["fixed"], outputs["-1"]["shuffled"], atol=1e-6)


def test_the_same_seed_gives_the_same_run():
    first, second = (run(QUESTION, updates=30, seed=4)[2] for _ in range(2))
    other = run(QUESTION, updates=30, seed=5)[2]
    np.testing.assert_array_equal(first["0", "shuffled"], second["0", "shuffled"])
    assert (first["0", "shuffled"] != other["0", "shuffled"]).any()


def test_the_number_of_rows_that_was_built_can_be_predicted():
    assert run(QUESTION, updates=1, new_rows=5)[0]["0"]["other"]["ok"]


@pytest.mark.parametrize(
    ("data", "options", "says"),
    [
        (np.ones((1, 3)), {}, "2 rows"),
        (np.ones(3), {}, "2 rows"),
        ([[1.0], [np.nan]], {}, "NaN"),
        (QUESTION, {"new_rows": 0}, "new_rows"),
        (QUESTION, {"keep": 2}, "keep"),
    ],
)
def test_what_cannot_be_run_says_why(data, options, says):
    with pytest.raises(ValueError, match=says):
        next(batch_axis.compare(data, **options))


def test_a_diverging_run_says_when_and_the_others_go_on():
    data = np.array([[1.0, 2.0], [3.0, 7.0]])
    values = joined([c.values for c in batch_axis.compare(data, updates=60, learning_rate=1e30)])
    assert values["stopped"]
    assert all("is not finite" in sentence for sentence in values["stopped"].values())
