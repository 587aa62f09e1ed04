"""The engine's gradients against TensorFlow's own."""

from dataclasses import replace

import numpy as np
import pytest

import bncore
from bncore.activations import ACTIVATIONS
from bncore.experiments.layer_check import GradientCheck
from bncore.keras.gradients import check

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
def test_the_real_layer_has_the_numbers_of_the_engine(activation, training, epsilon):
    generator = np.random.default_rng(5)
    z, upstream = generator.normal(3, 2, (2, 7, 3))
    gamma, beta, mean = generator.normal(0, 1, (3, 3))
    variance = np.array([0.5, 1, 4])
    asked = GradientCheck(
        z, upstream=upstream, gamma=gamma, beta=beta, moving_mean=mean,
        moving_variance=variance, training=training, activation=activation, epsilon=epsilon,
    )  # fmt: skip
    (chunk,) = check(asked)
    convention = replace(bncore.CONVENTIONS["keras-3"], epsilon=epsilon)
    moving = bncore.MovingStatistics(mean, variance, 0)
    trace = bncore.batch_norm(z, moving, convention, training, gamma=gamma, beta=beta)
    after = ACTIVATIONS[activation]
    dy = upstream * after.slope(trace.output)
    back = bncore.batch_norm_gradients(trace, dy)
    expected = {
        "x_hat": trace.x_hat, "output": trace.output, "a": after.value(trace.output), "dy": dy,
        "dbeta": back.beta, "dgamma": back.gamma, "dz": back.x,
    }  # fmt: skip
    if training:
        expected |= {"mean": z.mean(axis=0), "variance": z.var(axis=0)}
    for precision, tolerance in (("float64", 1e-10), ("float32", 2e-5)):
        found = chunk.values.numbers[precision]
        assert set(found) == set(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, atol=tolerance, err_msg=name)
    assert np.abs(back.x).max() > 1e-3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"activation": "sine"}, "relu, tanh, sigmoid, linear"),
        ({"gamma": [1.0]}, r"gamma has shape \(2,\)"),
        ({"z": [1.0, 2.0]}, r"\(rows, features\)"),
        ({"epsilon": -1}, "epsilon"),
    ],
)
def test_bad_arguments_say_what_is_allowed(changes, words):
    good = {
        "z": np.eye(2), "upstream": np.eye(2), "gamma": [1, 1], "beta": [0, 0],
        "moving_mean": [0, 0], "moving_variance": [1, 1],
    }  # fmt: skip
    with pytest.raises(ValueError, match=words):
        GradientCheck(**{**good, **changes})
