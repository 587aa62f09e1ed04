"""Four norms (Q12): batch, layer, instance, group norm: what is the difference?"""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.drawing.blocks import draw_blocks
from ui.page.experiment import heading
from ui.questions.axes.controls import other_data
from ui.questions.axes.explorer import numbers
from ui.questions.axes.norms import blocks, in_norm, norms, words
from ui.questions.axes.state import FAMILY_NAMES, PARTS, NormsState, axis_names, channel_axis
from ui.state.page import open_page

page = open_page("norms", NormsState)
heading(
    page,
    "The formula is the same; only the cells that share one mean differ, and who remembers it: "
    "batch norm alone keeps moving statistics.",
)

with st.container(horizontal=True, vertical_alignment="bottom"):
    if page.state.data.array.ndim > 2:
        page.segmented("layout", "Layout")
    page.number("groups", "Groups of group norm", width=170)
    page.number("epsilon", "Epsilon ε", width=140)


@page.part
def live() -> None:
    """What follows from an edited cell, the four norms included."""
    state = page.state
    found = norms(state)
    draw_blocks(
        state.data.array,
        blocks(state, found),
        axes=axis_names(state.data.array.ndim, state.layout),
        channel=channel_axis(state),
        epsilon=state.epsilon,
        key="norms-blocks",
    )
    st.markdown(words(found))
    st.caption(
        "`LayerNormalization` names the axes it collapses, `BatchNormalization` the axis it keeps. "
        "In Keras, LayerNormalization's gamma and beta belong to the collapsed axes; the numbers "
        "below follow Wu & He 2018: a pair per channel. Instance norm is group norm "
        "with one channel in a group."
    )
    st.subheader("One of them in numbers")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.radio("family", "Normalisation", labels=FAMILY_NAMES, horizontal=True)
        page.pills("shown", "Show", labels=PARTS)
    family = page.state.family
    if isinstance(problem := found[family], str):
        st.warning(problem, icon=":material/block:")
    else:
        numbers(page, partial(in_norm, family=family))


live()
other_data(page)
