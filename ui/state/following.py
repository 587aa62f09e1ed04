"""Settings that follow a visitor from page to page: those of a record that the pages extend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import streamlit as st

from ui.state import fields

_KEY = "bnlab:following"


class Following:
    """What a visitor changed last in the fields that some pages share; of one session.

    Only what was changed follows: a page may have other defaults for its question. A field belongs
    to the record that declares it: pages may share a record that extends what more pages share.
    """

    def __init__(self, shared: type | None) -> None:
        self._owners: dict[str, str] = {}
        for record in reversed(shared.__mro__ if shared is not None else ()):
            if is_dataclass(record):
                for name in fields.specs(record):
                    self._owners.setdefault(name, record.__name__)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings to bring along to a page of the group."""
        changed = st.session_state.get(_KEY, {})
        places = self._owners.items()
        return {name: changed[owner, name] for name, owner in places if (owner, name) in changed}

    def note(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """A page's record has changed."""
        changed = {
            (owner, name): after[name]
            for name, owner in self._owners.items()
            if after[name] != before[name]
        }
        if changed:
            st.session_state[_KEY] = {**st.session_state.get(_KEY, {}), **changed}

    def forget(self) -> None:
        """Nothing is brought along any more: every page of the group opens with its defaults."""
        changed = st.session_state.get(_KEY, {})
        own = {(owner, name) for name, owner in self._owners.items()}
        st.session_state[_KEY] = {key: changed[key] for key in changed.keys() - own}
