"""Stuck validation, reproduced with real Keras."""

import numpy as np
import pytest

import bncore
from bncore.experiments.arguments import held_out
from bncore.experiments.experiment import joined
from bncore.experiments.validation_gap import ValidationGap
from bncore.keras import validation_gap
from bncore.keras.framework import tf
from bncore.keras.recorded import Minibatches

pytestmark = pytest.mark.keras
DATA = bncore.DATASETS["breast-cancer"]()


def run(data=DATA.values, labels=DATA.labels, **settings):
    asked = ValidationGap(data, labels, **settings)
    return joined(chunk.values for chunk in validation_gap.train(asked))


def test_only_the_moving_statistics_differ_between_the_keeps():
    found = run(epochs=2)
    high, low = found.runs["0.999"], found.runs["0.9"]
    np.testing.assert_allclose(high.loss, low.loss, rtol=1e-4)
    np.testing.assert_array_equal(high.training_mode, low.training_mode)
    assert high.training_mode[-1] > 0.85
    assert high.inference_mode[-1] < 0.7  # the same rows
    assert low.validation[-1] > high.validation[-1] + 0.2
    assert found.estimated["0.999"].validation > high.validation[-1] + 0.2
    # The two cures are the same model: only what is stored differed.
    assert found.estimated["0.999"] == found.estimated["0.9"]


def test_rows_are_looked_at_a_few_times_and_the_moving_mean_at_every_update():
    found = run(epochs=2)  # of 57 updates
    for each in found.runs.values():
        assert each.seen.tolist() == [1, *range(2, 115, 2)]
        assert each.fed.shape == (58, 114, 2)
        right = 1 - each.wrong.mean(axis=1)
        np.testing.assert_allclose(right, each.validation[each.seen - 1], rtol=1e-6)
        assert each.moving_mean.shape == each.moving_variance.shape == (114, 2)
    high, low = found.runs["0.999"], found.runs["0.9"]
    np.testing.assert_allclose(high.fed, low.fed, rtol=1e-3)
    assert high.wrong[-1].mean() > low.wrong[-1].mean() + 0.2


def test_the_moving_mean_averages_what_the_units_give():
    """Nothing is learned here, so every batch goes through the same weights."""
    asked = ValidationGap(DATA.values, DATA.labels, keeps=[0.9], epochs=1, learning_rate=0)
    found = joined(chunk.values for chunk in validation_gap.train(asked)).runs["0.9"]
    rows, unseen = (part[0] for part in held_out(asked.data, asked.labels, 0.2, 0))
    dense = validation_gap._model(asked, 0.9).layers[0]
    z = np.asarray(dense(rows))[:, :2]
    mean, variance = np.zeros(2), np.ones(2)
    for update, batch in enumerate(Minibatches(len(rows), 8, 0).take(57)):
        taken = z[batch[batch >= 0]]
        mean = 0.9 * mean + 0.1 * taken.mean(axis=0)
        variance = 0.9 * variance + 0.1 * taken.var(axis=0)
        np.testing.assert_allclose(found.moving_mean[update], mean, rtol=1e-3)
        np.testing.assert_allclose(found.moving_variance[update], variance, rtol=1e-2)
    for fed in found.fed:
        np.testing.assert_allclose(fed, np.asarray(dense(unseen))[:, :2], rtol=1e-3, atol=0.01)


def test_of_many_validation_rows_the_first_are_looked_at():
    x = np.random.default_rng(0).normal(size=(700, 2))
    found = run(x, np.arange(700) % 2, keeps=[0.9], batch_size=560, epochs=3)
    assert found.runs["0.9"].fed.shape == (3, 128, 2)
    assert found.runs["0.9"].seen.tolist() == [1, 2, 3]


def test_a_loss_that_is_not_finite_ends_that_training_only():
    found = run(epochs=1, learning_rate=1e37)  # the next product overflows float32
    assert set(found.stopped) == {"0.999", "0.9"}
    assert "is not finite" in found.stopped["0.9"]
    assert len(found.runs["0.9"].loss) < 57


def test_estimated_statistics_are_those_of_algorithm_2_over_all_batches():
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (18, 2)).astype("float32"), rng.integers(0, 2, 18)  # 5, 5, 5 and 3
    asked = ValidationGap(x, y, units=3, batch_size=5, seed=1)
    model = validation_gap._model(asked, 0.9)
    validation_gap._estimated(asked, model, (x, y), (x, y))
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
    found = run(x, np.arange(10) % 2, keeps=(0.9999999, 1.0), batch_size=1, epochs=1)
    assert list(found.runs) == ["0.9999999", "1"]
    assert not found.estimated  # batches of one row have no variance to average
