"""What a batch normalisation layer remembers of its batches."""

import streamlit as st

st.title("Moving statistics")
st.write("What a batch normalisation layer remembers of its batches.")
