"""Distributions (Q8): what happens to pre-activations and activations while a variant trains?"""

from __future__ import annotations

import streamlit as st

from bncore.experiments.placement import StudyFound
from ui.drawing.player import Look, draw_player
from ui.page.experiment import answer, heading, predict, reveal, versions
from ui.questions.classifier.controls import controls, study
from ui.questions.classifier.state import Study
from ui.questions.classifier.study import repeated, updates_each
from ui.questions.distributions import answers, words
from ui.questions.distributions.recording import recording
from ui.questions.distributions.state import GUESSES, DistributionsState
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("distributions", DistributionsState, Study)
heading(
    page,
    "What arrives at the activation of every block (the pre-activation), and what leaves it, "
    "on the validation rows in inference mode. Play, and watch the hills move.",
)
predict(
    page,
    "in which variant is the share of flat (saturated or dead) activations smallest at the end?",
    GUESSES,
)
controls(page)


def play(result: Result[StudyFound]) -> Look:
    """Every block, from look to look."""
    state = page.state
    return draw_player(
        recording(result.found, state.activation, updates_each(state)),
        result.found,
        key="distributions-player",
        plays=not result.opened,
        live=not result.finished,
    )


result = study(page, play)

found = result.found
above = st.container()
look = play(result)
with above:
    answer(answers.words(reveal(page, result, look.moved), found))
st.caption(
    words.hills(page.state.activation)
    + " That a layer's inputs keep changing their distribution, “internal covariate shift”, is "
    "the reason that Ioffe and Szegedy (2015, section 1) give for the method. Whether it is "
    "why the method helps is disputed (Santurkar et al. 2018, “How does batch normalization "
    "help optimization?”). These pictures show distributions, not causes."
)
versions(result, repeated(page.state, found.rows))
