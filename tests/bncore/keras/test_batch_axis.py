"""The batch-axis experiment: its errors are those that Keras raises, its numbers those of facts."""

import re

import numpy as np
import pytest

pytestmark = pytest.mark.keras

batch_axis = pytest.importorskip("bncore.keras.batch_axis")
import bncore  # noqa: E402
from bncore.experiments.batch_axis import AXES, BatchAxis  # noqa: E402
from bncore.experiments.experiment import joined  # noqa: E402
from bncore.keras.framework import keras  # noqa: E402

QUESTION = bncore.DATASETS["question-2018"]().values.astype(np.float32)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run(data, **options):
    """What was found of both axes."""
    return joined(c.values for c in batch_axis.compare(BatchAxis(data, **options))).axes


@pytest.fixture(scope="module")
def asked():
    return run(QUESTION)


def raised(step):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is what is compared
        step()
    return type(caught.value).__name__, COLOURS.sub("", str(caught.value))


def test_the_error_of_an_unknown_batch_size_is_keras_own(asked):
    step = asked["0"].steps["unknown"]
    inputs = keras.Input((6,))
    layer = keras.layers.BatchNormalization(axis=0, name="batch_norm")
    assert (step.error, step.text) == raised(lambda: layer(inputs))
    assert "shape=(None,)" in step.text


def test_the_error_of_another_number_of_rows_is_keras_own(asked):
    step = asked["0"].steps["other"]
    inputs = keras.Input(batch_shape=(5, 6))
    layer = keras.layers.BatchNormalization(axis=0, name="batch_norm")
    model = keras.Model(inputs, layer(inputs))
    error, message = raised(lambda: model.predict(QUESTION[:3], verbose=0))
    assert (step.error, step.text) == (error, message)
    assert "expected axis 0 of input shape to have value 5" in step.text
    assert "\x1b" not in step.text


@pytest.mark.parametrize("order", ["fixed", "shuffled"])
@pytest.mark.parametrize("axis", AXES)
def test_each_update_takes_over_the_mean_that_was_recorded(asked, axis, order):
    moving, batch = (
        getattr(runs, order).astype(float)
        for runs in (asked[axis].moving_mean, asked[axis].batch_mean)
    )
    before = np.concatenate([np.zeros_like(moving[:1]), moving[:-1]])
    np.testing.assert_allclose(moving, 0.99 * before + 0.01 * batch, rtol=1e-5)
    own = QUESTION.mean(axis=1 + int(axis))
    np.testing.assert_allclose(np.sort(batch, axis=1), np.tile(np.sort(own), (1000, 1)), rtol=1e-5)
    assert np.allclose(batch, own) == (order == "fixed" or axis == "-1")


def test_everything_else_works(asked):
    first, last = asked["0"].steps, asked["-1"].steps
    assert [name for name, step in first.items() if not step.error] == ["fixed", "fit", "multiple"]
    assert not any(step.error for step in last.values())
    assert first["multiple"].text == "output of shape (10, 6)"
    assert last["other"].text == "output of shape (3, 6)"


def test_all_four_weights_have_the_size_of_the_kept_axis(asked):
    names = {"gamma", "beta", "moving_mean", "moving_variance"}
    assert asked["0"].shapes == dict.fromkeys(names, (5,))
    assert asked["-1"].shapes == dict.fromkeys(names, (6,))


def test_positions_hold_their_rows_or_drift_to_the_grand_mean(asked):
    positions, features = asked["0"].moving_mean, asked["-1"].moving_mean
    left = 0.99**1000
    np.testing.assert_allclose(positions.fixed[-1], QUESTION.mean(axis=1) * (1 - left), rtol=1e-4)
    assert np.abs(positions.shuffled[-1] - QUESTION.mean()).max() < 0.03
    for moving in (features.fixed, features.shuffled):
        np.testing.assert_allclose(moving[-1], QUESTION.mean(axis=0) * (1 - left), rtol=1e-4)


def test_every_update_shuffles_anew():
    moving = run(QUESTION, updates=40, keep=0.0)["0"].moving_mean.shuffled
    assert len(np.unique(moving.round(5), axis=0)) > 20
    np.testing.assert_allclose(
        np.sort(moving, axis=1)[0], np.sort(QUESTION.mean(axis=1)), rtol=1e-5
    )


def test_only_axis_0_gives_a_row_another_output_in_another_place(asked):
    first, last = asked["0"].outputs, asked["-1"].outputs
    assert np.abs(first.fixed - first.shuffled).max() > 0.01
    np.testing.assert_allclose(last.fixed, last.shuffled, atol=1e-6)


def test_every_row_was_tried_in_every_place(asked):
    """Against the formula by hand, with the weights at the run's end."""
    for axis, kept in (("0", (5, 1)), ("-1", (1, 6))):
        found = asked[axis]
        held = {name: values.astype(float).reshape(kept) for name, values in found.weights.items()}
        for place, outputs in enumerate(found.seated):
            own = {name: np.broadcast_to(w, (5, 6))[place] for name, w in held.items()}
            centred = QUESTION - own["moving_mean"]
            expected = centred / np.sqrt(own["moving_variance"] + 1e-3) * own["gamma"] + own["beta"]
            np.testing.assert_allclose(outputs, expected, atol=1e-5)
        np.testing.assert_array_equal(found.seated[range(5), range(5)], found.outputs.fixed[0])
        np.testing.assert_array_equal(held["moving_mean"].ravel(), found.moving_mean.fixed[-1])


def test_the_same_seed_gives_the_same_run():
    first, second, other = (
        run(QUESTION, updates=30, seed=seed)["0"].moving_mean.shuffled for seed in (4, 4, 5)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_the_number_of_rows_that_was_built_can_be_predicted():
    assert not run(QUESTION, updates=1, new_rows=5)["0"].steps["other"].error


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
        BatchAxis(data, **options)


def test_a_diverging_run_says_when_and_the_others_go_on():
    data = np.array([[1.0, 2.0], [3.0, 7.0]])
    asked = BatchAxis(data, updates=60, learning_rate=1e30)
    chunks = list(batch_axis.compare(asked))
    found = joined(chunk.values for chunk in chunks)
    assert found.stopped
    assert all("is not finite" in sentence for sentence in found.stopped.values())
    runs = [found.axes[axis].moving_mean for axis in AXES]
    made = sum(len(moving) for run in runs for moving in (run.fixed, run.shuffled))
    assert chunks[-1].done == made < chunks[-1].total
