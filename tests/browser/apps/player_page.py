"""The page of `player_app.py`: More brings rows, Less takes them, End brings all, elsewhere.

With ?secret all rows are there, and nobody may see what comes after the first one, with ?late
nothing of the second curve either; with ?clock there is another player of the same clock, whose run
ended earlier.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.drawing.player import Curve, Quantity, Recording, draw_player

ROWS = 300
WHOLE = {name: np.random.default_rng(n).normal(size=(ROWS, 1)) for n, name in enumerate("ab")}


@dataclass(frozen=True, eq=False)
class Found:
    """So many rows of the first curve; the second is behind."""

    rows: int


def recording(found: Found) -> Recording:
    ends = {"a": found.rows, "b": found.rows if found.rows == ROWS else found.rows // 2}
    return Recording(
        unit="update",
        steps=np.arange(found.rows),
        features=("all",),
        curves=(Curve("a", "First"), Curve("b", "Second", 1, late="late" in st.query_params)),
        quantities=(Quantity("mean", "Mean", {n: WHOLE[n][:end] for n, end in ends.items()}),),
        total=ROWS - 1,
    )


growing = st.container()
more, less, end = st.button("More"), st.button("Less"), st.button("End")
secret = "secret" in st.query_params
found = st.session_state.get("found", Found(ROWS if secret else 100))
if more or less or end:
    found = Found(ROWS if end else found.rows + (20 if more else -20))
st.session_state.found = found
live = found.rows < ROWS
with growing if live else st.container():
    clock = st.query_params.get("clock", "")
    for rows in (found.rows, *[ROWS - 50] * bool(clock)):
        shown = Found(rows)
        draw_player(
            recording(shown), shown, key=f"player-{rows}" * bool(clock) or "player",
            live=live and not clock, plays=not secret, secret=secret, clock=clock,
        )  # fmt: skip
