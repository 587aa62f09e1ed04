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
from ui.numbers import format_number, format_share
from ui.runs import Result
from ui.state import Page
from ui.training import training_panel
from ui.views.modes import state as settings
from ui.views.modes.state import ModesState

LAGGING = 0.05  # of the initial values: with less left, the statistics have moved on
APART = 0.05  # of the rows: two accuracies that differ by less are not called apart
CURVES = {
    "training_mode": "training rows, training mode",
    "inference_mode": "the same rows, inference mode",
    "validation": "validation rows, inference mode",
}


def show(page: Page[ModesState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "A classifier, Dense(16) → BatchNormalization → relu → Dense, on unscaled data. It is "
        "trained twice, with the same initial weights and the same mini-batches: only keep "
        "differs. After every update the same rows are classified in both modes. (A keep of 0.999 "
        "exaggerates: Keras' default is 0.99.)"
    )
    page.radio(
        "stuck_guess",
        "Predict: where validation accuracy stays far below training accuracy, why is that?",
        labels=settings.STUCK_GUESSES,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.select("classes", "Data", labels=settings.SETS, width=240)
        page.number("stuck_keep", "Keep", width=110)
        page.number("cured_keep", "Keep, second model", width=110)
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
        "Averaging after training: steps 8 to 10 of Algorithm 2 by Ioffe and Szegedy (2015), "
        "m/(m−1) included; a smaller last batch counts by its rows."
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
    stuck, common = format_number(state.stuck_keep), values["most_common"]
    there = ends(values["runs"][stuck])
    lost = there["training_mode"] - there["validation"]
    modes = there["training_mode"] - there["inference_mode"]
    numbers = (
        f"With keep {stuck}, **{there['training_mode']:.1%}** of the training rows are right in "
        f"training mode, and **{there['inference_mode']:.1%}** of *the same rows* in inference "
        f"mode; validation rows, always in inference mode: **{there['validation']:.1%}** (the "
        f"most common class alone would be {common:.1%})."
    )
    if lost <= APART or modes <= lost / 2:
        return [_not_stuck(there, lost, modes, common), numbers]
    left = state.stuck_keep ** len(values["runs"][stuck]["loss"])
    share = "this is not" if modes >= 0.8 * lost else "most of this is not"
    return [
        f"**{share.capitalize()} overfitting, {_why(state, left, values)}",
        numbers,
        f"Validation rows lose {_points(lost)}; rows that were trained on lose {_points(modes)} in "
        "inference mode alone.",
        _second_keep(state, values),
        _averaging(state, values),
    ]


def _not_stuck(there: Mapping[str, float], lost: float, modes: float, common: float) -> str:
    """What is said where the moving statistics hold nothing back."""
    if there["training_mode"] <= common:
        return (
            "**Nothing was learned**: in training mode no more rows are right than the most common "
            "class alone would give. There is no success for validation to fall short of."
        )
    if lost <= APART:
        beside = f"{_points(abs(lost))} {'above' if lost < 0 else 'below'}"
        return f"**Validation is not stuck**: it ends {beside} the training rows in training mode."
    return (
        f"**The moving statistics are not what holds it back**: validation ends {_points(lost)} "
        f"below training, and both modes on the training rows are {_points(abs(modes))} apart."
    )


def ends(run: Mapping[str, Any]) -> dict[str, float]:
    """The three accuracies after the last update."""
    return {name: float(run[name][-1]) for name in CURVES}


def effect(before: Mapping[str, float], after: Mapping[str, float], common: float) -> str:
    """What another treatment of the moving statistics did: "cures", "helps" or "none".

    A cure ends above the most common class' share, and gives back at least half of what inference
    mode took from the training rows (or all but ``APART`` of it). ``before`` and ``after`` hold
    training_mode, inference_mode and validation.

    >>> stuck = {"training_mode": 0.95, "inference_mode": 0.35, "validation": 0.36}
    >>> better = {"training_mode": 0.95, "inference_mode": 0.38, "validation": 0.386}
    >>> good = {"training_mode": 0.95, "inference_mode": 0.93, "validation": 0.9}
    >>> [effect(stuck, after, common=0.667) for after in (stuck, better, good)]
    ['none', 'helps', 'cures']
    """
    if after["validation"] <= before["validation"]:
        return "none"
    taken, still = (run["training_mode"] - run["inference_mode"] for run in (before, after))
    given_back = still <= max(APART, taken / 2)
    return "cures" if given_back and after["validation"] > common else "helps"


def _why(state: ModesState, left: float, values: Mapping[str, Any]) -> str:
    """What is wrong with the moving statistics: too old, or of too few batches."""
    stuck = format_number(state.stuck_keep)
    if left > LAGGING:
        made = len(values["runs"][stuck]["loss"])
        return (
            f"the moving statistics lag behind.** After {made:,} updates they still hold "
            f"{format_share(left)} of their initial values (mean 0, variance 1)"
            f"{_needed(state.stuck_keep)}."
            + told(state.stuck_guess, "lagging", settings.STUCK_GUESSES)
        )
    return (
        f"the moving statistics are not those of the data.** With keep {stuck} they remember about "
        f"{1 / (1 - state.stuck_keep):,.0f} batches of {state.stuck_batch}."
    )


def _second_keep(state: ModesState, values: Mapping[str, Any]) -> str:
    """What another keep does."""
    stuck, second = (format_number(keep) for keep in (state.stuck_keep, state.cured_keep))
    before, after = (ends(values["runs"][keep]) for keep in (stuck, second))
    verb = "forget sooner" if state.cured_keep < state.stuck_keep else "remember longer"
    found = effect(before, after, values["most_common"])
    begun = {
        "cures": f"**Cure: let it {verb}.** With",
        "helps": f"To let it {verb} helps, but is **no cure**: with",
        "none": "Changing keep did not help: with",
    }[found]
    return (
        f"{begun} keep {second} validation ends at **{after['validation']:.1%}** "
        f"({before['validation']:.1%} with keep {stuck})."
    )


def _averaging(state: ModesState, values: Mapping[str, Any]) -> str:
    """What the paper's average over batches does, without training again."""
    stuck = format_number(state.stuck_keep)
    estimated = values.get("estimated", {}).get(stuck)
    if estimated is None:
        return "Averaging after training needs batches of 2 rows or more: one row has no variance."
    before = ends(values["runs"][stuck])
    found = effect(before, {**before, **estimated}, values["most_common"])
    begun = {
        "cures": "**Cure without training again:** average",
        "helps": "To average after training helps, but is **no cure**: take",
        "none": "Averaging after training did not help: take",
    }[found]
    return (
        f"{begun} mean and variance over the training batches and store them. The model with keep "
        f"{stuck} then gets **{estimated['validation']:.1%}** of the validation rows right "
        f"({before['validation']:.1%} before)."
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
