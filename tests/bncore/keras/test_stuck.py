"""Stuck validation, reproduced with real Keras."""

import numpy as np
import pytest

import bncore
from bncore.keras.stuck import train
from ui.runs import joined

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
