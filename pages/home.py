"""Home: what this is, and the questions it answers, each one click from its experiment."""

import streamlit as st

from bncore import datasets
from ui.drawing.means_picture import means_picture
from ui.page.registry import QUESTIONS

words, columns, rows = st.columns([5, 3, 4], gap="medium", vertical_alignment="bottom")
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
matrix = datasets.axis_question().values
columns.image(
    means_picture(matrix, 1, "one mean per column"),
    alt="A 3 by 4 matrix with one mean under each column: 2, 20, 200 and 2000",
)
rows.image(
    means_picture(matrix, 0, "one mean per row"),
    alt="The same matrix with one mean beside each row: 277.75, 555.5 and 833.25",
)

st.subheader("Which question is yours?")
with st.grid(min_column_width=320, gap="small", key="questions"):
    for entry in QUESTIONS:
        with st.container(border=True, height="stretch", gap="xsmall", key=f"question-{entry.id}"):
            st.markdown(f"**{entry.question}**")
            st.caption(entry.hint)
            st.page_link(entry.script, label=entry.title, icon=":material/arrow_forward:")
