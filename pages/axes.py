"""Axis explorer (Q1, Q3, Q12): which cells share one mean?"""

from __future__ import annotations

import numpy as np
import streamlit as st

import bncore
from ui import axis_answers, axis_view
from ui.axis_view import AxisState
from ui.check import checked_against
from ui.grid import GridEvent, apply_event, draw_grid
from ui.number_fields import matrix_field
from ui.state import open_page

page = open_page("axes", AxisState)


def changed(event: GridEvent) -> None:
    """An edited or pasted cell of the input, gamma or beta."""
    field = {"input": "data", "gamma": "gamma", "beta": "beta"}[event.panel]
    now = axis_view.picture(page.state)
    before = {"data": now.x, "gamma": now.gamma, "beta": now.beta}[field]
    page.commit(**{field: apply_event(before, event)})


st.title("Axis explorer")
st.markdown(
    "Which cells share one mean? **Change a cell** of the input (click it and type), or choose "
    "other axes below: cells of one colour and letter share one mean and one variance."
)
page.toolbar()

with st.container(horizontal=True, vertical_alignment="bottom"):
    page.radio("family", "Normalisation", labels=axis_view.FAMILY_NAMES, horizontal=True)
    rank = page.state.data.array.ndim
    if rank > 2:
        page.segmented("layout", "Layout")
    if page.state.family == "group":
        page.number("groups", "Groups", width=120)
    page.number("epsilon", "Epsilon ε", width=140)

if page.state.family == "batch":
    axis_answers.axis_pickers(page)

try:
    picture = axis_view.picture(page.state)
except ValueError as problem:
    st.warning(f"{problem}", icon=":material/block:")
    st.stop()

page.pills("shown", "Show", labels=axis_view.PARTS)
draw_grid(axis_view.panels(picture, page.state.shown), key="axes-grid", on_event=changed)

axis_answers.sentences(page.state, picture)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("The same choice in every library")
    if page.state.family == "batch":
        axis_answers.spelling_list(picture)
    else:
        axis_answers.family_code(page.state, picture)
with right:
    st.subheader("Checked against a real layer")
    checked_against(
        "axes",
        "bncore.keras.check:check",
        axis_answers.check_arguments(page.state, picture),
    )
    axis_answers.standard_scaler(picture)

with st.expander("Other data: presets, your own table, another shape", key="axes-other"):
    for name, make in bncore.DATASETS.items():
        data = make()
        rows = data.values[:12] if name in ("iris", "sixty-rows") else data.values
        layout = "channels first" if name == "images-nchw" else "channels last"
        title = data.title if rows is data.values else f"{data.title} (first {len(rows)} rows)"
        page.button(
            title, {"data": rows, "layout": layout, "kept": (1,) if "nchw" in name else (-1,)}
        )
    shape = page.state.data.array.shape
    rng = np.random.default_rng(np.abs(page.state.data.array).sum().astype(int) % 2**31)
    with st.container(horizontal=True):
        page.button("Count 0, 1, 2, …", {"data": axis_view.counting(shape)})
        page.button("All zeros", {"data": np.zeros(shape)})
        page.button("All ones", {"data": np.ones(shape)})
        page.button("Random", {"data": np.round(rng.normal(0, 1, shape), 2)})
    axis_answers.shape_field(page)
    matrix_field(
        "Paste a table (from a spreadsheet, a file, or NumPy)",
        key="axes-paste",
        on_commit=lambda table: page.commit(data=table),
        check=axis_answers.small_enough,
    )
