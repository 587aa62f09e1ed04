"""Settings that follow a visitor from page to page: those of a record that the pages extend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ui.state import fields


class Following:
    """What a visitor changed last in the fields that some pages share; of one session.

    Only what was changed follows: a page may have other defaults for its question.
    """

    def __init__(self, shared: type | None) -> None:
        self._names = tuple(fields.specs(shared)) if shared is not None else ()
        self._key = f"bnlab:following:{shared.__name__}" if shared is not None else ""

    @property
    def settings(self) -> dict[str, Any]:
        """The settings to bring along to a page of the group."""
        return dict(st.session_state.get(self._key, {})) if self._names else {}

    def note(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """A page's record has changed."""
        changed = {name: after[name] for name in self._names if after[name] != before[name]}
        if changed:
            st.session_state[self._key] = {**self.settings, **changed}
