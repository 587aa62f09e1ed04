"""One bad number in one batch, and what the layer holds for ever after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from bncore.moments import Array
from ui import palette
from ui.data_box import data_box
from ui.figures import walk
from ui.guesses import told
from ui.numbers import format_share
from ui.runs import Result
from ui.state import Page
from ui.training import training_panel
from ui.views.modes import state as settings
from ui.views.modes.state import ModesState


def show(page: Page[ModesState]) -> None:
    """The part from top to bottom."""
    last = page.state.data.shape[1] - 1
    st.markdown(
        "A single cell of a single batch contains an invalid value: a division by zero, a missing "
        "value, an overflow. Every batch before and after it is clean."
    )
    page.radio(
        "poison_guess",
        "Predict: what is still poisoned at the end?",
        labels=settings.POISON_GUESSES,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.segmented("bad", "The bad number", labels=settings.BAD_NUMBERS)
        page.slider("feature", "In feature", maximum=last, width=160)
        page.number("before", "Clean updates before", width=150)
        page.number("after", "Clean updates after", width=150)
        page.number("keep", "Keep", width=110)
    data_box(page, settings.PRESETS)
    state = page.state

    def growing(result: Result | None) -> None:
        if result is not None and not result.finished and "update" in result.values:
            _figures(state, result.values, "modes-poison-live")

    result = training_panel("modes-poison", settings.poison_job(state), growing, unit="updates")
    if result is None or not result.finished or "update" not in result.values:
        return
    if "output" in result.values:
        st.subheader("The answer")
        for sentence in words(state, result.values):
            st.markdown(sentence)
    _figures(state, result.values, "modes-poison-done")
    versions = result.values["versions"]
    st.caption(
        f"Run with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}. PyTorch does "
        "the same with NaN."
    )


def _figures(state: ModesState, values: Mapping[str, Any], key: str) -> None:
    for column, name in zip(st.columns(2), ("moving_mean", "moving_variance"), strict=True):
        figure = walk(
            values["update"],
            {f"feature {i}": drawn(curve) for i, curve in enumerate(values[name].T)},
            {},
            palette.current(),
            title=f"{name.replace('_', ' ').capitalize()} of every feature",
            total=state.before + 1 + state.after,
            log=False,
            at=state.before + 1,
        )
        column.plotly_chart(figure, key=f"{key}-{name}", config={"displaylogo": False})


def drawn(curve: Array) -> Array:
    """A curve without what cannot be drawn beside the others: it ends where it is poisoned.

    >>> drawn(np.array([1.0, 2.0, np.inf, 1e18]))
    array([ 1.,  2., nan, nan])
    """
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(curve) < 1e6, curve, np.nan)


def words(state: ModesState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from what the layer holds at the end."""
    column, after = settings.poisoned(state), len(values["update"]) - state.before - 1
    sick = [
        feature
        for feature in range(values["moving_mean"].shape[1])
        if not all(
            np.isfinite(values[name][-1, feature]) for name in ("moving_mean", "moving_variance")
        )
    ]
    found = "none" if not sick else "feature" if sick == [column] else "all"
    mean, variance = (values[name][-1, column] for name in ("moving_mean", "moving_variance"))
    output = values["output"]
    broken = ~np.isfinite(output)
    guess = told(state.poison_guess, found, settings.POISON_GUESSES)
    sentences = [
        f"{after:,} clean updates after one {settings.BAD_NUMBERS[state.bad]}, feature {column} "
        f"holds the moving mean **{mean:.5g}** and the moving variance **{variance:.5g}**. Not "
        f"finite at the end: {_listed(sick)}.{guess}"
    ]
    if sick:
        sentences.append(
            f"In inference mode {int(broken.sum())} of the {broken.size} outputs of the clean "
            f"data are not finite, and feature {column} comes out as "
            f"**{_seen(output[:, column])}**"
            + (
                ": divided by √∞, every number is 0."
                if np.isinf(variance) and not output[:, column].any()
                else "."
            )
            + " keep · NaN is NaN and keep · ∞ is never finite, for keep 0 too: a moving average "
            "cannot forget an invalid value. In training mode the layer works as if nothing had "
            "happened, since it uses the batch alone."
        )
        sentences.append(
            "Cure: reset the moving statistics (or load a checkpoint), and look for the bad "
            "number in the data; `keras.callbacks.TerminateOnNaN` watches the loss only."
        )
    clean = float(state.data.array[:, column].mean())
    if np.isfinite(mean) and abs(mean - clean) > 1e3 * max(abs(clean), 1.0):
        sentences.append(
            f"The moving mean is finite and heals: each update takes away "
            f"{format_share(1 - state.keep)} of what is left."
        )
    return sentences


def _listed(features: list[int]) -> str:
    if not features:
        return "no feature"
    return f"feature{'s' * (len(features) > 1)} {', '.join(map(str, features))}"


def _seen(column: Array) -> str:
    return " and ".join(sorted({f"{value:.4g}" for value in column})[:3])
