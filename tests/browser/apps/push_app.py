"""A server with numbers to be pushed, for the browser tests of `ui.drawing.push`."""

import streamlit as st

from ui.server.code import code_route

app = st.App("push_page.py", routes=[code_route()])
