"""A server whose only page breaks, with the app's own answer to that."""

import streamlit as st

from app import on_script_error

app = st.App("broken_page.py", on_script_error=on_script_error)
