"""Validation is stuck (Q9): training is fine, so why?"""

from __future__ import annotations

import streamlit as st

from bncore.experiments.validation_gap import GapFound
from ui.drawing.player import Look
from ui.page.experiment import answer, experiment, heading, predict, reveal, settings, versions
from ui.page.playing import player
from ui.questions.stuck.answers import words
from ui.questions.stuck.recording import recording
from ui.questions.stuck.state import GUESSES, SETS, StuckState, job, problem, summary
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("stuck", StuckState, pins=True)

heading(
    page,
    "A classifier, Dense(16) → BatchNormalization → relu → Dense, learns its training rows. Does "
    "it get rows right that it has not seen? It is trained twice, with the same initial weights "
    "and the same mini-batches; one setting differs.",
)
predict(
    page,
    "where validation accuracy stays far below training accuracy, why is that?",
    GUESSES,
)
box = settings(page, summary(page.state))
if box.open:
    with box, st.container(horizontal=True, vertical_alignment="bottom"):
        page.select("classes", "Data", labels=SETS, width=240)
        page.number("keep", "Keep", width=110)
        page.number("second_keep", "Keep, second model", width=170)
        page.number("batch_size", "Batch size", width=110)
        page.number("epochs", "Epochs", width=100)
        page.number("learning_rate", "Learning rate", width=120)
        page.number("seed", "Seed", width=100)


def play(result: Result[GapFound]) -> Look:
    """The accuracies of both models after every update."""
    return player(
        page,
        result,
        lambda _, result: recording(result.found, result.total // 2),
        job,
        problem=problem,
    )


result = experiment(
    page,
    job,
    lambda found: [run for run in found.runs.values() if len(run.loss)],
    unit="updates",
    draw=lambda result, key: play(result),
    problem=problem,
)
above = st.container()
look = play(result)
with above:
    told = reveal(page, result, look.moved)
    if result.state == "done" and not result.found.stopped:  # else a model lacks its end
        answer(words(told, result.found))
versions(
    result,
    "Optimizer: Adam. Averaging after training: steps 8 to 10 of Algorithm 2 by Ioffe and Szegedy "
    "(2015), m/(m−1) included; a smaller last batch counts by its rows.",
)
