"""The Iris experiment beside the framework's own train_on_batch, and its shapes."""

import numpy as np
import pytest

pytestmark = pytest.mark.keras

iris = pytest.importorskip("bncore.keras.iris")
import bncore  # noqa: E402
from bncore.experiments.experiment import joined  # noqa: E402
from bncore.experiments.iris import Iris  # noqa: E402
from bncore.keras.framework import keras, tf  # noqa: E402
from bncore.keras.recorded import PAD, Minibatches  # noqa: E402

DATA = bncore.DATASETS["iris"]()


def run(**options):
    return joined(c.values for c in iris.train(Iris(DATA.values, DATA.labels, **options)))


@pytest.fixture(scope="module")
def asked():
    return run()


def test_the_layer_holds_four_means_in_four_weights_of_shape_4(asked):
    weights = [w for w in asked.weights if w.layer == "BatchNormalization"]
    assert [(w.name, w.shape, w.trainable) for w in weights] == [
        ("gamma", (4,), True),
        ("beta", (4,), True),
        ("moving_mean", (4,), False),
        ("moving_variance", (4,), False),
    ]
    assert sum(w.count for w in asked.weights) == 16 + 20 + 15


def test_a_hundred_epochs_are_500_updates_and_approach_the_column_means(asked):
    recorded = asked
    assert recorded.update.tolist() == list(range(1, 501))
    np.testing.assert_allclose(recorded.moving_mean[-1], DATA.values.mean(axis=0), rtol=0.02)
    assert recorded.accuracy[-1] > 0.9
    assert recorded.loss[-1] < 0.5 * recorded.loss[0]


def test_the_rows_of_each_batch_are_those_whose_mean_was_taken(asked):
    assert asked.rows.shape == (500, 32)
    for rows, mean in zip(asked.rows, asked.batch_mean, strict=True):
        taken = rows[rows != PAD]
        assert len(set(taken)) == len(taken) == (32 if rows[-1] != PAD else 22)
        np.testing.assert_allclose(DATA.values[taken].mean(axis=0), mean, rtol=1e-5)
    epoch = asked.rows[:5]
    assert sorted(epoch[epoch != PAD]) == list(range(150))


def test_equals_train_on_batch():
    recorded = run(epochs=4, seed=3)
    model = iris._model(Iris(DATA.values, DATA.labels, seed=3))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(0.01))
    x, y = DATA.values.astype(np.float32), DATA.labels
    for update, batch in enumerate(Minibatches(150, 32, 3).take(20)):
        rows = batch[batch != PAD]
        model.reset_metrics()
        expected = model.train_on_batch(x[rows], y[rows])
        layer = model.layers[0]
        np.testing.assert_allclose(recorded.loss[update], expected, rtol=1e-3)
        for name in ("moving_mean", "moving_variance"):
            held = tf.convert_to_tensor(getattr(layer, name)).numpy()
            np.testing.assert_allclose(getattr(recorded, name)[update], held, rtol=1e-5)
        np.testing.assert_allclose(recorded.batch_mean[update], x[rows].mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(recorded.batch_variance[update], x[rows].var(axis=0), rtol=1e-4)
    found = model.predict(x, verbose=0).argmax(axis=1)
    assert recorded.accuracy[-1] == pytest.approx((found == y).mean(), abs=0.01)


def test_the_same_seed_gives_the_same_run():
    first, second, other = (run(epochs=2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.loss, second.loss)
    assert (first.loss != other.loss).any()


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_what_came_before():
    data = [[1e30, 1.0], [-1e30, 0.0]]
    asked = Iris(data, [0, 1], epochs=50, batch_size=2, learning_rate=1e30)
    chunks = list(iris.train(asked))
    last, found = chunks[-1], joined(chunk.values for chunk in chunks)
    assert "not finite" in last.values.stopped["model"]
    assert last.done < last.total
    assert len(found.loss) == len(found.rows) == last.done
    assert np.isfinite(found.loss).all()


@pytest.mark.parametrize(
    ("data", "labels", "options", "says"),
    [
        (np.ones(3), [0, 1, 0], {}, "shape"),
        (np.ones((3, 2)), [0, 1], {}, "labels"),
        (np.ones((3, 2)), [0.0, 1.0, 2.0], {}, "labels"),
        (np.ones((3, 2)), [0, -1, 1], {}, "labels"),
        (np.ones((3, 2)), [0, 1, 1], {"batch_size": 4}, "batch_size"),
        (np.ones((3, 2)), [0, 1, 1], {"batch_size": 2, "epochs": 0}, "epochs"),
    ],
)
def test_what_cannot_be_trained_says_why(data, labels, options, says):
    with pytest.raises(ValueError, match=says):
        Iris(data, labels, **options)
