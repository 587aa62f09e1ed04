"""The browser's address bar, as one session knows it: who leads, the address or the record?

The address leads where a person changed it: by opening a link, arriving from another page, or Back
and Forward. In any other run the browser may still report the address of a moment ago (two quick
changes), which must not undo anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_CURRENT = "bnlab:current-page"
_TOLD = "bnlab:address"  # what this session's browser was told last


@dataclass(frozen=True)
class Reported:
    """What the browser says as a run of a page begins.

    Args:
        query: the parameters of the address.
        arrived: whether the run before was one of another page.
        went_back: whether the visitor went Back or Forward.
    """

    query: Mapping[str, str]
    arrived: bool
    went_back: bool

    @property
    def leads(self) -> bool:
        """Whether the page takes its state from the address."""
        return self.went_back or (self.arrived and bool(self.query))


def reported(page: str) -> Reported:
    """What the browser says to this page."""
    arrived = st.session_state.get(_CURRENT) != page
    went_back = getattr(get_script_run_ctx(), "is_history_navigation", False)
    query = st.query_params.to_dict()
    if went_back:
        st.session_state[_TOLD] = query
    return Reported(query, arrived, went_back)


def write(query: Mapping[str, str]) -> None:
    """Let the browser show this address, where it shows another."""
    # What the browser reports may be older than what it was told since: of two quick changes,
    # there and back again, the second one meets the address it needs, and the first one's is
    # still on its way.
    if st.query_params.to_dict() != query or st.session_state.get(_TOLD, query) != query:
        st.query_params.from_dict(dict(query))
    st.session_state[_TOLD] = query


def stay(page: str) -> None:
    """This page is open now, until another one is."""
    st.session_state[_CURRENT] = page


def leave_all_but(page: str) -> None:
    """The page `page` is about to run, and every other one is left, whether it has a state or not.

    For the script that runs before all pages: whoever comes back to a page by a link arrives anew.
    """
    if st.session_state.get(_CURRENT, page) != page:
        del st.session_state[_CURRENT]
