"""What a visitor chose in a component, on its way to the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def taken(key: str, on_look: Callable[[Mapping[str, Any]], None]) -> Callable[[], None]:
    """The callback of the component `key`: what was chosen in it ("looking") goes to `on_look`."""

    def take() -> None:
        chosen = (st.session_state.get(key) or {}).get("looking")
        if isinstance(chosen, Mapping):  # a browser may send anything
            on_look(chosen)

    return take
