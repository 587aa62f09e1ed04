"""Every claim of the page “bias”, held against a computation of this file."""

import dataclasses
import math
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.bias import BothModes, Measured, Parameters
from tests.claims import check_all
from ui.questions.bias import answers
from ui.questions.bias.state import GUESSES, BiasState
from ui.questions.bias.words import WORDS


def check_diverged(c, text, state, measured, counts):
    assert not all(math.isfinite(n) for each in dataclasses.astuple(measured) for n in each)


def check_training(c, text, state, measured, counts):
    training, inference, plain = measured.training, measured.inference, measured.plain
    bias_norm, kernel = training.bias_gradient, training.kernel_gradient
    assert f"norm **{bias_norm:.2g}** (the kernel's: {kernel:.2g};" in text
    assert f"the bias has {plain.bias_gradient:.2g})" in text
    said = float(re.search(r"at most (\S+?)(:|\.$|\. |$)", text)[1])
    assert training.output_change <= said <= training.output_change * 1.101
    assert f"on the first {min(state.batch_size, state.rows)} row" in text
    taken = training.output_change * 1000 < inference.output_change
    assert ("takes it away" in text) == taken
    share = bias_norm / kernel if kernel else bias_norm and math.inf
    found = "zero" if share < 1e-4 else "smaller" if share < 0.1 else "alike"
    told = share <= 10 and state.guess != "unsure"
    assert ("You predicted it" in text) == (told and state.guess == found)
    assert ("You predicted:" in text) == (told and state.guess != found)


def check_inference(c, text, state, measured, counts):
    training, found = measured.training, measured.inference
    assert f"**{found.bias_gradient:.2g}**" in text
    assert f"up to **{found.output_change:.2g}**" in text
    needed = training.output_change * 1000 < found.output_change
    assert ("*not* redundant" in text) == needed


def check_saves(c, text, state, measured, counts):
    saved = counts.with_bias - counts.without
    assert f"saves {saved:,} of {counts.with_bias:,} par" in text


BIAS_CHECKS = {
    "diverged": check_diverged, "training": check_training, "inference": check_inference,
    "saves": check_saves,
}  # fmt: skip
NORMS = st.sampled_from(
    [0.0, 1e-30, 1e-9, 3e-5, 2e-3, 0.0353, 0.05, 0.5, 3.0, 50.0, 1e20, math.nan]
)


@settings(max_examples=120)
@given(st.lists(NORMS, min_size=9, max_size=9), st.sampled_from(list(GUESSES)))
@example([50.0, 0.5, 1e-9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "alike")
@example([1e-9, 0.5, 1e-9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "zero")
def test_every_claim_about_the_bias(norms, guess):
    measured = BothModes(*(Measured(*norms[n : n + 3]) for n in (0, 3, 6)))
    state = dataclasses.replace(BiasState(), guess=guess)
    check_all(answers, WORDS, BIAS_CHECKS, state, measured, Parameters(1280, 1216))
