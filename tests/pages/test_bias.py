"""The page about the bias: what it says follows from what was measured."""

import dataclasses

import numpy as np
import pytest

from bncore.experiments.bias import (
    BiasFound,
    BothModes,
    Gradients,
    Measured,
    Normalisation,
    Parameters,
)
from ui.questions.bias import answers
from ui.questions.bias.pushing import pushing
from ui.questions.bias.recording import played, recording
from ui.questions.bias.state import BiasState, job


@pytest.mark.keras
def test_the_bias_is_measured_in_both_modes(visit):
    page = visit("bias", rows="120", units="6", updates="20", guess="zero")
    text = page.train("bias").words
    assert (
        "first 16 rows (the curves use each update's own batch): in **training mode** the gradient"
        in text
    )
    assert "*not* redundant" in text
    assert "You predicted it." in text
    assert "saves 6 of 128 parameters" in text


def test_the_data_can_be_chosen_here_too(visit):
    page = visit("bias", classes="wine")
    assert "Wine: 178 rows, 13 features, 3 classes" in page.captions
    page = visit("bias", block="conv")
    assert "1,797 images of digits, 8 × 8 pixels, 10 classes" in page.captions
    chosen = dataclasses.replace(BiasState(), block="conv")
    assert job(chosen).asked.data.shape == (1797, 64)


def test_the_player_gets_every_recorded_norm_on_equal_axes():
    """The plain model has stopped, and one gradient is exactly 0, which has no logarithm."""
    names = ("normalised", "inference", "plain")
    rng, gradients = np.random.default_rng(0), {}
    for name, made in zip(names, (5, 5, 3), strict=True):
        gradients[name] = Gradients(*rng.uniform(1e-3, 1, (2, made)).astype(np.float32))
    gradients["normalised"].bias[2] = 0
    played = recording(BiasFound(gradients=gradients), 200)
    assert played.steps.tolist() == [1, 2, 3, 4, 5]
    assert {curve.key: curve.label for curve in played.curves} == {
        "normalised": "normalised, training mode",
        "inference": "normalised, inference mode",
        "plain": "without normalisation",
    }
    for quantity in played.quantities:
        for name, each in gradients.items():
            norms = quantity.values[name][:, 0]
            np.testing.assert_array_equal(norms, getattr(each, quantity.key))
    every = np.concatenate([norms for each in gradients.values() for norms in vars(each).values()])
    for quantity in played.quantities:
        low, high = quantity.span
        assert (low, high) == (every[every > 0].min(), every.max())


def test_before_the_plain_model_has_begun_the_other_is_shown():
    nothing = Gradients(np.empty(0, np.float32), np.empty(0, np.float32))
    there = Gradients(np.ones(2, np.float32), np.ones(2, np.float32))
    found = BiasFound(gradients={"normalised": there, "inference": there, "plain": nothing})
    assert list(played(found)) == ["normalised", "inference"]
    assert [curve.key for curve in recording(found, 200).curves] == ["normalised", "inference"]


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


def kept(z, variance=4.0):
    """A layer of two units; the second one would be told apart."""
    both = (np.array([own, 9.0]) for own in (1.5, 0.25, 0.5, variance))
    return Normalisation(np.column_stack([z, np.full(len(z), 9.0)]), *both)


def test_the_first_unit_is_pushed_as_the_link_says():
    state = BiasState(push=1.0, mode="inference", epsilon=0.0)
    made = pushing(state, kept([0.0, 4.0]))
    assert made.z.tolist() == [0.0, 4.0]
    np.testing.assert_allclose(made.outputs(), 1.5 * (np.array([1.0, 5.0]) - 0.5) / 2 + 0.25)
    trained = pushing(dataclasses.replace(state, mode="training"), kept([0.0, 4.0]))
    np.testing.assert_allclose(trained.outputs(), [0.25 - 1.5, 0.25 + 1.5])


@pytest.mark.parametrize(
    ("z", "variance", "epsilon"),
    [([np.nan, 1.0], 4.0, 1e-3), ([1.0, 2.0], np.inf, 1e-3), ([1.0, 1.0], 4.0, 0.0),
     ([1.0, 2.0], 0.0, 0.0)],
)  # fmt: skip
def test_what_has_no_outputs_is_not_pushed(z, variance, epsilon):
    assert pushing(BiasState(epsilon=epsilon), kept(z, variance)) is None


def pushed(page):
    """What the browser is told of the handle; empty where there is none."""
    return next((each for each in page.told if "outputs" in each), {})


@pytest.mark.keras
def test_the_bias_can_be_pushed_once_the_answer_is_there(visit):
    settings = {"rows": "120", "units": "6", "updates": "20"}
    visit("bias", **settings).train("bias")
    page = visit("bias", push="0.1", mode="inference", **settings)
    assert pushed(page) == {}  # that its outputs stand still is the answer
    told = pushed(page.reveal())
    assert (told["by"], told["mode"], len(told["z"])) == (0.1, "inference", 16)
    assert page.query["push"] == "0.1"
    scale = told["gamma"] / np.sqrt(told["variance"] + told["epsilon"])
    expected = scale * (np.array(told["z"]) + 0.1 - told["mean"]) + told["beta"]
    np.testing.assert_allclose(told["outputs"], expected)
