"""Learning rates (Q6): which variants still train, and with which learning rate?"""

from __future__ import annotations

import streamlit as st

from ui.page.experiment import answer, experiment, heading, predict, reveal, versions
from ui.page.playing import player
from ui.questions.classifier.controls import controls
from ui.questions.classifier.state import OPTIMIZER_TITLES, Classifier
from ui.questions.classifier.study import problem, repeated
from ui.questions.rates import answers
from ui.questions.rates.recording import recording
from ui.questions.rates.state import GUESSES, RatesState, job
from ui.state.page import open_page

page = open_page("rates", RatesState, Classifier, pins=True)
heading(
    page,
    "Every variant with every rate, in the same repetitions. The orphan is left out: it would "
    "repeat “none”. Two blocks are easier to train, so this page opens with six.",
)
predict(
    page,
    "which variants still learn at the largest rate, in every repetition?",
    GUESSES,
)
page.pills("rates", "Learning rates")
controls(page)
state = page.state
result = experiment(
    page, job, lambda found: found.rates, unit="trainings", problem=problem
)  # fmt: skip

trials = answers.Trials.of(result.found, result.total)
if not trials.rates:
    st.info("Stopped before the first training had ended: nothing to compare yet.")
    st.stop()
above = st.container()
look = player(
    page,
    result,
    lambda _, result: recording(answers.Trials.of(result.found, result.total)),
    job,
    problem=problem,
)
with above:
    answer(answers.words(reveal(page, result, look.moved), trials))
st.caption(
    "Each step of the player is one learning rate. Accuracies: the mean of the repetitions that "
    "did not diverge, in a band from the least to the largest."
)
st.dataframe(answers.table(trials), hide_index=True, height="content", key="rates-table")
trained = f"{OPTIMIZER_TITLES[state.optimizer]}, {state.epochs} epochs each."
versions(result, f"{trained} {repeated(state, trials.rows)}")
