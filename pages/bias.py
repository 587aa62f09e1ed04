"""The bias (Q7): what does a bias in front of a batch normalisation do?"""

from __future__ import annotations

import streamlit as st

from bncore.experiments.bias import BiasFound
from ui.drawing.player import Look
from ui.drawing.push import draw_push
from ui.page.experiment import answer, experiment, heading, predict, reveal, settings, versions
from ui.page.looking import takes
from ui.page.playing import player
from ui.questions.bias import answers
from ui.questions.bias.pushing import pushing
from ui.questions.bias.recording import played, recording
from ui.questions.bias.state import GUESSES, ROWS, BiasState, job, summary
from ui.questions.classifier.controls import data_controls
from ui.questions.classifier.state import Block
from ui.state.amounts import counted
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("bias", BiasState, Block, pins=True)
heading(
    page,
    "Two models are trained, both with the bias: Dense → BatchNormalization → activation → Dense, "
    "and the same without the normalisation. At every update the gradient of the first layer's "
    "bias is measured: in the normalised model twice, in training mode and in inference mode.",
)
predict(
    page,
    "in training mode, how large is the gradient of the bias before the layer?",
    GUESSES,
)
box = settings(page, summary(page.state))
if box.open:
    with box:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.number("updates", "Updates", width=110)
            page.number("learning_rate", "Learning rate (SGD)", width=150)
            page.number("units", "Units", width=100)
            page.select("activation", "Activation", width=130)
            page.number("keep", "Keep", width=100)
            page.number("epsilon", "Epsilon ε", width=110)
            page.number("seed", "Seed", width=100)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.segmented("block", "Rows are taken from", labels=ROWS)
            page.number("batch_size", "Batch size", width=110)
        data_controls(page, "over all rows")


def play(result: Result[BiasFound]) -> Look:
    """The gradients at every update."""
    return player(
        page,
        result,
        lambda state, result: recording(result.found, state.updates),
        job,
    )


result = experiment(page, job, played, unit="updates", draw=lambda result, key: play(result))

found = result.found
above = st.container()
look = play(result)
with above:
    told = reveal(page, result, look.moved)
    if found.measured is not None:
        answer(answers.words(told, found.measured, found.parameters["normalised"]))
    pushed = found.normalisation and pushing(page.state, found.normalisation)
    if pushed:
        st.subheader("Push the bias of the trained model")
        draw_push(pushed, key="bias-push", on_look=takes(page, by="push", mode="mode"))
        st.caption(
            f"Unit 0 of {page.state.units} after the last update, with "
            f"{counted(len(pushed.z), 'row')} of the data."
        )
versions(result)
