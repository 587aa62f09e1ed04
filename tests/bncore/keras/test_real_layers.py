"""The layer that changes only what is stored, and the variants as real layers."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.keras

layers = pytest.importorskip("bncore.keras.layers")
from bncore.estimators import ESTIMATORS, KERAS_2  # noqa: E402
from bncore.keras.framework import keras, tf, tf_keras  # noqa: E402
from bncore.variants import OPTIMIZERS, VARIANTS  # noqa: E402

Corrected = layers.CorrectedBatchNormalization
SHAPES_AND_AXES = [
    ((5, 6), -1), ((5, 6), 0), ((4, 3, 2), 1), ((2, 3, 4, 5), 3), ((2, 3, 4, 5), 1),
    ((2, 2, 3, 2, 2), -3),
]  # fmt: skip


def pass_through(layer, x):
    """Output, moving statistics and the gradients of one training step."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x, training=True)
        loss = tf.reduce_sum(output**3)
    gradients = tape.gradient(loss, [x, layer.gamma, layer.beta])
    return [np.asarray(value) for value in (output, layer.moving_mean, *gradients)]


@pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
@pytest.mark.parametrize("id", ["n/(n-1)", "n/(n-(1+epsilon))"])
def test_only_what_is_stored_differs_from_the_stock_layer(shape, axis, id):
    x = tf.constant(np.random.default_rng(0).normal(2, 3, shape), tf.float32)
    for keep, epsilon in itertools.product((0.0, 0.7, 0.99), (1e-3, 0.5)):
        options = {"axis": axis, "momentum": keep, "epsilon": epsilon}
        stock, ours = keras.layers.BatchNormalization(**options), Corrected(id, **options)
        for one, other in zip(pass_through(stock, x), pass_through(ours, x), strict=True):
            np.testing.assert_array_equal(one, other)
        collapsed = tuple(a for a in range(x.ndim) if a != axis % x.ndim)
        n = x.shape.num_elements() // x.shape[axis]
        divisor = {"n/(n-1)": n - 1, "n/(n-(1+epsilon))": n - (1 + epsilon)}[id]
        expected = keep + (1 - keep) * x.numpy().astype(float).var(collapsed) * n / divisor
        np.testing.assert_allclose(ours.moving_variance, expected, rtol=2e-6)


@pytest.mark.parametrize("frozen", [False, True])
def test_without_training_or_frozen_it_is_the_stock_layer(frozen):
    x = np.random.default_rng(1).normal(2, 3, (5, 6)).astype("float32")
    ours, stock = Corrected("n/(n-1)"), keras.layers.BatchNormalization()
    for layer in (ours, stock):
        layer.trainable = not frozen
    calls = [{"training": True}] if frozen else [{"training": False}, {}]
    for options in calls:
        np.testing.assert_array_equal(ours(x, **options), stock(x, **options))
    np.testing.assert_array_equal(ours.moving_variance, np.ones(6))
    np.testing.assert_array_equal(ours.moving_mean, np.zeros(6))


def test_a_batch_size_not_known_yet_in_fit_with_a_smaller_last_batch():
    x = np.random.default_rng(2).normal(2, 3, (5, 4, 6)).astype("float32")
    model = keras.Sequential([keras.Input((4, 6)), Corrected("n/(n-1)", momentum=0.5)])
    model.compile(loss="mse", optimizer="sgd")
    model.fit(x, x, batch_size=3, epochs=1, shuffle=False, verbose=0)
    expected = np.ones(6)
    for batch in (x[:3], x[3:]):
        expected = 0.5 * expected + 0.5 * batch.astype(float).var((0, 1), ddof=1)
    np.testing.assert_allclose(model.layers[-1].moving_variance, expected, rtol=2e-6)


def test_one_element_per_statistic():
    one = np.ones((1, 2), "float32")
    with pytest.raises(ValueError, match="one element per statistic in a batch of shape"):
        Corrected("n/(n-1)")(one, training=True)
    keras_2 = Corrected(KERAS_2, momentum=0.0)
    np.testing.assert_array_equal(keras_2(one, training=True), [[0, 0]])
    np.testing.assert_array_equal(keras_2.moving_variance, [0, 0])
    unknown = Corrected("n/(n-1)", momentum=0.0)
    unknown.build((None, 2))
    graph = tf.function(lambda x: unknown(x, training=True))
    graph.get_concrete_function(tf.TensorSpec((None, 2)))(tf.constant(one))
    assert np.isnan(unknown.moving_variance.numpy()).all()


