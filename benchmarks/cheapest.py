"""The cheapest Streamlit page there is: one number input, one line of text."""

import streamlit as st

value = st.number_input("number", value=1.0, key="number")
st.text(f"value {value:g}")
