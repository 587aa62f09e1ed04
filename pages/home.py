"""Home: what this is, and the questions it answers, each one click from its experiment."""

import streamlit as st

from ui.registry import questions

st.title("Batch Norm Lab")
st.markdown(
    "See what batch normalisation computes, stores and changes: edit the numbers, train a real "
    "Keras layer, and watch."
)
st.subheader("Which question is yours?")
with st.grid(min_column_width=320, gap="medium", key="questions"):
    for entry, question in questions():
        with st.container(border=True, key=f"question-{question.id}"):
            st.page_link(
                entry.script,
                label=f"**{question.text}**",
                query_params=question.query(),
                width="stretch",
            )
            st.caption(question.hint)
