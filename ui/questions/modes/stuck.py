"""Training is fine, validation is stuck: reproduced and cured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from ui.drawing import palette
from ui.drawing.figures import walk
from ui.page.claims import Claim, claim, worded
from ui.questions.modes import state as settings
from ui.questions.modes.state import ModesState
from ui.questions.modes.stuck_words import WORDS
from ui.state.numbers import format_number
from ui.state.page import Page
from ui.training.panel import training_panel
from ui.training.runs import Result

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
    return worded(claims(state, values), WORDS)


def claims(state: ModesState, values: Mapping[str, Any]) -> list[Claim]:
    """Whether validation is stuck, whether the moving statistics are why, and what cures it."""
    stuck, second = (format_number(keep) for keep in (state.stuck_keep, state.cured_keep))
    there, common = ends(values["runs"][stuck]), values["most_common"]
    lost = there["training_mode"] - there["validation"]
    modes = there["training_mode"] - there["inference_mode"]
    numbers = claim("accuracies", keep=stuck, common=common, **there)
    if lost <= APART or modes <= lost / 2:
        return [_not_stuck(there["training_mode"], lost, modes, common), numbers]
    return [
        _why(state, len(values["runs"][stuck]["loss"]), mostly=modes < 0.8 * lost),
        numbers,
        claim("lose", validation=lost, trained=modes),
        _second_keep(state, there, ends(values["runs"][second]), common),
        _averaging(stuck, there, values.get("estimated", {}).get(stuck), common),
    ]


def _not_stuck(training: float, lost: float, modes: float, common: float) -> Claim:
    """What is claimed where the moving statistics hold nothing back."""
    if training <= common:
        return claim("nothing learned")
    if lost <= APART:
        return claim("not stuck", lost=lost)
    return claim("other reason", lost=lost, modes=modes)


def ends(run: Mapping[str, Any]) -> dict[str, float]:
    """The three accuracies after the last update."""
    return {name: float(run[name][-1]) for name in CURVES}


def effect(before: Mapping[str, float], after: Mapping[str, float], common: float) -> str:
    """What another treatment of the moving statistics did: "cures", "helps" or "none".

    A cure ends above the most common class' share and by more than ``APART`` above what was, and
    gives back at least half of what inference mode took from the training rows (or all but
    ``APART`` of it). ``before`` and ``after`` hold
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
    seen = after["validation"] > max(common, before["validation"] + APART)
    return "cures" if given_back and seen else "helps"


def _why(state: ModesState, updates: int, mostly: bool) -> Claim:
    """What is wrong with the moving statistics: too old, or of too few batches."""
    left = state.stuck_keep**updates
    if left > LAGGING:
        return claim(
            "lagging", mostly=mostly, updates=updates, left=left, keep=state.stuck_keep,
            guess=state.stuck_guess,
        )  # fmt: skip
    return claim("few batches", mostly=mostly, keep=state.stuck_keep, size=state.stuck_batch)


def _second_keep(
    state: ModesState, before: Mapping[str, float], after: Mapping[str, float], common: float
) -> Claim:
    """What another keep does."""
    return claim(
        "second keep", found=effect(before, after, common),
        sooner=state.cured_keep < state.stuck_keep, first=format_number(state.stuck_keep),
        second=format_number(state.cured_keep), before=before["validation"],
        after=after["validation"],
    )  # fmt: skip


def _averaging(
    keep: str, before: Mapping[str, float], estimated: Mapping[str, float] | None, common: float
) -> Claim:
    """What the paper's average over batches does, without training again."""
    if estimated is None:
        return claim("no averaging")
    return claim(
        "averaging", found=effect(before, {**before, **estimated}, common), keep=keep,
        before=before["validation"], after=estimated["validation"],
    )  # fmt: skip
