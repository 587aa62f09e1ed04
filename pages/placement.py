"""Where does it go (Q6, Q7, Q8)? Before or after the activation, on the output, or nowhere."""

from __future__ import annotations

import streamlit as st

from ui.page.toolbar import toolbar
from ui.questions.placement import PARTS, PlacementState, bias, distributions, rates, study
from ui.state.page import open_page

page = open_page("placement", PlacementState)

st.title("Where does it go?")
st.markdown(
    "“Where do I call BatchNormalization: before the activation or after it? And why does nothing "
    "change?” The asker's classifier, trained live in every variant, each several times, so that "
    "chance is not read as an effect."
)
toolbar(page)
page.segmented("part", "What do you want to see?", labels=PARTS)
{"study": study, "distributions": distributions, "rates": rates, "bias": bias}[
    page.state.part
].show(page)
