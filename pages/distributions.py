"""Distributions (Q8): what happens to pre-activations and activations while a variant trains?"""

from __future__ import annotations

import streamlit as st

from ui.drawing import palette
from ui.page.experiment import answer, heading, predict, reveal
from ui.questions.classifier.controls import controls, study
from ui.questions.classifier.state import Study
from ui.questions.distributions import answers
from ui.questions.distributions.figures import block, looks
from ui.questions.distributions.state import GUESSES, DistributionsState
from ui.state.page import open_page

page = open_page("distributions", DistributionsState, Study)
heading(
    page,
    "What arrives at the activation of every block (the pre-activation), and what leaves it, "
    "on the validation rows in inference mode. Train, then move through the updates.",
)
predict(
    page,
    "in which variant is the share of flat (saturated or dead) activations smallest at the end?",
    GUESSES,
)
controls(page)
result = study(page)

state, found = page.state, result.found
answer(answers.words(reveal(page, result), found))
updates = looks(found)


@st.fragment
def scrub() -> None:
    """Every block after the update that is looked at."""
    update = st.select_slider(
        "Update (0: before training)", updates, updates[-1], key=f"distributions-at-{updates[-1]}"
    )
    look = updates.index(update)
    for number in range(state.depth):
        st.markdown(f"**Block {number + 1}**")
        drawn = block(found, number, look, state.activation, palette.current())
        for column, (name, figure) in zip(st.columns(3), drawn.items(), strict=True):
            key = f"distributions-{name}-{number}"
            column.plotly_chart(figure, key=key, config={"displaylogo": False})


scrub()
st.caption(
    "Histograms: the first repetition, on its validation rows; values beyond the range count "
    "in the last bin. Shares: the mean of all repetitions, in a band from the least to the "
    "largest. "
    "That a layer's inputs keep changing their distribution, “internal covariate shift”, is "
    "the reason that Ioffe and Szegedy (2015, section 1) give for the method. Whether it is "
    "why the method helps is disputed (Santurkar et al. 2018, “How does batch normalization "
    "help optimization?”). These pictures show distributions, not causes."
)
