"""The engine's gradients against TensorFlow's own."""

import numpy as np
import pytest

from bncore.activations import ACTIVATIONS
from bncore.keras.gradients import check

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
def test_output_and_gradients_are_those_of_the_real_layer(activation, training, epsilon):
    generator = np.random.default_rng(5)
    z, upstream = generator.normal(3, 2, (2, 7, 3))
    gamma, beta, mean = generator.normal(0, 1, (3, 3))
    (chunk,) = check(
        z, upstream=upstream, gamma=gamma, beta=beta, moving_mean=mean,
        moving_variance=[0.5, 1, 4], training=training, activation=activation, epsilon=epsilon,
    )  # fmt: skip
    assert max(chunk.values["difference"].values()) < 2e-5
    assert np.abs(chunk.values["z"]).max() > 1e-3


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
        next(check(**{**good, **changes}))
