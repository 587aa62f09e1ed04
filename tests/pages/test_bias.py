"""The page about the bias: what it says follows from what was measured."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.bias import (
    MODELS,
    BiasFound,
    BothModes,
    Gradients,
    Measured,
    Parameters,
)
from ui.drawing import palette
from ui.questions.bias import answers, figures
from ui.questions.bias.state import BiasState, job


@pytest.mark.keras
def test_the_bias_is_measured_in_both_modes(visit):
    page = visit("bias", rows="120", units="6", updates="20", guess="zero")
    text = page.train("bias").words
    assert "**Training mode**: the gradient of the bias has the norm" in text
    assert "*not* redundant" in text
    assert "You predicted it." in text
    assert "saves 6 of 128 parameters" in text


def test_the_data_can_be_chosen_here_too(visit):
    page = visit("bias", classes="wine")
    assert "Wine: 13 features, 3 classes, shape (178, 13)" in page.captions
    page = visit("bias", block="conv")
    assert "Digits as images, shape (1797, 8, 8, 1)" in page.captions
    chosen = dataclasses.replace(BiasState(), block="conv")
    assert job(chosen).asked.data.shape == (1797, 64)


def recorded(*curves):
    """The same curve for both weights of a model."""
    each = [Gradients(curve, curve) for curve in curves]
    return BiasFound(gradients=dict(zip(MODELS, each, strict=True)))


def test_the_figure_draws_both_gradients_of_both_models():
    curve = np.array([0.5, 0.0, 0.25])
    figure = figures.gradients(recorded(curve, curve[:2]), 200, palette.LIGHT)
    named = {trace.name for trace in figure.data}
    assert named == {
        f"{model}, {weight}" for model in figures.NAMES.values() for weight in ("bias", "kernel")
    }
    assert list(figure.data[0].y) == [0.5, 1e-12]  # as far as both are there; no log of zero
    nothing = recorded(curve[:0], curve[:0])
    assert figures.gradients(nothing, 200, palette.LIGHT) is None


def test_a_bias_that_has_diverged_or_does_nothing_is_told_as_it_is():
    counts = Parameters(8, 6)
    guessed = dataclasses.replace(BiasState(), guess="alike")
    broken = BothModes(*[Measured(np.nan, np.nan, np.nan)] * 3)
    (text,) = answers.words(guessed, broken, counts)
    assert "**not finite**" in text
    dead = BothModes(*[Measured(0.0, 0.0, 0.0)] * 3)
    assert "redundant" not in "\n".join(answers.words(BiasState(), dead, counts))


def test_a_bias_that_the_mean_does_not_take_away_is_not_said_to_be():
    def said(change):
        frozen = Measured(1e-8, 1.0, 0.5)
        measured = BothModes(Measured(1e-8, 1.0, change), frozen, frozen)
        return "\n".join(answers.words(BiasState(), measured, Parameters(8, 6)))

    assert "the batch mean takes it away again, up to rounding" in said(1e-6)
    assert "*not* redundant" in said(1e-6)
    assert "takes it away" not in said(0.3)
    assert "redundant" not in said(0.3)
