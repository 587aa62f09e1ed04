"""What freezes a layer: every combination, run in Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ui.data_box import data_box
from ui.state import Page
from ui.training import training_panel
from ui.views.modes import state as settings
from ui.views.modes.state import ModesState

Row = Mapping[str, Any]
MODELS = {
    "functional": "Functional model",
    "subclassed": "Subclassed model",
}
AGAIN = "after compile, compiled again"
BEFORE_FIT = "compiled again, before fit"
IN_TIME = ("before compile", AGAIN, BEFORE_FIT)
SAYS_FROZEN = {
    True: "**Frozen.**",
    False: "**Not frozen.**",
    None: "**Frozen or not: cannot tell.**",
}
WHOSE = {"batch": "the statistics of the batch", "moving": "the moving statistics"}


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
    ways = {
        "training": _row(rows, "False", "never"),
        "trainable": _row(rows, "not given", "after compile"),
        "compiled": _row(rows, "not given", AGAIN),
    }
    sentences = [rule(rows)]
    sentences += [
        f"`{settings.FREEZING_GUESSES[name]}`: {_what_moved(row)}; {_normalised(row)}. "
        + SAYS_FROZEN[is_frozen(row)]
        for name, row in ways.items()
    ]
    if state.freezing_guess != "unsure":
        right = is_frozen(ways[state.freezing_guess])
        told = {
            True: "You predicted it.",
            False: "Your prediction did not freeze it.",
            None: "These data cannot tell whether your prediction froze it.",
        }
        sentences.append(told[right])
    silent = _row(rows, "not given", "never", "subclassed")
    if silent["statistics_moved"] is False and silent["fit"] == "moving":
        sentences.append(
            "The reverse trap: a subclassed model whose `call` does not pass `training` on never "
            "updates its moving statistics in `fit`, although nobody froze them (they stayed, and "
            "`fit` normalised with them)."
        )
    if any(None in (row["gamma_moved"], row["statistics_moved"]) for row in rows):
        sentences.append(
            "Where it says “cannot tell”, these data show no difference: the batch has the very "
            "statistics that the layer holds already, or an update is too small for float32. "
            "Choose other data."
        )
    return sentences


def rule(rows: Sequence[Row]) -> str:
    """The rule to take home, held against every result that can be judged."""
    known = [row for row in rows if is_frozen(row) is not None]
    fits = sum(is_frozen(row) == (row["frozen"] in IN_TIME) for row in known)
    unknown = len(rows) - len(known)
    judged = f"all {len(rows)} combinations run here"
    if unknown:
        judged = f"the {len(known)} of {len(rows)} combinations run here that can be judged"
    if not known:
        return f"**No verdict**: none of the {len(rows)} combinations run here can be judged."
    if fits < len(known):
        return (
            f"**There is no simple rule here.** “Frozen if and only if `trainable=False` was set "
            f"before the last `compile`” is wrong in {len(known) - fits} of {judged}."
        )
    return (
        "**Set `trainable=False`, then compile.** The layer is frozen if and only if "
        "`trainable=False` was set before the last `compile`, or at the latest before the first "
        "`fit` after it; the `training` argument freezes nothing. "
        + (f"None of {judged} contradicts it." if unknown else f"So it was in {judged}.")
    )


def _normalised(row: Row) -> str:
    if row["fit"] not in WHOSE:
        return "whose statistics `fit` normalised with, these data cannot tell"
    return f"`fit` normalised with {WHOSE[row['fit']]}"


def _row(rows: Sequence[Row], training: str, frozen: str, model: str = "functional") -> Row:
    wanted = (model, training, frozen)
    return next(row for row in rows if (row["model"], row["training"], row["frozen"]) == wanted)


def _what_moved(row: Row) -> str:
    parts = {"gamma": row["gamma_moved"], "the moving statistics": row["statistics_moved"]}
    moved = [name for name, did in parts.items() if did]
    unknown = [name for name, did in parts.items() if did is None]
    if moved:
        return f"{' and '.join(moved)} moved"
    if unknown:
        return f"nothing moved, but {' and '.join(unknown)} would not have moved in any case"
    return "nothing moved"
