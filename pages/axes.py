"""Axis explorer (Q1, Q3, Q12): which cells share one mean?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.drawing.grid import GridEvent, apply_event, draw_grid
from ui.page.toolbar import toolbar
from ui.questions.axes import answers, check
from ui.questions.axes import state as view
from ui.questions.axes.state import AxisState
from ui.state.page import open_page
from ui.training.check import checked_against
from ui.training.layer_words import NOTE

page = open_page("axes", AxisState)


def changed(event: GridEvent) -> None:
    """An edited or pasted cell of the input, gamma or beta."""
    field = {"input": "data", "gamma": "gamma", "beta": "beta"}[event.panel]
    now = view.picture(page.state)
    before = {"data": now.x, "gamma": now.gamma, "beta": now.beta}[field]
    page.commit(**{field: apply_event(before, event)})


def other_data() -> None:
    """Its body runs only while it is open: a closed one costs nothing when a cell is edited."""
    other = st.expander(
        "Other data: presets, your own table, another shape", key="axes-other", on_change="rerun"
    )
    if other.open:
        with other:
            answers.other_data(page)


st.title("Axis explorer")
st.markdown(
    "Which cells share one mean? **Change a cell** of the input (click it and type), or choose "
    "other axes below: cells of one colour and letter share one mean and one variance."
)
toolbar(page)

with st.container(horizontal=True, vertical_alignment="bottom"):
    page.radio("family", "Normalisation", labels=view.FAMILY_NAMES, horizontal=True)
    rank = page.state.data.array.ndim
    if rank > 2:
        page.segmented("layout", "Layout")
    if page.state.family == "group":
        page.number("groups", "Groups", width=120)
    page.number("epsilon", "Epsilon ε", width=140)

if page.state.family == "batch":
    answers.axis_pickers(page)

try:
    split = view.split_of(page.state)
except ValueError as problem:
    st.warning(f"{problem}", icon=":material/block:")
    other_data()
    st.stop()

page.pills("shown", "Show", labels=view.PARTS)


@page.part
def live() -> None:
    """What follows from an edited cell: only this runs again, so that it is painted at once."""
    picture = view.picture(page.state)
    draw_grid(view.panels(picture, page.state.shown), key="axes-grid", on_event=changed)
    answers.sentences(page.state, picture)
    st.subheader("Checked against a real layer")
    checked_against(
        "axes",
        "bncore.keras.check:check",
        check.check_arguments(page.state, picture),
        partial(check.checked_words, page.state, picture),
        NOTE,
    )
    answers.standard_scaler(picture)


live()

st.subheader("The same choice in every library")
if page.state.family == "batch":
    answers.spelling_list(split)
else:
    answers.family_code(page.state)

other_data()
