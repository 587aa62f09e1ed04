"""The batch axis (Q4): why not axis=0?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from ui.drawing import palette
from ui.drawing.figures import walk
from ui.page.data_box import data_box
from ui.page.toolbar import toolbar
from ui.questions.batch_axis import state as view
from ui.questions.batch_axis import words
from ui.questions.batch_axis.state import BatchAxisState
from ui.state.page import open_page
from ui.training.panel import training_panel
from ui.training.runs import Result

page = open_page("batch-axis", BatchAxisState)
HEADS = {"0": "axis=0 keeps the batch axis", "-1": "axis=-1 keeps the features"}


def outcome(step: Mapping[str, Any]) -> None:
    """What a step returned, or the error that Keras raised."""
    if step["ok"]:
        st.success(step["text"], icon=":material/check:")
        return
    with st.container(border=True):
        st.markdown(f":material/error: **{step['error']}**, as Keras raised it:")
        st.code(step["text"], language=None, wrap_lines=True)


def moving_means(values: Mapping[str, Any], axis: str, key: str) -> None:
    """The moving mean of every position or feature over the updates."""
    curves = values.get("moving_mean", {}).get(axis, {}).get(page.state.order)
    if curves is None or not len(curves):
        return
    name = "position" if axis == "0" else "feature"
    figure = walk(
        np.arange(1, len(curves) + 1),
        {f"{name} {i}": curve for i, curve in enumerate(curves.T)},
        view.targets(page.state, axis, page.state.order),
        palette.current(),
        title=f"axis={axis}: moving mean of every {name}",
        total=page.state.updates,
        log=False,
    )
    st.plotly_chart(figure, key=f"{key}-{axis}", config={"displaylogo": False})


def growing(result: Result | None) -> None:
    """The curves while they grow; afterwards the page draws them in their place."""
    if result is not None and not result.finished:
        for column, axis in zip(st.columns(2), view.AXES, strict=True):
            with column:
                moving_means(result.values, axis, "batch-axis-live")


st.title("Why not the batch axis?")
st.markdown(
    "“The statistics are taken over the batch, so should it not be `axis=0`?” Both layers below "
    "are real Keras layers, and they take the same steps."
)
toolbar(page)

page.radio(
    "guess",
    "Predict: `axis=0`, rows shuffled before every update. Where does the moving mean of "
    "position 0 go?",
    labels=view.GUESSES,
)
with st.container(horizontal=True):
    page.number("new_rows", "Rows to predict", width=130)
    page.number("updates", "Updates", width=120)
    page.number("keep", "Keep", width=120, help="The weight of the old value. 0.99 or 0,99.")
    page.number("epsilon", "Epsilon ε", width=120)
    page.number("learning_rate", "Learning rate", width=130)
    page.number("seed", "Seed", width=120)

data_box(
    page,
    ("question-2018", "axis-question"),
    also=lambda x: view.rows_to_predict(page.state, x),
)

blocked = view.problem(page.state)
job = None if blocked else view.job(page.state)
result = training_panel("batch-axis", job, growing, unit="updates", blocked=blocked)
if result is None or not result.finished or len(result.values.get("steps", {})) < 2:
    st.stop()

values = result.values
complete = result.state == "done" and "stopped" not in values
if complete:
    st.subheader("The answer")
    st.markdown(words.answer(page.state, values))

st.subheader("The same steps, side by side")
for number, (step, title) in enumerate(view.STEP_TITLES.items(), 1):
    st.markdown(f"**{number}. {title}**")
    for column, axis in zip(st.columns(2), view.AXES, strict=True):
        with column, st.container(key=f"batch-axis-{step}-{'first' if axis == '0' else 'last'}"):
            st.code(view.code(page.state, step, axis), language="python")
            outcome(values["steps"][axis][step])

if complete:
    order = ", ".join(str(row) for row in values["order"])
    st.markdown(f"**6. Give the trained model the same rows in the order {order}** (inference)")
    for column, axis in zip(st.columns(2), view.AXES, strict=True):
        column.markdown(f"`axis={axis}`: {words.shuffle_words(values['outputs'][axis])}")

st.subheader("What the moving means remember")
page.segmented("order", "Order of the rows in training", labels=view.ORDERS)
for column, axis in zip(st.columns(2), view.AXES, strict=True):
    with column:
        st.markdown(f"**{HEADS[axis]}**")
        moving_means(values, axis, "batch-axis-done")
        st.caption("Dotted: the means of the data.")
        if complete:
            st.markdown(words.drift_words(page.state, axis, values["moving_mean"][axis]))
if complete:
    st.markdown(words.guess_words(page.state, values["moving_mean"]["0"]))
    st.caption(words.left_words(page.state))

versions = values["versions"]
st.caption(
    f"Run with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}. Errors are shown "
    "as raised, without the list of files. Elsewhere the words differ: tf_keras 2.21 says "
    "“Input has undefined `axis` dimension” when it is built, and its predict fails with a "
    "TypeError. The permutations are drawn by NumPy, because Keras 3 on TensorFlow repeats one "
    "shuffle in every epoch once a seed is set."
)
