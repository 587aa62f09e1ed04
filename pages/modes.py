"""Two modes (Q9): why do fit and predict give different outputs for the same rows?"""

from __future__ import annotations

import streamlit as st

from bncore.experiments.modes import ModesFound
from ui.drawing.grid import draw_grid
from ui.drawing.player import Look
from ui.drawing.strips import draw_strips
from ui.page.data_box import data_box
from ui.page.experiment import answer, experiment, heading, predict, reveal, settings, versions
from ui.page.looking import takes
from ui.page.playing import player
from ui.questions.modes import figures
from ui.questions.modes.answers import words
from ui.questions.modes.recording import recording
from ui.questions.modes.state import GUESSES, ModesState, job, problem, summary
from ui.questions.modes.strips import strips
from ui.questions.rows import PRESETS, RowsState
from ui.state.page import open_page
from ui.training.runs import Result

page = open_page("modes", ModesState, shared=RowsState, pins=True)
rows = page.state.data.shape[0]

heading(
    page,
    "In training mode the layer normalises with the statistics of the batch, in inference mode "
    "with its moving statistics. A layer that has just been made is fed batches in training mode; "
    "nothing is learned, so only its moving statistics change. After every update **the same "
    "batch** goes through it in both modes. The gap is the mean distance between the two outputs.",
)
predict(
    page,
    "what becomes of the gap while the updates go on?",
    GUESSES,
)
box = settings(page, summary(page.state))
if box.open:
    with box:
        page.pills("keeps", "Layers, by keep (the weight of the old value; PyTorch's is 1 − keep)")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            page.slider("batch_size", f"Batch size (1 to {rows})", maximum=rows, width=320)
            page.number("updates", "Updates", width=120)
            page.number("epsilon", "Epsilon ε", width=120)
            page.number("seed", "Seed", width=120)
        data_box(page, PRESETS)
state = page.state


def play(result: Result[ModesFound]) -> Look:
    """The gap of every layer; the update whose outputs the visitor asked for."""
    return player(
        page,
        result,
        lambda state, result: recording(state, result.found),
        job,
        problem=problem,
        ask="Outputs at this update",
    )


result = experiment(
    page,
    job,
    lambda found: found.update,
    unit="updates",
    draw=lambda result, key: play(result),
    problem=problem,
)
above = st.container()
look = play(result)
with above:
    answer(words(reveal(page, result, look.moved), result.found))

update = int(result.found.update[-1]) if look.asked is None else look.asked
st.subheader(f"Both outputs after update {update:,}")
page.segmented("looked_at", "Layer with keep", options=state.keeps)


@page.part
def two_strips() -> None:
    """The same rows in both modes, for any batch size."""
    draw_strips(
        strips(page.state, result.found, update),
        key="modes-strips",
        on_look=takes(page, size="tried"),
    )


st.markdown("**Drag the batch size to 1:** what does training mode return then?")
two_strips()
panels = figures.outputs(state, result.found, update)
draw_grid(panels, key="modes-outputs", max_rows=figures.DRAWN_ROWS)
versions(result)
