"""The bias before a batch normalisation, measured in real Keras."""

import pytest

import bncore
from bncore.experiments.experiment import joined
from bncore.keras.bias import effect

pytestmark = pytest.mark.keras
DATA = bncore.datasets.two_classes(rows=100)


@pytest.fixture(scope="module")
def values():
    return joined([chunk.values for chunk in effect(DATA.values, DATA.labels, units=8, updates=60)])


def test_in_training_mode_the_bias_learns_nothing(values):
    gradients = values["bias_gradient"]
    assert gradients["normalised"].shape == (60,)
    assert gradients["normalised"].max() < 1e-5
    assert gradients["plain"].min() > 1e-3
    assert values["kernel_gradient"]["normalised"].min() > 1e-3
    assert values["measured"]["training"]["output_change"] < 1e-4


def test_in_inference_mode_it_is_not_redundant(values):
    assert values["measured"]["inference"]["bias_gradient"] > 1e-3
    assert values["measured"]["inference"]["output_change"] > 0.01


def test_parameters_are_counted_in_real_models(values):
    assert values["parameters"]["normalised"] == {"with": 170, "without": 162}
    assert values["parameters"]["plain"] == {"with": 138, "without": 130}


def test_a_loss_that_is_not_finite_stops_that_model():
    chunks = effect(DATA.values, DATA.labels, updates=20, learning_rate=1e30, activation="relu")
    found = joined([chunk.values for chunk in chunks])
    assert "is not finite" in found["stopped"]["plain"]
    assert len(found["bias_gradient"]["plain"]) < 20
