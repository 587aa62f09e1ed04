"""Stuck validation, reproduced with real Keras."""

import numpy as np
import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.keras import stuck
from bncore.keras.framework import tf
from bncore.keras.recorded import Minibatches
from bncore.keras.stuck import train

pytestmark = pytest.mark.keras
DATA = bncore.DATASETS["breast-cancer"]()


def run(**arguments):
    return joined([chunk.values for chunk in train(DATA.values, DATA.labels, **arguments)])


def test_only_the_moving_statistics_differ_between_the_keeps():
    values = run(epochs=2)
    high, low = values["runs"]["0.999"], values["runs"]["0.9"]
    np.testing.assert_allclose(high["loss"], low["loss"], rtol=1e-4)
    np.testing.assert_array_equal(high["training_mode"], low["training_mode"])
    assert high["training_mode"][-1] > 0.85
    assert high["inference_mode"][-1] < 0.7  # the same rows
    assert low["validation"][-1] > high["validation"][-1] + 0.2
    assert values["estimated"]["0.999"]["validation"] > high["validation"][-1] + 0.2
    # The two cures are the same model: only what is stored differed.
    assert values["estimated"]["0.999"] == values["estimated"]["0.9"]


def test_a_loss_that_is_not_finite_ends_that_training_only():
    values = run(epochs=1, learning_rate=1e37)  # the next product overflows float32
    assert set(values["stopped"]) == {"0.999", "0.9"}
    assert "is not finite" in values["stopped"]["0.9"]
    assert len(values["runs"]["0.9"]["loss"]) < 57


def test_labels_must_fit_the_rows():
    with pytest.raises(ValueError, match="569 whole numbers"):
        next(train(DATA.values, DATA.labels[:5]))


def test_estimated_statistics_are_those_of_algorithm_2_over_all_batches():
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (18, 2)).astype("float32"), rng.integers(0, 2, 18)  # 5, 5, 5 and 3
    model = stuck._model(2, 3, 2, 0, momentum=0.9, epsilon=1e-3)
    stuck._estimated(model, {"training": (x, y), "validation": (x, y)}, 5, seed=1)
    z = [np.asarray(model.layers[0](x[rows[rows >= 0]])) for rows in Minibatches(18, 5, 1).take(4)]
    layer = model.layers[1]
    rows = [len(part) for part in z]
    assert sorted(rows) == [3, 5, 5, 5]
    mean = np.average([part.mean(axis=0) for part in z], axis=0, weights=rows)
    variance = np.average([part.var(axis=0, ddof=1) for part in z], axis=0, weights=rows)
    np.testing.assert_allclose(tf.convert_to_tensor(layer.moving_mean), mean, rtol=1e-5)
    np.testing.assert_allclose(tf.convert_to_tensor(layer.moving_variance), variance, rtol=1e-5)


def test_keeps_that_differ_in_the_seventh_digit_are_two_trainings():
    x = np.arange(20.0).reshape(10, 2)
    chunks = train(x, np.arange(10) % 2, keeps=(0.9999999, 1.0), batch_size=1, epochs=1)
    values = joined([chunk.values for chunk in chunks])
    assert list(values["runs"]) == ["0.9999999", "1"]
    assert "estimated" not in values  # batches of one row have no variance to average
