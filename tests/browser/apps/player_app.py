"""A server with a page whose recorded run grows, for the browser tests of `ui.drawing.player`."""

import streamlit as st

from ui.server.player import player_routes

app = st.App("player_page.py", routes=player_routes())
