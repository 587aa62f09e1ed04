"""The conventions page's list of what each convention's numbers rest on."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from bncore.basis import everything
from ui.questions.conventions.state import TITLES


def words() -> str:
    """How many rest on what, counted."""
    found = everything()
    kinds = Counter(basis.kind for basis in found)
    named = ", ".join(
        f"**{kinds[kind]}** {text}"
        for kind, text in (
            ("can run live", "can be run live here"),
            ("recorded", "are held against recorded runs"),
            ("engine only", "are computed by the engine only"),
        )
    )
    return f"Of the {len(found)} conventions {named}."


def table() -> pd.DataFrame:
    """A row per convention."""
    return pd.DataFrame(
        [
            {
                "convention": TITLES[basis.name],
                "numbers rest on": basis.kind,
                "live": basis.live or ", ".join(f"needs {name}" for name in basis.packages) or "–",
                "recorded cases": basis.cases or "–",
                "recorded with": basis.version or "–",
            }
            for basis in everything()
        ]
    )


def show() -> None:
    """The list, with what its words mean."""
    st.markdown(f"**What the numbers rest on.** {words()}")
    st.dataframe(table(), hide_index=True, key="conventions-basis")
    st.caption(
        "The curves and values above are the engine's. Can run live: its real layer runs beside "
        "the engine when you ask for it above, at ranks 2 and 4. Recorded: the engine is held "
        "against every recorded update of that version. Engine only: the formula as it was found "
        "(see “known” above); so is rank 5 of every convention."
    )
