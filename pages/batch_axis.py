"""The batch axis (Q4): why not axis=0?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from bncore.experiments.batch_axis import AXES, BatchAxisFound, Step
from ui.drawing.player import draw_player
from ui.drawing.seats import draw_seats
from ui.page.data_box import data_box
from ui.page.experiment import (
    answer,
    experiment,
    heading,
    predict,
    reveal,
    settings,
    settled,
    versions,
)
from ui.page.looking import takes
from ui.questions.batch_axis import seats, state, words
from ui.questions.batch_axis.recording import played, recording
from ui.questions.batch_axis.state import BatchAxisState
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("batch-axis", BatchAxisState)
HEADS = {"0": "axis=0 keeps the batch axis", "-1": "axis=-1 keeps the features"}
heading(
    page,
    "“The statistics are taken over the batch, so should it not be `axis=0`?” Both layers below "
    "are real Keras layers, and they take the same steps.",
)

predict(
    page,
    "with `axis=0` and rows shuffled before every update, where does the moving mean of position 0 "
    "go?",
    state.GUESSES,
)
box = settings(page, state.summary(page.state))
if box.open:
    with box:
        with st.container(horizontal=True):
            page.number("new_rows", "Rows to predict", width=130)
            page.number("updates", "Updates", width=120)
            page.number("keep", "Keep", width=120, help="The weight of the old value.")
            page.number("epsilon", "Epsilon ε", width=120)
            page.number("learning_rate", "Learning rate", width=130)
            page.number("seed", "Seed", width=120)
        data_box(
            page,
            ("question-2018", "axis-question"),
            also=lambda x: state.rows_to_predict(page.state, x),
        )


def play(result: Result[BatchAxisFound], axis: str) -> bool:
    """The moving means of the layer with this axis, as soon as there are any; whether moved."""
    st.markdown(f"**{HEADS[axis]}**")
    if axis not in result.found.axes or not played(result.found.axes[axis]):
        return False
    looked_at = "position" if axis == "0" else "feature"
    secret = result.opened and not settled(page, result)
    look = draw_player(
        recording(page.state, result.found.axes[axis], axis),
        result.found.axes[axis],
        key=f"batch-axis-player-{looked_at}",
        looking={"feature": getattr(page.state, looked_at)},
        on_look=takes(page, feature=looked_at),
        plays=not result.opened,
        secret=secret,
        live=not result.finished,
        clock="batch-axis",
    )
    return look.moved


def beside(draw: Callable[[str], Any]) -> list[Any]:
    """What `draw` makes of each axis, side by side."""
    drawn = []
    for column, axis in zip(st.columns(2), AXES, strict=True):
        with column:
            drawn.append(draw(axis))
    return drawn


def outcome(step: Step) -> None:
    """What a step returned, or the error that Keras raised."""
    if not step.error:
        st.success(step.text, icon=":material/check:")
        return
    with st.container(border=True):
        st.markdown(f":material/error: **{step.error}**, as Keras raised it:")
        st.code(step.text, language=None, wrap_lines=True)


result = experiment(
    page,
    state.job,
    lambda found: found.axes,
    unit="updates",
    draw=lambda result, key: beside(lambda axis: play(result, axis)),
    problem=state.problem,
)
found = result.found
if len(found.axes) < len(AXES):
    st.stop()

complete = result.state == "done" and not found.stopped
above = st.container()
moved = any(beside(lambda axis: play(result, axis)))
with above:
    told = reveal(page, result, moved)
    if complete:
        means = found.axes["0"].moving_mean
        answer([words.answer(told, found), words.guess_words(told, means)])
if complete:
    beside(lambda axis: st.markdown(words.drift_words(told, axis, found.axes[axis].moving_mean)))
    st.caption(words.left_words(told))
    st.subheader("The same rows in other positions of the batch")
    if seated := seats.layers(page.state, found):
        x, epsilon = page.state.data.array, page.state.epsilon
        draw_seats(x, seated, epsilon=epsilon, key="batch-axis-seats")
    order = ", ".join(str(row) for row in found.order)
    st.markdown(f"All rows in the order {order}, given to the trained model (inference):")
    shuffled = {axis: words.shuffle_words(found.axes[axis].outputs) for axis in AXES}
    beside(lambda axis: st.markdown(f"`axis={axis}`: {shuffled[axis]}"))

st.subheader("The same steps, side by side")
for number, (step, title) in enumerate(state.STEP_TITLES.items(), 1):
    st.markdown(f"**{number}. {title}**")
    for column, axis in zip(st.columns(2), AXES, strict=True):
        with column, st.container(key=f"batch-axis-{step}-{'first' if axis == '0' else 'last'}"):
            st.code(state.code(page.state, step, axis), language="python")
            outcome(found.axes[axis].steps[step])

versions(
    result,
    "Errors are shown as raised, without the list of files. Elsewhere the words differ: tf_keras "
    "2.21 says “Input has undefined `axis` dimension” when it is built, and its predict fails with "
    "a TypeError. The permutations are drawn by NumPy, because Keras 3 on TensorFlow repeats one "
    "shuffle in every epoch once a seed is set.",
)
