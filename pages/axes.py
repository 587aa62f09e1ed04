"""Axis explorer (Q1): NumPy's axis=0 and Keras' axis=-1: are they the same?"""

from __future__ import annotations

import streamlit as st

from ui.page.experiment import heading
from ui.questions.axes.controls import axis_pickers, other_data
from ui.questions.axes.explorer import explorer, spelling_list
from ui.questions.axes.state import PARTS, AxisState
from ui.state.page import open_page

page = open_page("axes", AxisState)
heading(
    page,
    "Which cells share one mean? **Drag the bracket** of the input to its other edge, or choose "
    "the axes below: cells of one colour and letter share one mean and one variance. **Change a "
    "cell** (drag it up or down, or type). **Point at any number** to see where it comes from.",
)

with st.container(horizontal=True, vertical_alignment="bottom"):
    axis_pickers(page)
    if page.state.data.array.ndim > 2:
        page.segmented("layout", "Layout")
    page.number("epsilon", "Epsilon ε", width=140)
    page.pills("shown", "Show", labels=PARTS)

split = explorer(page)

st.subheader("The same choice in every library")
spelling_list(split)
other_data(page)
