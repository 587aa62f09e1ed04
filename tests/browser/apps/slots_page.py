"""The page of `slots_app.py`: a player opened at its second step, and a tile for its curves.

?chosen= is where the tile is at first; what a visitor chooses stands below, as the server knows it.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.drawing.player import Curve, Quantity, Recording, draw_player
from ui.drawing.slots import Diagram, Group, Place, draw_slots


@dataclass(frozen=True, eq=False)
class Found:
    """A record that can be held weakly."""


def recording() -> Recording:
    values = {name: np.full((4, 1), float(n)) for n, name in enumerate(("none", "before", "after"))}
    return Recording(
        unit="epoch",
        steps=np.arange(4),
        features=("mean",),
        curves=tuple(Curve(name, name, number) for number, name in enumerate(values)),
        quantities=(Quantity("loss", "Loss", values),),
        opens=1,
    )


def place(name: str, also: tuple[str, ...] = ()) -> Place:
    return Place(name, f"It is {name}.", f"code of {name}", f"all code of {name}", 1, also)


found = st.session_state.setdefault("found", Found())
chosen = st.session_state.setdefault("chosen", st.query_params.get("chosen", "nowhere"))
names = ("none", "before", "after", "both")
draw_slots(
    Diagram(
        "Where?", "Layer", "none", "nowhere", "Drag it.",
        (
            Group(("none",), outside=True),
            Group(("Dense", "before", "tanh", "after", "both"), "2 ×"),
        ),
        {name: place(name, ("before",) * (name == "both")) for name in names},
    ),
    key="slots",
    chosen=chosen,
    on_look=lambda told: st.session_state.update(chosen=told["curve"]),
)  # fmt: skip
draw_player(recording(), found, key="player", looking={"curve": chosen}, plays=False, secret=True)
st.write(f"The server knows: {chosen}")
