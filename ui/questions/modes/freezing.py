"""What freezes a layer: every combination, run in Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui.page.claims import Claim, claim, worded
from ui.page.data_box import data_box
from ui.questions.modes import state as settings
from ui.questions.modes.freezing_words import WORDS
from ui.questions.modes.state import ModesState
from ui.state.page import Page
from ui.training.panel import training_panel

Row = Mapping[str, Any]
MODELS = {
    "functional": "Functional model",
    "subclassed": "Subclassed model",
}
AGAIN = "after compile, compiled again"
BEFORE_FIT = "compiled again, before fit"
IN_TIME = ("before compile", AGAIN, BEFORE_FIT)


def show(page: Page[ModesState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "You want a trained layer to stay as it is while the rest of the model is fine-tuned. "
        "Every way to write that is tried here on a real model: compiled, fitted for an epoch, "
        "frozen, fitted again. Then we check what changed."
    )
    page.radio(
        "freezing_guess",
        "Predict: which of these lines freezes the layer in a functional model that has been "
        "compiled and trained before?",
        labels=settings.FREEZING_GUESSES,
    )
    data_box(page, settings.PRESETS)
    result = training_panel("modes-freezing", settings.freezing_job(page.state), unit="ways")
    if result is None or not result.finished or "rows" not in result.values:
        return
    rows = list(result.values["rows"].values())
    if result.state == "done":
        st.subheader("The answer")
        for sentence in words(page.state, rows):
            st.markdown(sentence)
    page.segmented("model", "The model is", labels=MODELS)
    frame = table([row for row in rows if row["model"] == page.state.model])
    st.dataframe(frame, hide_index=True, height="content", key="modes-freezing-table")
    if page.state.model == "subclassed":
        st.caption(
            "“passed on” is a `call(self, inputs, training=None)` that gives its own `training` to "
            "the layer; in the other rows `call(self, inputs)` has no such argument."
        )
    versions = result.values["versions"]
    st.caption(
        f"Run with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}. Elsewhere: "
        "tf_keras honours a `training=False` written in a functional model; Keras 3 up to 3.15.1 "
        "does not (issue 20285, repaired on its main branch by pull request 23364). Before "
        "TensorFlow 2, `trainable=False` did not switch to inference: Keras 2.1.3 to 2.3.1 froze "
        "the statistics and still normalised with the batch, Keras 2.1.2 even went on updating "
        "them. In PyTorch `requires_grad=False` does not stop the statistics; `bn.eval()` does, "
        "until the next `model.train()`. On JAX, changing `trainable` without compiling again "
        "raises an error."
    )


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows in the words of the screen."""
    moved = {True: "moved", False: "stayed", None: "cannot tell"}
    answers = {True: "yes", False: "no", None: "cannot tell"}
    return pd.DataFrame(
        {
            "training in the call": [row["training"] for row in rows],
            "trainable=False set": [row["frozen"] for row in rows],
            "gamma": [moved[row["gamma_moved"]] for row in rows],
            "moving statistics": [moved[row["statistics_moved"]] for row in rows],
            "frozen?": [answers[is_frozen(row)] for row in rows],
            "fit normalises with": [row["fit"] for row in rows],
            "predict": [row["predict"] for row in rows],
            "model(x)": [row["call"] for row in rows],
            "model(x, training=True)": [row["call_training"] for row in rows],
        }
    )


def is_frozen(row: Row) -> bool | None:
    """Whether nothing in the layer moved; None where these data could not have shown it."""
    moved = (row["gamma_moved"], row["statistics_moved"])
    if True in moved:
        return False
    return None if None in moved else True


def words(state: ModesState, rows: Sequence[Row]) -> list[str]:
    """The answer, computed from what moved: the rule first, then the three ways of the question."""
    return worded(claims(state, rows), WORDS)


def claims(state: ModesState, rows: Sequence[Row]) -> list[Claim]:
    """The rule, what each way of the question did, and what these data cannot show."""
    ways = {
        "training": _row(rows, "False", "never"),
        "trainable": _row(rows, "not given", "after compile"),
        "compiled": _row(rows, "not given", AGAIN),
    }
    made = [rule(rows)]
    for name, row in ways.items():
        moved = {"gamma": row["gamma_moved"], "the moving statistics": row["statistics_moved"]}
        made.append(claim("way", name=name, moved=moved, fit=row["fit"], frozen=is_frozen(row)))
    if state.freezing_guess != "unsure":
        made.append(claim("prediction", right=is_frozen(ways[state.freezing_guess])))
    silent = _row(rows, "not given", "never", "subclassed")
    if silent["statistics_moved"] is False and silent["fit"] == "moving":
        made.append(claim("reverse trap"))
    if any(None in (row["gamma_moved"], row["statistics_moved"]) for row in rows):
        made.append(claim("cannot tell"))
    return made


def rule(rows: Sequence[Row]) -> Claim:
    """The rule to take home, held against every result that can be judged."""
    known = [row for row in rows if is_frozen(row) is not None]
    wrong = sum(is_frozen(row) != (row["frozen"] in IN_TIME) for row in known)
    if not known:
        return claim("no rule known", rows=len(rows))
    kind = "no rule" if wrong else "rule"
    counts = {"known": len(known), "rows": len(rows)}
    return claim(kind, **counts, **({"wrong": wrong} if wrong else {}))


def _row(rows: Sequence[Row], training: str, frozen: str, model: str = "functional") -> Row:
    wanted = (model, training, frozen)
    return next(row for row in rows if (row["model"], row["training"], row["frozen"]) == wanted)
