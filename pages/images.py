"""Images (Q3): which axis for NHWC, for NCHW, and what does a list of axes do?"""

from __future__ import annotations

import streamlit as st

from ui.page.experiment import heading
from ui.questions.axes.controls import axis_pickers, images, other_data
from ui.questions.axes.explorer import explorer, pressed, spelling_line, spelling_list
from ui.questions.axes.state import PARTS, ImagesState
from ui.state.page import open_page

page = open_page("images", ImagesState)
heading(
    page,
    "One mean per channel; a layer that is told the wrong axis says nothing.",
)

picture, settings = st.columns([2, 5])
with settings:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        images(page)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        axis_pickers(page)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.segmented("layout", "Layout")
        page.number("epsilon", "Epsilon ε", width=110)
        page.pills("shown", "Show", labels=PARTS)
    line = st.container()
split = explorer(page, lambda state: (state.kept, state.data))
with picture:
    pressed(page.state)
line.markdown(spelling_line(split))

st.subheader("The same choice in every library")
spelling_list(split)
other_data(page)
