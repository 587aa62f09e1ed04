"""Home: what this is, and the questions it answers, each one click from its experiment."""

import streamlit as st

from bncore import datasets
from ui.drawing.means import draw_means
from ui.page.registry import GROUPS, QUESTIONS, PageEntry


def card(entry: PageEntry) -> None:
    """A question with its link."""
    with st.container(border=True, height="stretch", gap="xsmall", key=f"question-{entry.id}"):
        st.markdown(f"**{entry.question}**")
        st.caption(entry.hint)
        st.page_link(entry.script, label=entry.title, icon=":material/arrow_forward:")


words, picture = st.columns([6, 5], gap="large", vertical_alignment="center")
with words:
    st.title("Batch Norm Lab")
    st.markdown(
        "##### See what batch normalisation computes, stores and changes: edit the numbers, train "
        "a real Keras layer, and watch."
    )
    st.markdown(
        "This matrix has four means, or three. Which ones a layer uses depends on one argument, "
        "`axis`, and libraries mean opposite things by it."
    )
with picture:
    draw_means(datasets.axis_question().values, key="home-means")

st.subheader("Which question is yours?")
for group in GROUPS:
    st.markdown(f"#### {group}")
    with st.grid(min_column_width=280, gap="small", key=f"questions-{GROUPS.index(group)}"):
        for entry in QUESTIONS:
            if entry.group == group:
                card(entry)
