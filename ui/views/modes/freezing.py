"""What freezes a layer: every way, really tried."""

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


def show(page: Page[ModesState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "You want a trained layer to stay as it is while the rest of the model is fine-tuned. "
        "Every way to write that is tried here on a real model: compiled, fitted for an epoch, "
        "frozen, fitted again. Then it is compared what moved."
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
    moved = {True: "moved", False: "stayed"}
    return pd.DataFrame(
        {
            "training in the call": [row["training"] for row in rows],
            "trainable=False set": [row["frozen"] for row in rows],
            "gamma": [moved[row["gamma_moved"]] for row in rows],
            "moving statistics": [moved[row["statistics_moved"]] for row in rows],
            "frozen?": ["yes" if is_frozen(row) else "no" for row in rows],
            "fit normalises with": [row["fit"] for row in rows],
            "predict": [row["predict"] for row in rows],
            "model(x)": [row["call"] for row in rows],
            "model(x, training=True)": [row["call_training"] for row in rows],
        }
    )


def is_frozen(row: Row) -> bool:
    """Whether nothing in the layer moved."""
    return not (row["gamma_moved"] or row["statistics_moved"])


def words(state: ModesState, rows: Sequence[Row]) -> list[str]:
    """The answer, computed from what moved."""
    ways = {
        "training": _row(rows, "False", "never"),
        "trainable": _row(rows, "not given", "after compile"),
        "compiled": _row(rows, "not given", AGAIN),
    }
    sentences = [
        f"`{settings.FREEZING_GUESSES[name]}`: {_what_moved(row)}; `fit` normalised with the "
        f"{'statistics of the batch' if row['fit'] == 'batch' else 'moving statistics'}. "
        + ("**Frozen.**" if is_frozen(row) else "**Not frozen.**")
        for name, row in ways.items()
    ]
    if state.freezing_guess != "unsure":
        right = is_frozen(ways[state.freezing_guess])
        sentences.append("You predicted it." if right else "Your prediction did not freeze it.")
    silent = _row(rows, "not given", "never", "subclassed")
    if not silent["statistics_moved"]:
        sentences.append(
            "And the reverse trap: a subclassed model whose `call` does not pass `training` on "
            "never updates its moving statistics in `fit`, although nobody froze them (they "
            f"stayed, and `fit` normalised with the {silent['fit']} ones)."
        )
    return sentences


def _row(rows: Sequence[Row], training: str, frozen: str, model: str = "functional") -> Row:
    wanted = (model, training, frozen)
    return next(row for row in rows if (row["model"], row["training"], row["frozen"]) == wanted)


def _what_moved(row: Row) -> str:
    parts = {"gamma": row["gamma_moved"], "the moving statistics": row["statistics_moved"]}
    moved = [name for name, did in parts.items() if did]
    return f"{' and '.join(moved)} moved" if moved else "nothing moved"
