"""What does a bias in front of a batch normalisation do?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from ui import palette
from ui.figures import walk
from ui.guesses import told
from ui.state import Page
from ui.training import training_panel
from ui.views.placement import state as settings
from ui.views.placement.state import PlacementState

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
    measured = values["measured"]
    training, inference, plain = (measured[m] for m in ("training", "inference", "plain"))
    if not np.isfinite([norm for found in measured.values() for norm in found.values()]).all():
        return [
            "The gradients at the end are **not finite**: this training has diverged. Choose a "
            "smaller learning rate."
        ]
    counts = values["parameters"]["normalised"]
    share = training["bias_gradient"] / max(training["kernel_gradient"], 1e-30)
    found = "zero" if share < 1e-4 else "smaller" if share < 0.1 else "alike"
    return [
        f"**Training mode**: the gradient of the bias has the norm **"
        f"{training['bias_gradient']:.2g}** (the kernel's: {training['kernel_gradient']:.2g}; "
        f"without the normalisation the bias has {plain['bias_gradient']:.2g}). Adding 1 to every "
        f"bias changes the outputs by at most {training['output_change']:.2g}"
        + (
            ": the batch mean takes it away again, up to rounding."
            if training["output_change"] < ROUNDING * inference["output_change"]
            else "."
        )
        + told(state.bias_guess, found, settings.BIAS_GUESSES),
        f"**Inference mode**: the moving mean is a constant, so here the same bias has a gradient "
        f"of **{inference['bias_gradient']:.2g}**, and adding 1 changes the outputs by up to "
        f"**{inference['output_change']:.2g}**."
        + (
            " Before a frozen layer the bias is *not* redundant."
            if training["output_change"] < ROUNDING * inference["output_change"]
            else ""
        ),
        f"Leaving it out saves {counts['with'] - counts['without']:,} of {counts['with']:,} "
        "parameters; beta does its work.",
    ]
