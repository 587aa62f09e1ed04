"""Images (Q3): which axis for NHWC, for NCHW, and what does a list of axes do?"""

from __future__ import annotations

import streamlit as st

from ui.page.experiment import heading
from ui.questions.axes.controls import axis_pickers, images, other_data
from ui.questions.axes.explorer import explorer, spelling_list
from ui.questions.axes.state import ImagesState
from ui.state.page import open_page

page = open_page("images", ImagesState)
heading(
    page,
    "A channel is a feature: one mean for all images and all pixels of that channel. Where the "
    "channels stand depends on the layout, and a layer that is told the wrong axis says nothing.",
)

images(page)
with st.container(horizontal=True, vertical_alignment="bottom"):
    axis_pickers(page)
    page.segmented("layout", "Layout")
    page.number("epsilon", "Epsilon ε", width=140)

split = explorer(page)

st.subheader("The same choice in every library")
spelling_list(split)
other_data(page)
