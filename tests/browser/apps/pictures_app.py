"""The server of `pictures_page.py`."""

import streamlit as st

from ui.server.player import player_routes

app = st.App("pictures_page.py", routes=player_routes())
