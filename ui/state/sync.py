"""Widgets as views of a value that others change as well (undo, a link, a preset).

Streamlit lets a script put a value into a widget, but the browser learns it later, and where two
runs follow each other quickly, never: then the next event, of any widget, still carries the old
value, and Streamlit takes that for a change made by the person. A quick second Undo brings back
what the first one took away.

So a widget that must show something else than what the person put into it is replaced by a new
one, with a key of its own, which starts with the value. What the browser still says about the old
one is about a widget that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class _Version:
    """Which widget stands for a key now, and what it started with."""

    number: int
    initial: Any
    form: Hashable

    def key(self, key: str) -> str:
        return key if self.number == 0 else f"{key}-{self.number}"


def view(
    key: str,
    value: Any,
    start: Callable[[Any], dict[str, Any]],
    form: Hashable = None,
    read: Callable[[Any], Any] = lambda held: held,
) -> dict[str, Any]:
    """Arguments (key and initial value) for a widget that shows `value` now.

    `start` turns a value into the widget's own argument, such as {"index": 2}; `form` is what
    else makes it the widget it is (options, bounds). `read` makes of what the widget holds the
    value that it shows: pills hold what is chosen in the order of the clicks, and whoever chose
    by keyboard would lose the place with a widget that is replaced for its order. The widget's
    value is then found under `st.session_state[arguments["key"]]`.
    """
    if st.context.url is None:  # no browser that could lag behind (AppTest): keys stay as they are
        st.session_state[key] = value
        return {"key": key}
    version: _Version = st.session_state.get(f"{key}:version", _Version(0, value, form))
    held = st.session_state.get(version.key(key), version.initial)
    if read(held) != value or version.form != form:
        version = _Version(version.number + 1, value, form)
    st.session_state[f"{key}:version"] = version
    return {"key": version.key(key), **start(version.initial)}


def is_current(key: str, arguments: dict[str, Any]) -> bool:
    """Whether the widget made with these arguments of `view` still stands for `key`.

    Streamlit calls the callback of a replaced widget once more when the browser mentions it.
    """
    version: _Version | None = st.session_state.get(f"{key}:version")
    return version is None or version.key(key) == arguments["key"]
