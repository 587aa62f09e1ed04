"""Training is fine, validation is stuck: reproduced and cured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from bncore.moving import updates_until
from ui import palette
from ui.figures import walk
from ui.guesses import told
from ui.runs import Result
from ui.state import Page
from ui.training import training_panel
from ui.views.modes import state as settings
from ui.views.modes.state import ModesState

LAGGING = 0.05  # of the initial values: with less left, the statistics have moved on
CURVES = {
    "training_mode": "training rows, training mode",
    "inference_mode": "the same rows, inference mode",
    "validation": "validation rows, inference mode",
}


def show(page: Page[ModesState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "A classifier, Dense(16) → BatchNormalization → relu → Dense, on data as they are. "
        "Training accuracy climbs; validation accuracy does not move. It is trained twice, with "
        "the same initial weights and the same mini-batches: only keep differs."
    )
    page.radio(
        "stuck_guess",
        "Predict: why is the validation accuracy so much lower?",
        labels=settings.STUCK_GUESSES,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.select("classes", "Data", labels=settings.SETS, width=240)
        page.number("stuck_keep", "Keep", width=110)
        page.number("cured_keep", "Keep, cured", width=110)
        page.number("stuck_batch", "Batch size", width=110)
        page.number("epochs", "Epochs", width=100)
        page.number("learning_rate", "Learning rate", width=120)
        page.number("seed", "Seed", width=100)
    state = page.state
    blocked = settings.stuck_problem(state)
    job = None if blocked else settings.stuck_job(state)

    def growing(result: Result | None) -> None:
        if result is not None and not result.finished and "runs" in result.values:
            _figures(result.values, result.total, "modes-stuck-live")

    result = training_panel("modes-stuck", job, growing, unit="updates", blocked=blocked)
    if result is None or not result.finished or "runs" not in result.values:
        return
    _figures(result.values, result.total, "modes-stuck-done")
    if result.state == "done" and "stopped" not in result.values:
        st.subheader("The answer")
        for sentence in words(state, result.values):
            st.markdown(sentence)
    versions = result.values["versions"]
    st.caption(
        f"Trained with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}; Adam. "
        "To average after training is Algorithm 2 of Ioffe and Szegedy (2015), steps 8 to 10."
    )


def _figures(values: Mapping[str, Any], total: int, key: str) -> None:
    for column, (keep, run) in zip(st.columns(2), values["runs"].items(), strict=False):
        updates = len(run["loss"])
        if not updates:
            continue
        figure = walk(
            np.arange(1, updates + 1),
            {title: run[name] for name, title in CURVES.items()},
            {},
            palette.current(),
            title=f"Accuracy with keep {keep}",
            total=total // 2,
            log=False,
        )
        figure.update_yaxes(range=[0, 1.03])
        column.plotly_chart(figure, key=f"{key}-{keep}", config={"displaylogo": False})


def words(state: ModesState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from what was recorded."""
    stuck = f"{state.stuck_keep:g}"
    there = ends(values["runs"][stuck])
    lost = there["training_mode"] - there["validation"]
    modes = there["training_mode"] - there["inference_mode"]
    first = (
        f"With keep {stuck}, **{there['training_mode']:.1%}** of the training rows are right in "
        f"training mode, and **{there['inference_mode']:.1%}** of *the same rows* in inference "
        f"mode; validation rows, always in inference mode: **{there['validation']:.1%}** (the "
        f"most common class alone would be {values['most_common']:.1%})."
    )
    if lost <= 0.05 or modes <= lost / 2:
        return [
            first,
            f"Training and validation are {_points(lost)} apart, both modes on the training rows "
            f"{_points(modes)}: with these settings the moving statistics are not what holds it "
            "back.",
        ]
    left = state.stuck_keep ** len(values["runs"][stuck]["loss"])
    return [
        first,
        f"Validation rows lose {_points(lost)}, rows that were trained on lose {_points(modes)} in "
        f"inference mode alone: **that is no overfitting, {_why(state, left, values)}",
        _forgetting(state, left, values),
        _averaging(state, values),
    ]


def ends(run: Mapping[str, Any]) -> dict[str, float]:
    """The three accuracies after the last update."""
    return {name: float(run[name][-1]) for name in CURVES}


def _why(state: ModesState, left: float, values: Mapping[str, Any]) -> str:
    """What is wrong with the moving statistics: too old, or of too few batches."""
    stuck = f"{state.stuck_keep:g}"
    if left > LAGGING:
        made = len(values["runs"][stuck]["loss"])
        return (
            f"the moving statistics lag behind.** After {made:,} updates they still hold {left:.2g}"
            f" of their initial values (mean 0, variance 1){_needed(state.stuck_keep)}."
            + told(state.stuck_guess, "lagging", settings.STUCK_GUESSES)
        )
    return (
        f"the moving statistics are not those of the data.** With keep {stuck} they remember about "
        f"{1 / (1 - state.stuck_keep):,.0f} batches of {state.stuck_batch}."
    )


def _forgetting(state: ModesState, left: float, values: Mapping[str, Any]) -> str:
    """What another keep does."""
    stuck, cured = (f"{keep:g}" for keep in (state.stuck_keep, state.cured_keep))
    before, after = (ends(values["runs"][keep])["validation"] for keep in (stuck, cured))
    verb = "forget sooner" if state.cured_keep < state.stuck_keep else "remember longer"
    text = f"Cure 1, let it {verb}" if after > before else f"No cure, to let it {verb}"
    text += f": with keep {cured} validation ends at **{after:.1%}**."
    if after > before and left > LAGGING and state.stuck_keep < 1:
        text += (
            " Larger data or more epochs do the same, since what counts is the number of updates."
        )
    return text


def _averaging(state: ModesState, values: Mapping[str, Any]) -> str:
    """What the paper's average over batches does, without training again."""
    stuck = f"{state.stuck_keep:g}"
    estimated = values["estimated"][stuck]["validation"]
    better = estimated > ends(values["runs"][stuck])["validation"]
    return (
        f"{'Cure 2' if better else 'No cure either'}, without training again: average mean and "
        f"variance over the training batches and store them. The model with keep {stuck} then gets "
        f"**{estimated:.1%}** of the validation rows right."
    )


def _points(difference: float) -> str:
    """A difference of two shares.

    >>> _points(0.525), _points(-0.009)
    ('52.5 points', '-0.9 points')
    """
    return f"{100 * difference:.1f} points"


def _needed(keep: float) -> str:
    if not 0 < keep < 1:
        return ""
    return f"; {updates_until(keep, 0.01):,} updates would leave 1 %"
