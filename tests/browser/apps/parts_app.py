"""The server of `parts_page.py`."""

import streamlit as st

from ui.server.code import code_route

app = st.App("parts_page.py", routes=[code_route()])
