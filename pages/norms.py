"""Four norms (Q12): batch, layer, instance, group norm: what is the difference?"""

from __future__ import annotations

import streamlit as st

from ui.page.experiment import heading
from ui.questions.axes.controls import axis_pickers, other_data
from ui.questions.axes.explorer import explorer, family_code, spelling_list
from ui.questions.axes.state import FAMILY_NAMES, NormsState
from ui.state.page import open_page

page = open_page("norms", NormsState)
heading(
    page,
    "The formula is the same; only the cells that share one mean differ, and who remembers it: "
    "batch norm alone keeps moving statistics. Choose a norm and watch the colours.",
)

with st.container(horizontal=True, vertical_alignment="bottom"):
    page.radio("family", "Normalisation", labels=FAMILY_NAMES, horizontal=True)
    if page.state.data.array.ndim > 2:
        page.segmented("layout", "Layout")
    if page.state.family == "group":
        page.number("groups", "Groups", width=120)
    page.number("epsilon", "Epsilon ε", width=140)
if page.state.family == "batch":
    with st.container(horizontal=True, vertical_alignment="bottom"):
        axis_pickers(page)

split = explorer(page)

st.subheader("The same in code")
if page.state.family == "batch":
    spelling_list(split)
else:
    family_code(page.state)
other_data(page)
