"""Text fields that hold numbers: read by `ui.state.numbers`, never by the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from ui.state.numbers import NumberError, format_number, parse_matrix, parse_number
from ui.state.sync import is_current, view

_NUMBER_HELP = "1.5, 1,5 and 1e-3 all work."
_NOTHING = object()


def number_field(
    label: str,
    value: float | None,
    *,
    key: str,
    check: Callable[[float | None], Any] = lambda value: value,
    on_commit: Callable[[Any], None] | None = None,
    optional: bool = False,
    help: str | None = None,
    **extra: Any,
) -> Any:
    """A typed number. Returns the last good one; what was typed wrongly stays, with the reason.

    `check` returns the allowed value or raises ValueError with the reason. `on_commit` takes over
    a good value before the page runs again; without it, the value lives in the session under
    `key`. An empty field means None where `optional`.
    """
    kept = f"{key}:value"
    current = value if on_commit else st.session_state.get(kept, value)

    def read(text: str) -> Any:
        if optional and not text.strip():
            return check(None)
        return check(parse_number(text))

    def take(text: str) -> None:
        good = read(text)
        st.session_state[_typed(key)] = text, good
        if on_commit:
            on_commit(good)
        else:
            st.session_state[kept] = good

    # What was typed stays as it was typed, 0,5 or 0.50, as long as it means the present value.
    text, meant = st.session_state.get(_typed(key), ("", _NOTHING))
    if meant is _NOTHING or meant != current:
        text = "" if current is None else format_number(current)
    _text_widget(st.text_input, label, text, key, take, help=help or _NUMBER_HELP, **extra)
    _show_problem(key, read)
    return current


def matrix_field(
    label: str,
    *,
    key: str,
    on_commit: Callable[[np.ndarray], None],
    check: Callable[[np.ndarray], Any] = lambda array: array,
    help: str | None = None,
    **extra: Any,
) -> None:
    """A box to paste a table into: from a spreadsheet, a file, or NumPy.

    A good table goes to `on_commit` and the box is emptied; anything else stays in it, with the
    reason under it.
    """

    def take(text: str) -> None:
        on_commit(check(parse_matrix(text)))

    _text_widget(st.text_area, label, "", key, take, help=help, **extra)
    _show_problem(key, lambda text: check(parse_matrix(text)))


def forget_draft(key: str) -> None:
    """Forget what was typed into the field `key`, be it wrong or another spelling."""
    st.session_state.pop(_draft(key), None)
    st.session_state.pop(_typed(key), None)


def escape_markdown(text: str) -> str:
    """Text that Streamlit shows as it is, whatever a person or a link put into it."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!~$:|<>&^=])", r"\\\1", text)


def _draft(key: str) -> str:
    return f"{key}:draft"


def _typed(key: str) -> str:
    return f"{key}:typed"


def _text_widget(
    widget: Callable[..., Any],
    label: str,
    shown: str,
    key: str,
    take: Callable[[str], None],
    **extra: Any,
) -> None:
    """A text widget that hands good text to `take`, and keeps text that `take` refuses."""
    text = st.session_state.get(_draft(key), shown)
    arguments = view(key, text, lambda value: {"value": value})

    def changed() -> None:
        if not is_current(key, arguments):
            return
        typed = st.session_state[arguments["key"]] or ""
        st.session_state.pop(_draft(key), None)
        try:
            take(typed)
        except ValueError:
            st.session_state[_draft(key)] = typed

    widget(label, on_change=changed, **arguments, **extra)


def _show_problem(key: str, read: Callable[[str], Any]) -> None:
    text = st.session_state.get(_draft(key))
    if text is None:
        return
    try:
        read(text)
    except NumberError as error:
        reason = str(error)
    except ValueError as error:
        reason = f"{error}."
    else:  # the bounds moved, and what was typed is allowed now: say nothing, it waits for Enter
        return
    st.markdown(f":red[:material/error: {escape_markdown(reason)}]")


__all__ = ["escape_markdown", "forget_draft", "matrix_field", "number_field"]
