"""Iris (Q2): 150 samples, 4 features: how many means does a real layer hold?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import bncore
from bncore.experiments.iris import IrisFound
from ui.drawing.player import Look
from ui.page.experiment import answer, experiment, heading, predict, reveal, settings, versions
from ui.page.looking import takes
from ui.page.playing import player
from ui.questions.iris import answers, state, words
from ui.questions.iris.recording import recording
from ui.questions.iris.state import IrisState
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("iris", IrisState, pins=True)
data = bncore.DATASETS["iris"]()
rows, features = data.values.shape
assert data.labels is not None  # flowers have names
classes = int(data.labels.max()) + 1
names = [name.removesuffix(" (cm)") for name in data.features]
heading(
    page,
    f"{rows} flowers, {features} measurements each, and a batch normalisation right after the "
    "input. Does the layer store one mean per flower, or one per measurement?",
)

predict(
    page,
    "how many means will `moving_mean` hold?",
    state.GUESSES,
)
box = settings(page, state.summary(page.state))
if box.open:
    with box:
        with st.container(horizontal=True):
            page.number("epochs", "Epochs", width=110)
            page.number("batch_size", "Batch size", width=110)
            page.number("hidden", "Hidden units", width=120)
            page.number("learning_rate", "Learning rate", width=130)
            page.number("keep", "Keep", width=110, help="The weight of the old value.")
            page.number("epsilon", "Epsilon ε", width=110)
            page.number("seed", "Seed", width=110)
        st.code(state.code(page.state, features, classes), language="python", wrap_lines=True)


def play(result: Result[IrisFound]) -> Look:
    """The four means and variances after every update."""
    return player(
        page,
        result,
        lambda state, result: recording(state, data, names, result.found),
        state.job,
        problem=lambda asked: state.problem(asked, rows),
        looking={"feature": page.state.looked_at},
        on_look=takes(page, feature="looked_at"),
    )


result = experiment(
    page,
    state.job,
    lambda found: found.update,
    unit="updates",
    draw=lambda result, key: play(result),
    problem=lambda now: state.problem(now, rows),
)

found = result.found
told = reveal(page, result)  # first: who sees the picture has counted the means
answer([words.answer(told, data.values, found)])
play(replace(result, opened=False))
st.markdown(words.left_words(page.state, len(found.update)))
st.markdown(words.variance_words(page.state, rows))
st.caption(
    f"The model classifies {found.accuracy[-1]:.1%} of all rows right in inference mode. It was "
    "trained on these rows: flowers that it has not seen were not tried."
)

st.subheader("What the model holds")
st.dataframe(answers.table(found.weights), hide_index=True, key="iris-weights")
st.markdown(words.parameter_words(found.weights))
versions(result, "Initial weights and mini-batches come from the seed.")
