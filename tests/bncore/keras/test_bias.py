"""The bias before a batch normalisation, measured in real Keras."""

import numpy as np
import pytest

import bncore
from bncore.experiments.bias import MODELS, Bias, Parameters
from bncore.experiments.experiment import joined
from bncore.keras.bias import effect
from bncore.keras.framework import keras
from bncore.keras.layers import glorot
from bncore.keras.recorded import Minibatches

pytestmark = pytest.mark.keras
DATA = bncore.datasets.two_classes(rows=100)


@pytest.fixture(scope="module")
def found():
    asked = Bias(DATA.values, DATA.labels, units=8, updates=60)
    return joined(chunk.values for chunk in effect(asked))


def test_in_training_mode_the_bias_learns_nothing(found):
    normalised, plain = found.gradients["normalised"], found.gradients["plain"]
    assert normalised.bias.shape == (60,)
    assert normalised.bias.max() < 1e-5
    assert plain.bias.min() > 1e-3
    assert normalised.kernel.min() > 1e-3
    assert found.measured.training.output_change < 1e-4


def test_in_inference_mode_it_is_not_redundant(found):
    assert found.measured.inference.bias_gradient > 1e-3
    assert found.measured.inference.output_change > 0.01
    recorded = found.gradients["inference"]
    assert recorded.bias.shape == recorded.kernel.shape == (60,)
    assert recorded.bias.min() > 1e-3


def test_the_gradient_in_inference_mode_is_that_of_the_moving_statistics():
    """Nothing is learned, nothing kept: from the second update on they are the batch's own."""
    asked = Bias(
        DATA.values, DATA.labels, units=8, updates=4, learning_rate=0, keep=0, batch_size=100
    )
    found = joined(chunk.values for chunk in effect(asked))
    first, *later = found.gradients["inference"].bias
    expected = found.measured.inference.bias_gradient
    np.testing.assert_allclose(later, expected, rtol=1e-4)
    assert abs(first - expected) > 0.01 * expected
    kernels = found.gradients["inference"].kernel[1:]
    np.testing.assert_allclose(kernels, found.measured.inference.kernel_gradient, rtol=1e-4)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("push", [0.0, 2.0])
def test_what_is_recorded_of_the_layer_is_what_it_needs(found, training, push):
    """A real layer with these weights and the engine agree, whatever is added to the bias."""
    kept = found.normalisation
    layer = keras.layers.BatchNormalization(epsilon=1e-3)
    layer.build((None, 8))
    layer.set_weights([kept.gamma, kept.beta, kept.moving_mean, kept.moving_variance])
    moving = bncore.MovingStatistics(kept.moving_mean, kept.moving_variance)
    trace = bncore.batch_norm(
        kept.z.astype(float) + push,
        moving,
        bncore.CONVENTIONS["keras-3"],
        training=training,
        gamma=kept.gamma,
        beta=kept.beta,
    )
    real = np.asarray(layer(kept.z + np.float32(push), training=training))
    np.testing.assert_allclose(trace.output, real, atol=1e-4)


def test_what_arrives_at_the_layer_has_the_first_layer_s_weights_and_bias():
    """Nothing is learned: the weights are the initial ones, the bias is 0."""
    asked = Bias(DATA.values, DATA.labels, units=8, updates=3, learning_rate=0, keep=0)
    kept = joined(chunk.values for chunk in effect(asked)).normalisation
    kernel = np.asarray(glorot(asked.seed, 0)((asked.data.shape[1], 8)))
    np.testing.assert_allclose(kept.z, asked.data[:16] @ kernel, atol=1e-5)
    last = Minibatches(100, 16, asked.seed).take(3)[-1]
    batch = asked.data[last] @ kernel
    np.testing.assert_allclose(kept.moving_mean, batch.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(kept.moving_variance, batch.var(axis=0), rtol=1e-4)


def test_parameters_are_counted_in_real_models(found):
    assert found.parameters == {"normalised": Parameters(170, 162), "plain": Parameters(138, 130)}


def test_a_loss_that_is_not_finite_stops_that_model():
    asked = Bias(DATA.values, DATA.labels, updates=20, learning_rate=1e30, activation="relu")
    chunks = list(effect(asked))
    found = joined(chunk.values for chunk in chunks)
    assert "is not finite" in found.stopped["plain"]
    assert len(found.gradients["plain"].bias) < 20
    made = sum(len(found.gradients[model].bias) for model in MODELS)
    assert chunks[-1].done == made < chunks[-1].total == 40


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"batch_size": 101}, "between 1 and the 100 rows"),
        ({"activation": "softmax"}, "activation is one of tanh, relu, sigmoid"),
        ({"units": 0}, "units"),
    ],
)
def test_what_cannot_be_measured_says_why(options, says):
    with pytest.raises(ValueError, match=says):
        Bias(DATA.values, DATA.labels, **options)
