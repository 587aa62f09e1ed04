"""One bad number in one batch, and what the layer holds for ever after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import walk
from ui.page.claims import Claim, Words, claim, worded
from ui.page.data_box import data_box
from ui.page.predictions import told
from ui.questions.modes import state as settings
from ui.questions.modes.state import ModesState
from ui.state.numbers import format_share
from ui.state.page import Page
from ui.training.panel import training_panel
from ui.training.runs import Result


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
    return worded(claims(state, values), WORDS)


def claims(state: ModesState, values: Mapping[str, Any]) -> list[Claim]:
    """What the layer holds, what that does to its outputs, and whether it heals."""
    column, output = settings.poisoned(state), values["output"]
    held = np.stack([values[name][-1] for name in ("moving_mean", "moving_variance")])
    mean, variance = (float(value) for value in held[:, column])
    sick = np.flatnonzero(~np.isfinite(held).all(axis=0)).tolist()
    own = [feature for feature in _beyond(state) if feature in sick]
    ends = claim(
        "ends", updates=len(values["update"]) - state.before - 1, bad=state.bad, feature=column,
        mean=mean, variance=variance, sick=sick, guess=state.poison_guess,
        right=[] if own else _right(sick, column, held.shape[1]),
    )  # fmt: skip
    made = [ends]
    if own:
        made.append(claim("beyond", features=own))
    if sick and column not in own:
        seen = output[:, column] + np.float32(0)  # without the sign of -0
        broken = int((~np.isfinite(output)).sum())
        made.append(
            claim(
                "outputs", broken=broken, size=output.size, feature=column,
                seen=sorted({f"{value:.4g}" for value in seen}),
                zero=bool(np.isinf(variance) and not seen.any()),
            )
        )  # fmt: skip
        made.append(claim("cure"))
    clean = float(state.data.array[:, column].mean())
    if np.isfinite(mean) and abs(mean - clean) > 1e3 * max(abs(clean), 1.0):
        made.append(claim("heals", share=1 - state.keep))
    return made


def _beyond(state: ModesState) -> list[int]:
    """The features whose clean numbers already have no variance in float32."""
    with np.errstate(all="ignore"):
        x = state.data.array.astype(np.float32)
        summed = np.square(x - x.mean(axis=0)).sum(axis=0)
    return [int(feature) for feature in np.flatnonzero(~np.isfinite(summed))]


def _right(sick: Sequence[int], column: int, features: int) -> list[str]:
    """The predictions that came true: of one feature, “that feature” is “every feature”, too."""
    true = {"none": not sick, "feature": sick == [column], "all": len(sick) == features}
    return [name for name, holds in true.items() if holds]


def _ends(
    updates: int, bad: str, feature: int, mean: float, variance: float,
    sick: Sequence[int], guess: str, right: Sequence[str],
) -> str:  # fmt: skip
    found = guess if guess in right else next(iter(right), None)
    return (
        f"{updates:,} clean updates after one {settings.BAD_NUMBERS[bad]}, feature {feature} "
        f"holds the moving mean **{mean:.5g}** and the moving variance **{variance:.5g}**. Not "
        f"finite at the end: {_listed(sick)}.{told(guess, found, settings.POISON_GUESSES)}"
    )


def _outputs(broken: int, size: int, feature: int, seen: Sequence[str], zero: bool) -> str:
    shown = " and ".join(seen[:3]) + " and others" * (len(seen) > 3)
    return (
        f"In inference mode {broken} of the {size} outputs of the clean data are not finite, and "
        f"feature {feature} comes out as **{shown}**"
        + (": divided by √∞, every number is 0." if zero else ".")
        + " keep · NaN is NaN and keep · ∞ is never finite, for keep 0 too: a moving average "
        "cannot forget an invalid value. In training mode the layer works as if nothing had "
        "happened, since it uses the batch alone."
    )


def _listed(features: Sequence[int]) -> str:
    if not features:
        return "no feature"
    return f"feature{'s' * (len(features) > 1)} {', '.join(map(str, features))}"


WORDS: Words = {
    "ends": _ends,
    "beyond": lambda features: (
        f"Not because of the bad number: the clean numbers of {_listed(features)}, squared, are "
        "beyond float32 (3.4e38). Choose smaller ones."
    ),
    "outputs": _outputs,
    "cure": lambda: (
        "Cure: reset the moving statistics (or load a checkpoint), and look for the bad number in "
        "the data; `keras.callbacks.TerminateOnNaN` watches the loss only."
    ),
    "heals": lambda share: (
        "The moving mean is finite and heals: each update takes away "
        f"{format_share(share)} of what is left."
    ),
}
