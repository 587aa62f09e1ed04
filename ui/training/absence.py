"""What a page is told that comes back to a new session: what became of its run.

A page stays open while the computer sleeps, or while the server is started again. Its settings
come back from the address (`ui.server.returning`); a run that went on does not.
"""

from __future__ import annotations

import threading

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.server.returning import former_session

KEEP = 1000
_FORMER = "bnlab:former-session"
_lock = threading.Lock()
_stopped: dict[str, tuple[str, str]] = {}  # session: its run's id and label, oldest first


def note_stopped(session: str, job_id: str, label: str) -> None:
    """Remember that the run of a session was stopped because its page was away."""
    with _lock:
        _stopped.pop(session, None)
        _stopped[session] = job_id, label
        while len(_stopped) > KEEP:
            del _stopped[next(iter(_stopped))]


def was_away(job_id: str) -> bool:
    """Whether this run of the present session was stopped because its page was away."""
    return _stopped.get(session_id(), ("", ""))[0] == job_id


def session_id() -> str:
    """The id of the present session; "" outside of a server."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context is not None else ""


def absence_words() -> str:
    """What to say to this session; "" where its page was opened with it."""
    if _FORMER not in st.session_state:
        before = former_session(st.context.headers)
        st.session_state[_FORMER] = "" if before == session_id() else before
    return words(st.session_state[_FORMER])


def words(former: str) -> str:
    """What to say to the session that follows `former`.

    >>> note_stopped("a", "7", "Iris")
    >>> words("a")
    'This page was away, and so its run (Iris) was stopped. Start it again.'
    >>> words("")
    ''
    """
    if not former:
        return ""
    if former in _stopped:
        label = _stopped[former][1]
        run = f"its run ({label})" if label else "its run"
        return f"This page was away, and so {run} was stopped. Start it again."
    return (
        "The server was started again, or this page was away for long. Its settings are here; "
        "a run that was going on has ended. Start it again."
    )
