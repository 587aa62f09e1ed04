"""Training or inference (Q9): why are training and validation so far apart?"""

from __future__ import annotations

import streamlit as st

from ui.page.toolbar import toolbar
from ui.questions.modes import PARTS, ModesState, both, freezing, poison, stuck
from ui.state.page import open_page

page = open_page("modes", ModesState)

st.title("Training or inference")
st.markdown(
    "“Training is fine, validation is stuck”: in training mode the layer normalises with the "
    "statistics of the batch, in inference mode with its moving statistics. Two modes, two "
    "outputs, one layer."
)
toolbar(page)
page.segmented("part", "What do you want to see?", labels=PARTS)
{"both": both, "stuck": stuck, "freezing": freezing, "poison": poison}[page.state.part].show(page)
