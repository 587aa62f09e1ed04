"""A server with a tile and its slots, for the browser tests of `ui.drawing.slots`."""

import streamlit as st

from ui.server.code import code_route
from ui.server.player import player_routes

app = st.App("slots_page.py", routes=[code_route(), *player_routes()])
