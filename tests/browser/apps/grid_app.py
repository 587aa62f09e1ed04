"""The server of `grid_page.py`."""

import streamlit as st

from ui.server.code import code_route

app = st.App("grid_page.py", routes=[code_route()])
