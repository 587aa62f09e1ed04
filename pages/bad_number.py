"""One bad number (Q9): one NaN in one batch, and what the layer remembers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import streamlit as st

from bncore.experiments.bad_number import BadNumberFound
from ui.drawing.drop import draw_drop
from ui.drawing.player import Look
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
from ui.page.playing import player
from ui.questions.bad_number.answers import words
from ui.questions.bad_number.drop import drop, dropped
from ui.questions.bad_number.recording import recording
from ui.questions.bad_number.state import GUESSES, NUMBERS, BadNumberState, job, looked_at, summary
from ui.questions.rows import PRESETS, RowsState
from ui.state.page import open_page
from ui.training.panel import another
from ui.training.runs import Result

page = open_page("bad-number", BadNumberState, shared=RowsState, pins=True)

heading(
    page,
    "A single cell of a single batch contains an invalid value: a division by zero, a missing "
    "value, an overflow. Every batch before and after it is clean.",
)
predict(
    page,
    "what is still not finite at the end?",
    GUESSES,
)
box = settings(page, summary(page.state))
if box.open:
    with box:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.segmented("bad", "The bad number", labels=NUMBERS)
            page.slider("feature", "In feature", maximum=page.state.data.shape[1] - 1, width=160)
            page.number("before", "Clean updates before", width=150)
            page.number("after", "Clean updates after", width=150)
            page.number("keep", "Keep", width=110)
        data_box(page, PRESETS)


def play(result: Result[BadNumberFound]) -> Look:
    """What the layer holds of every feature."""
    return player(
        page,
        result,
        lambda state, result: recording(state, result.found),
        job,
        looking={"feature": looked_at(page.state)},
        on_look=takes(page, feature="looked_at"),
    )


def feed(chosen: Mapping[str, Any]) -> None:
    """What was dropped is fed to a real layer at once."""
    changes = dropped(page.state, chosen)
    if changes and page.attempt(changes):
        _, start = another(job(page.state))
        if start is not None:
            start()


told = False
with suppress(ValueError, TypeError):  # the panel says what cannot be trained
    run, _ = another(job(page.state))
    found = run.found if run is not None and run.state == "done" else None
    told = run is not None and (not run.opened or settled(page, run))
    draw_drop(drop(page.state, found, told), key="bad-number-drop", on_look=feed)
result = experiment(
    page,
    job,
    lambda found: found.update,
    unit="updates",
    draw=lambda result, key: play(result),
)
above = st.container()
look = play(result)
with above:
    predicted = reveal(page, result, look.moved)
    if len(result.found.output):  # the last thing that comes
        answer(words(predicted, result.found))
versions(result, "PyTorch does the same with NaN.")
if not told:
    st.rerun()  # now the lanes above may show what follows the bad number, too
