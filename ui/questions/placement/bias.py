"""What does a bias in front of a batch normalisation do?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from ui.drawing import palette
from ui.drawing.figures import walk
from ui.page.claims import Claim, Words, claim, worded
from ui.page.predictions import told
from ui.questions.placement import state as settings
from ui.questions.placement.state import PlacementState
from ui.state.page import Page
from ui.training.panel import training_panel

NAMES = {"normalised": "Dense → BatchNormalization", "plain": "Dense alone"}


def show(page: Page[PlacementState]) -> None:
    """The part from top to bottom."""
    state = page.state
    st.markdown(
        "Why do people write `use_bias=False` before the layer? Two models are trained, both with "
        "the bias: Dense → BatchNormalization → activation → Dense, and the same without the "
        "normalisation. The gradient of the first layer's bias is measured at every update."
    )
    page.radio(
        "bias_guess",
        "Predict: in training mode, how large is the gradient of the bias before the layer?",
        labels=settings.BIAS_GUESSES,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.number("updates", "Updates", width=110)
        page.number("learning_rate", "Learning rate (SGD)", width=150)
        page.number("units", "Units", width=100)
        page.select("activation", "Activation", width=130)
        page.number("keep", "Keep", width=100)
        page.number("epsilon", "Epsilon ε", width=110)
        page.number("seed", "Seed", width=100)
    result = training_panel("placement-bias", settings.bias_job(state), unit="updates")
    if result is None or not result.finished or "bias_gradient" not in result.values:
        return
    values = result.values
    if "measured" in values:
        st.subheader("The answer")
        for sentence in words(state, values):
            st.markdown(sentence)
    _figure(state, values)
    versions = values["versions"]
    st.caption(f"Keras {versions['keras']} on TensorFlow {versions['tensorflow']}.")


ROUNDING = 1e-3  # of what the same bias changes in inference mode


def _figure(state: PlacementState, values: Mapping[str, Any]) -> None:
    curves = {
        f"{NAMES[model]}, {weight}": values[f"{weight}_gradient"][model]
        for weight in ("bias", "kernel")
        for model in values["bias_gradient"]
    }
    length = min(map(len, curves.values()))
    if not length:
        return
    # A gradient of exactly 0 has no place on a logarithmic axis.
    drawn = {name: np.maximum(curve[:length], 1e-12) for name, curve in curves.items()}
    figure = walk(
        np.arange(1, length + 1), drawn, {}, palette.current(),
        title="Norm of the gradient of the first layer, training mode",
        total=state.updates, log=False, log_y=True,
    )  # fmt: skip
    st.plotly_chart(figure, key="placement-bias-figure", config={"displaylogo": False})


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from what was measured."""
    return worded(claims(state, values), WORDS)


def claims(state: PlacementState, values: Mapping[str, Any]) -> list[Claim]:
    """What the bias does in both modes, and what leaving it out saves."""
    measured = values["measured"]
    training, inference, plain = (measured[m] for m in ("training", "inference", "plain"))
    if not np.isfinite([norm for found in measured.values() for norm in found.values()]).all():
        return [claim("diverged")]
    counts = values["parameters"]["normalised"]
    taken = training["output_change"] < ROUNDING * inference["output_change"]
    return [
        claim(
            "training", bias=training["bias_gradient"], kernel=training["kernel_gradient"],
            plain=plain["bias_gradient"], change=training["output_change"], taken=taken,
            answer=size(training["bias_gradient"], training["kernel_gradient"]),
            guess=state.bias_guess,
        ),
        claim(
            "inference", bias=inference["bias_gradient"], change=inference["output_change"],
            needed=taken,
        ),
        claim("saves", saved=counts["with"] - counts["without"], of=counts["with"]),
    ]  # fmt: skip


def size(bias: float, kernel: float) -> str | None:
    """How large the gradient of a bias is beside the kernel's; None where it is much larger.

    >>> size(1e-9, 1.0), size(0.05, 1.0), size(2.0, 1.0), size(50.0, 1.0), size(0.0, 0.0)
    ('zero', 'smaller', 'alike', None, 'zero')
    """
    if bias < 1e-4 * kernel or bias == 0:
        return "zero"
    if bias < 0.1 * kernel:
        return "smaller"
    return "alike" if bias <= 10 * kernel else None


def _training(
    bias: float, kernel: float, plain: float, change: float, taken: bool, answer: str | None,
    guess: str,
) -> str:  # fmt: skip
    return (
        f"**Training mode**: the gradient of the bias has the norm **{bias:.2g}** (the kernel's: "
        f"{kernel:.2g}; without the normalisation the bias has {plain:.2g}). Adding 1 to every "
        f"bias changes the outputs by at most {change:.2g}"
        + (": the batch mean takes it away again, up to rounding." if taken else ".")
        + told(guess, answer, settings.BIAS_GUESSES)
    )


WORDS: Words = {
    "diverged": lambda: (
        "The gradients at the end are **not finite**: this training has diverged. Choose a "
        "smaller learning rate."
    ),
    "training": _training,
    "inference": lambda bias, change, needed: (
        "**Inference mode**: the moving mean is a constant, so here the same bias has a gradient "
        f"of **{bias:.2g}**, and adding 1 changes the outputs by up to **{change:.2g}**."
        + " Before a frozen layer the bias is *not* redundant."
        * needed
    ),
    "saves": lambda saved, of: (
        f"Leaving it out saves {saved:,} of {of:,} parameters; beta does its work."
    ),
}
