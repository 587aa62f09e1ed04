"""The study of placements: replicas are real models, and what diverges says when."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import bncore
from bncore.experiments.comparison import Architecture
from bncore.experiments.experiment import entries, joined
from bncore.experiments.placement import Orphans, Study, Sweep
from bncore.keras.framework import keras
from bncore.keras.optimizers import make_optimizer
from bncore.keras.placement import study, sweep
from bncore.keras.recorded import Minibatches
from bncore.keras.repetitions import repetitions, stream
from bncore.keras.replicas import _accuracies, _counts, _flat
from bncore.keras.stacked import initial_kernels, plain_model, stacked_model
from bncore.placement import BINS, PLACEMENTS

pytestmark = pytest.mark.keras
DATA = bncore.datasets.two_classes(rows=65)
DIGITS = bncore.DATASETS["digits"]()


def run(data, labels, **settings):
    return joined(chunk.values for chunk in study(Study(data, labels, **settings)))


def run_rates(rates, **settings):
    """A sweep of two replicas, two epochs each."""
    common = {"replicas": 2, "epochs": 2, "units": 4, "optimizer": "sgd", "rates": rates}
    asked = Sweep(DATA.values, DATA.labels, **common | settings)
    return joined(chunk.values for chunk in sweep(asked)).rates


def plain_training(asked, name, replica):
    """One replica as Keras trains it alone: train_on_batch over its own rows, in its own order."""
    rows, architecture, size = repetitions(asked), asked.architecture, asked.batch_size
    x, y = rows.x[rows.training[replica]], rows.y[rows.training[replica]]
    x_validation, y_validation = (
        each[rows.validation[replica]] for each in (rows.x, rows.y)
    )  # fmt: skip
    if asked.scaled:
        scaler = StandardScaler().fit(x)
        x, x_validation = scaler.transform(x), scaler.transform(x_validation)
    model, _ = plain_model(architecture, PLACEMENTS[name])
    kinds = keras.layers.Dense, keras.layers.Conv2D
    weighted = [layer for layer in model.layers if isinstance(layer, kinds)]
    for layer, drawn in zip(weighted, initial_kernels(architecture, rows.count), strict=True):
        layer.kernel.assign(drawn[replica])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = make_optimizer(keras, asked.optimizer, asked.learning_rate)
    model.compile(optimizer=optimizer, loss=loss)
    order = stream(asked.seed, replica, "order")
    batches, losses = Minibatches(len(x), size, order), []
    for _ in range(asked.epochs):
        means, sizes = [], []
        for rows in batches.take(-(-len(x) // size)):
            rows = rows[rows >= 0]
            model.reset_metrics()
            sizes.append(len(rows))
            means.append(model.train_on_batch(x[rows], y[rows], return_dict=True)["loss"])
        losses.append(np.average(means, weights=sizes))
    return losses, float(loss(y_validation, model(x_validation, training=False)))


@pytest.mark.parametrize("name", list(PLACEMENTS))
@pytest.mark.parametrize(("optimizer", "scaled"), [("nesterov", False), ("adam", True)])
def test_a_replica_is_the_model_that_keras_trains_alone(name, optimizer, scaled):
    """On a split of its own, scaled by the rows that it trains on and by no others."""
    asked = Study(
        DATA.values * np.arange(1, 15) + 5, DATA.labels, variants=[name], replicas=3, epochs=2,
        units=5, dropout=0.0, seed=3, optimizer=optimizer, learning_rate=0.002, scaled=scaled,
    )  # fmt: skip
    found = joined(chunk.values for chunk in study(asked)).runs[name]
    alone = plain_training(asked, name, 1)
    np.testing.assert_allclose(found.loss[1:, 1], alone[0], rtol=2e-4)
    np.testing.assert_allclose(found.validation_loss[-1, 1], alone[1], rtol=2e-4)


@pytest.mark.parametrize("name", ["none", "before", "after"])
def test_a_convolutional_replica_too(name):
    images, y = DIGITS.values[:60].reshape(-1, 8, 8) / 16, DIGITS.labels[:60]
    x = np.stack([images, np.swapaxes(images, 1, 2) ** 2], axis=-1)  # two unlike channels
    asked = Study(
        x, y, variants=[name], replicas=2, epochs=1, optimizer="sgd", learning_rate=0.05,
        block="conv", units=3, activation="relu", seed=1,
    )  # fmt: skip
    found = joined(chunk.values for chunk in study(asked)).runs[name]
    alone = plain_training(asked, name, 1)
    np.testing.assert_allclose(found.loss[1:, 1], alone[0], rtol=2e-4)
    np.testing.assert_allclose(found.validation_loss[-1, 1], alone[1], rtol=2e-4)


def test_an_orphan_changes_nothing_and_is_not_in_the_model():
    settings = {"variants": ["none", "orphan"], "replicas": 2, "epochs": 2, "units": 4}
    found = run(DATA.values, DATA.labels, **settings)
    assert found.orphans["orphan"] == Orphans(made=2, listed=0, moved=0)
    for name, column in entries(found.runs["none"]).items():
        np.testing.assert_array_equal(getattr(found.runs["orphan"], name), column)
    assert found.weights["orphan"] == found.weights["none"]


def test_histograms_hold_every_value_once():
    settings = {"variants": ["before"], "replicas": 2, "epochs": 1, "units": 4}
    found = run(DATA.values, DATA.labels, **settings).runs["before"]
    assert found.update.tolist() == [0, 1, 2, 4]
    assert found.pre.shape == found.act.shape == (4, 2, BINS)
    assert (found.pre.sum(axis=-1) == 13 * 4).all()


def test_diverging_says_when_and_keeps_what_was_before():
    asked = Study(
        DATA.values, DATA.labels, variants=["none", "before"], replicas=2, epochs=3, units=4,
        activation="relu", dropout=0.0, learning_rate=1e30, optimizer="sgd",
    )  # fmt: skip
    chunks = list(study(asked))
    found = joined(chunk.values for chunk in chunks)
    assert "all 2 repetitions have diverged" in found.stopped["none"]
    assert "at update" in found.stopped["none"]
    lost = found.runs["none"]
    assert np.isfinite(lost.validation_loss[0]).all()
    assert np.isfinite(lost.flat[0]).all()
    assert np.isnan(lost.flat[-1]).all()
    assert not lost.pre[-1].any()
    assert chunks[-1].done == chunks[-1].total


def test_a_sweep_begins_anew_with_every_rate():
    both, alone = (
        run_rates(rates, variants=["before"])["before"]["0.1"] for rates in ([1e20, 0.1], [0.1])
    )
    np.testing.assert_array_equal(both.loss, alone.loss)


def test_flat_counts_saturated_values_and_dead_units():
    # (rows, replicas, units): the second unit of replica 0 is zero in every row.
    activations = np.array([[[0.99, 0.0], [0.5, 0.5]], [[0.2, 0.0], [0.0, -0.96]]], "float32")
    np.testing.assert_allclose(_flat(activations, "tanh"), [0.25, 0.25])
    np.testing.assert_allclose(_flat(activations, "relu"), [0.5, 0.0])


def test_accuracies_are_the_share_of_right_rows_of_each_replica():
    logits = np.array([[[2, 1], [1, 2]], [[0, 3], [0, 3]], [[5, 1], [1, 5]]], "float32")
    labels = np.array([[0, 1], [1, 1], [0, 0]], "int32")  # each replica has rows of its own
    np.testing.assert_allclose(_accuracies(logits, labels), [1, 2 / 3])


def test_counts_put_every_value_into_its_bin():
    found = np.asarray(_counts(np.array([-7, -6, -0.01, 0.01, 9], "float32"), -6.0, 6.0))
    assert {int(i): int(found[i]) for i in np.flatnonzero(found)} == {0: 2, 29: 1, 30: 1, 59: 1}


@pytest.mark.parametrize("name", ["none", "before", "after", "output"])
@pytest.mark.parametrize("use_bias", [True, False])
def test_every_setting_reaches_the_stacked_model(name, use_bias):
    settings = {"units": 5, "dropout": 0.3, "use_bias": use_bias, "keep": 0.5, "epsilon": 0.1}
    architecture = Architecture((14,), 2, **settings)
    stacked = stacked_model(architecture, PLACEMENTS[name], 3).model
    plain, _ = plain_model(architecture, PLACEMENTS[name])
    assert stacked.count_params() == 3 * plain.count_params()
    for model in (stacked, plain):
        norms = [e for e in model.layers if isinstance(e, keras.layers.BatchNormalization)]
        assert {(e.momentum, e.epsilon) for e in norms} <= {(0.5, 0.1)}
        drops = [e.rate for e in model.layers if isinstance(e, keras.layers.Dropout)]
        assert drops == [0.3, 0.3]


def test_the_first_update_without_a_finite_loss_is_numbered_from_one():
    settings = {"variants": ["none"], "epochs": 1, "activation": "relu", "dropout": 0.0}
    (found,) = run_rates([1e30], **settings)["none"].values()
    assert found.diverged.tolist() == [2, 2]


def test_most_common_is_the_largest_share_of_each_replicas_validation_rows():
    asked = Study(DATA.values, DATA.labels, units=2, epochs=1, replicas=3)
    first, rows = next(study(asked)), repetitions(asked)
    ones = DATA.labels[rows.validation].mean(axis=1)
    np.testing.assert_allclose(first.values.most_common, np.maximum(ones, 1 - ones))
