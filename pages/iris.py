"""Iris (Q2): how many means does a real layer hold?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

import bncore
from ui.drawing import palette
from ui.drawing.figures import walk
from ui.page.toolbar import toolbar
from ui.questions.iris import state as view
from ui.questions.iris import words
from ui.questions.iris.state import IrisState
from ui.state.page import open_page
from ui.training.panel import training_panel
from ui.training.runs import Result

page = open_page("iris", IrisState)
data = bncore.DATASETS["iris"]()
rows, features = data.values.shape
classes = int(data.labels.max()) + 1
names = [name.removesuffix(" (cm)") for name in data.features]
total = view.updates(page.state, rows)


def curves(
    column: Any,
    title: str,
    series: Mapping[str, Any],
    lines: Mapping[str, float],
    values: Mapping[str, Any],
    key: str,
) -> None:
    """One figure over the updates."""
    figure = walk(
        values["update"], series, lines, palette.current(), title=title, total=total, log=False
    )
    column.plotly_chart(figure, key=key, config={"displaylogo": False})


def figures(values: Mapping[str, Any], key: str) -> None:
    """Moving mean and variance of every feature; loss and accuracy."""
    if page.state.keep < 1:
        st.caption("Dotted: expected final value.")
    lines = view.lines(page.state, data.values, names)
    for column, statistic in zip(st.columns(2), ("mean", "variance"), strict=True):
        series = dict(zip(names, values[f"moving_{statistic}"].T, strict=True))
        title = f"Moving {statistic} of every feature"
        curves(column, title, series, lines[statistic], values, f"{key}-{statistic}")
    left, right = st.columns(2)
    curves(left, "Loss of the mini-batch", {"loss": values["loss"]}, {}, values, f"{key}-loss")
    accuracy = {"accuracy": values["accuracy"]}
    title = "Accuracy on all rows, inference mode"
    curves(right, title, accuracy, {}, values, f"{key}-accuracy")


def growing(result: Result | None) -> None:
    """The curves while they grow; afterwards the page draws them in their place."""
    if result is not None and not result.finished and "update" in result.values:
        figures(result.values, "iris-live")


st.title("Iris: how many means?")
st.markdown(
    f"{rows} flowers, {features} measurements each, and a batch normalisation right after the "
    "input. Does the layer store one mean per flower, or one per measurement?"
)
toolbar(page)
page.radio("guess", "Predict: how many means will `moving_mean` hold?", labels=view.GUESSES)
with st.container(horizontal=True):
    page.number("epochs", "Epochs", width=110)
    page.number("batch_size", "Batch size", width=110)
    page.number("hidden", "Hidden units", width=120)
    page.number("learning_rate", "Learning rate", width=130)
    page.number("keep", "Keep", width=110, help="The weight of the old value. 0.99 or 0,99.")
    page.number("epsilon", "Epsilon ε", width=110)
    page.number("seed", "Seed", width=110)
st.code(view.code(page.state, features, classes), language="python", wrap_lines=True)

blocked = view.problem(page.state, rows)
job = None if blocked else view.job(page.state, data)
result = training_panel("iris", job, growing, unit="updates", blocked=blocked)
if result is None or not result.finished or not len(result.values.get("update", ())):
    st.stop()

values = result.values
st.subheader("The answer")
st.markdown(words.answer(page.state, data.values, values))
frame = view.comparison(data.values, names, values)
four = st.column_config.NumberColumn(format="%.4f")
st.dataframe(frame, key="iris-comparison", column_config=dict.fromkeys(frame, four))
figures(values, "iris-done")
st.markdown(words.left_words(page.state, len(values["update"])))
st.markdown(words.variance_words(page.state, rows))
st.markdown(
    f"Loss of the last mini-batch {values['loss'][-1]:.4f} (the first: {values['loss'][0]:.4f}); "
    f"**{values['accuracy'][-1]:.1%}** of all rows are classified right in inference mode. "
    "It was trained on these rows: flowers that it has not seen were not tried."
)

st.subheader("What the model holds")
st.dataframe(view.table(values["weights"]), hide_index=True, key="iris-weights")
st.markdown(words.parameter_words(values["weights"]))
versions = values["versions"]
st.caption(
    f"Trained with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}. Initial "
    "weights and mini-batches come from the seed."
)
