"""Showing values in widgets without being answered by an echo.

When the script puts a value into a widget (undo, a link, a preset), the browser learns it a moment
later. An event from that moment still carries the old value, and Streamlit takes it for a change
made by the person: two quick clicks, and the first one is taken back. So what a widget showed
before is remembered for a second, and an event that brings exactly that again is not a change.
"""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

WINDOW_SECONDS = 1.0
_MISSING = object()


def show_value(key: str, value: Any) -> None:
    """Make the widget `key`, drawn next, show `value`."""
    before = st.session_state.get(key, _MISSING)
    if before is not _MISSING and before == value:
        return
    if before is not _MISSING:
        # The new value as well: replaced quickly, it may come back after the next one was sent.
        now = time.monotonic()
        st.session_state[_past(key)] = [*_recent(key), (now, before), (now, value)]
    st.session_state[key] = value


def is_echo(key: str) -> bool:
    """Whether the widget's callback brings back what the script has just replaced."""
    if st.context.url is None:  # no browser (AppTest), so nothing to lag behind
        return False
    return any(value == st.session_state[key] for _, value in _recent(key))


def _recent(key: str) -> list[tuple[float, Any]]:
    since = time.monotonic() - WINDOW_SECONDS
    return [entry for entry in st.session_state.get(_past(key), []) if entry[0] >= since]


def _past(key: str) -> str:
    return f"{key}:past"
