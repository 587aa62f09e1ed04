"""The bias (Q7): what does a bias in front of a batch normalisation do?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.drawing.player import draw_player
from ui.page.experiment import answer, experiment, heading, versions
from ui.questions.bias import answers
from ui.questions.bias.recording import played, recording
from ui.questions.bias.state import GUESSES, ROWS, BiasState, job
from ui.questions.classifier.controls import data_controls
from ui.questions.classifier.data import data_words
from ui.questions.classifier.state import Block
from ui.state.page import open_page

page = open_page("bias", BiasState, Block)
heading(
    page,
    "Two models are trained, both with the bias: Dense → BatchNormalization → activation → Dense, "
    "and the same without the normalisation. At every update the gradient of the first layer's "
    "bias is measured, with the normalisation in both modes.",
)
page.radio(
    "guess",
    "Predict: in training mode, how large is the gradient of the bias before the layer?",
    labels=GUESSES,
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    page.number("updates", "Updates", width=110)
    page.number("learning_rate", "Learning rate (SGD)", width=150)
    page.number("units", "Units", width=100)
    page.select("activation", "Activation", width=130)
    page.number("keep", "Keep", width=100)
    page.number("epsilon", "Epsilon ε", width=110)
    page.number("seed", "Seed", width=100)
st.caption(data_words(page.state))
box = st.expander("Data", key=page.key("data"), on_change="rerun")
if box.open:
    with box:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.segmented("block", "Rows are taken from", labels=ROWS)
            page.number("batch_size", "Batch size", width=110)
        data_controls(page, "over all rows")
result = experiment(page, job, played, unit="updates")

found = result.found
if found.measured is not None:
    answer(answers.words(page.state, found.measured, found.parameters["normalised"]))
draw_player(partial(recording, found), found, key="bias-player")
versions(result)