def test_saved_and_loaded_it_stores_the_same(tmp_path):
    x = np.random.default_rng(3).normal(2, 3, (5, 6)).astype("float32")
    model = keras.Sequential([keras.Input((6,)), Corrected("n/(n-(1+epsilon))", momentum=0.5)])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].estimator == KERAS_2
    for each in (model, loaded):
        each(x, training=True)
    np.testing.assert_array_equal(
        loaded.layers[-1].moving_variance, model.layers[-1].moving_variance
    )


@pytest.mark.parametrize("id", layers.CORRECTIONS)
def test_every_correction_stores_what_its_estimator_says(id):
    x = np.random.default_rng(4).normal(2, 3, (5, 6)).astype("float32")
    layer = Corrected(id, momentum=0.0, epsilon=0.25)
    layer(x, training=True)
    expected = ESTIMATORS[id].stored(x.astype(float).var(0), 5, 0.25)
    np.testing.assert_allclose(layer.moving_variance, expected, rtol=2e-6)


def test_what_it_does_not_do_is_refused():
    with pytest.raises(ValueError, match=r"estimator is one of biased, .* got 'bessel'"):
        Corrected("bessel")
    with pytest.raises(ValueError, match="renorm"):
        Corrected("n/(n-1)", renorm=True)
    with pytest.raises(ValueError, match="mask"):
        Corrected("n/(n-1)")(np.ones((2, 3, 4)), training=True, mask=np.ones((2, 3), bool))
    with pytest.raises(ValueError, match=r"variants are keras-3, .* got 'keras-9'"):
        layers.as_variant("keras-9")


@pytest.mark.parametrize("variant", list(VARIANTS.values()), ids=list(VARIANTS))
@pytest.mark.parametrize("sample", [(6,), (4, 6), (2, 3, 6)])
def test_a_variant_stores_what_its_record_says(variant, sample):
    x = np.random.default_rng(5).normal(2, 3, (3, *sample)).astype("float32")
    model, layer = layers.batch_norm_model(variant, sample, keep=0.0, epsilon=1e-3)
    output = np.asarray(model(x, training=True))
    assert output.shape == x.shape
    collapsed = tuple(range(x.ndim - 1))
    biased, n = x.astype(float).var(collapsed), x.size // 6
    expected = variant.estimator.stored(biased, n, 1e-3)
    np.testing.assert_allclose(layer.moving_variance.numpy(), expected, rtol=3e-6)
    np.testing.assert_allclose(output.var(collapsed), biased / (biased + 1e-3), rtol=1e-5)


def test_variants_name_installed_packages_and_real_optimizers():
    assert VARIANTS["keras-3"].version == keras.__version__
    assert VARIANTS["tf_keras"].version == tf_keras.__version__
    for choice in OPTIMIZERS.values():
        for library in (keras, tf_keras):
            assert getattr(library.optimizers, choice.class_name)(**choice.options)


@pytest.mark.parametrize("missing", ["tensorflow", "keras"])
def test_a_missing_framework_is_named_with_the_way_to_get_it(missing):
    code = f"import sys; sys.modules[{missing!r}] = None; import bncore.keras.moving"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode != 0
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: Training needs TensorFlow, Keras 3 and tf_keras")
    assert missing in last
    assert "pip install -r requirements.txt" in last


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
def test_stock_keras_3_stores_the_biased_variance_at_every_rank(rank):
    """What the moving page says, beside n/(n-1), which would be a tenth more here or further."""
    shape = (4, *[1] * (rank - 2), 3)
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    layer = keras.layers.BatchNormalization(momentum=0.0)
    layer(x, training=True)
    stored = np.asarray(layer.moving_variance)
    np.testing.assert_allclose(stored, x.var(axis=tuple(range(rank - 1))), rtol=1e-5)


def test_after_a_nan_training_mode_works_as_before():
    x = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    layer = keras.layers.BatchNormalization()
    before = np.asarray(layer(x, training=True))
    layer(np.full((8, 2), np.nan, "float32"), training=True)
    assert np.isnan(layer(x, training=False)).all()
    np.testing.assert_array_equal(layer(x, training=True), before)
