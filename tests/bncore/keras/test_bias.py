"""The bias before a batch normalisation, measured in real Keras."""

import pytest

import bncore
from bncore.experiments.bias import Bias, Parameters
from bncore.experiments.experiment import joined
from bncore.keras.bias import effect

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


def test_parameters_are_counted_in_real_models(found):
    assert found.parameters == {"normalised": Parameters(170, 162), "plain": Parameters(138, 130)}


def test_a_loss_that_is_not_finite_stops_that_model():
    asked = Bias(DATA.values, DATA.labels, updates=20, learning_rate=1e30, activation="relu")
    chunks = list(effect(asked))
    found = joined(chunk.values for chunk in chunks)
    assert "is not finite" in found.stopped["plain"]
    assert len(found.gradients["plain"].bias) < 20
    made = sum(len(gradients.bias) for gradients in found.gradients.values())
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
