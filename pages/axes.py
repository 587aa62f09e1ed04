"""Which cells of a tensor share one mean and one variance."""

import streamlit as st

st.title("Axis explorer")
st.write("Which cells of a tensor share one mean and one variance.")
