"""The page about the bias: what it says follows from what was measured."""

import dataclasses

import numpy as np
import pytest

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
    assert job(chosen).arguments["data"].shape == (1797, 64)


def test_the_figure_draws_both_gradients_of_both_models():
    curve = np.array([0.5, 0.0, 0.25])
    norms = {"normalised": curve, "plain": curve[:2]}
    values = {"bias_gradient": norms, "kernel_gradient": norms}
    figure = figures.gradients(values, 200, palette.LIGHT)
    named = {trace.name for trace in figure.data}
    assert named == {
        f"{model}, {weight}" for model in figures.NAMES.values() for weight in ("bias", "kernel")
    }
    assert list(figure.data[0].y) == [0.5, 1e-12]  # as far as both are there; no log of zero
    nothing = {name: {"normalised": curve[:0], "plain": curve[:0]} for name in values}
    assert figures.gradients(nothing, 200, palette.LIGHT) is None


def test_a_bias_that_has_diverged_or_does_nothing_is_told_as_it_is():
    norms = dict.fromkeys(("bias_gradient", "kernel_gradient", "output_change"), np.nan)
    values = {"measured": dict.fromkeys(("training", "inference", "plain"), norms)}
    guessed = dataclasses.replace(BiasState(), guess="alike")
    (text,) = answers.words(guessed, values)
    assert "**not finite**" in text
    dead = dict.fromkeys(norms, 0.0)
    values = {
        "measured": dict.fromkeys(("training", "inference", "plain"), dead),
        "parameters": {"normalised": {"with": 8, "without": 6}},
    }
    assert "redundant" not in "\n".join(answers.words(BiasState(), values))


def test_a_bias_that_the_mean_does_not_take_away_is_not_said_to_be():
    def said(change):
        norms = {"bias_gradient": 1e-8, "kernel_gradient": 1.0, "output_change": change}
        frozen = {**norms, "output_change": 0.5}
        values = {
            "measured": {"training": norms, "inference": frozen, "plain": frozen},
            "parameters": {"normalised": {"with": 8, "without": 6}},
        }
        return "\n".join(answers.words(BiasState(), values))

    assert "the batch mean takes it away again, up to rounding" in said(1e-6)
    assert "*not* redundant" in said(1e-6)
    assert "takes it away" not in said(0.3)
    assert "redundant" not in said(0.3)
