"""The page of `push_app.py`: with ?wrong the engine says something else than the browser; ?one has
a batch of one row."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from bncore.moments import Array
from ui.drawing.push import Push, draw_push


@dataclass(frozen=True, eq=False)
class Wrong(Push):
    """Its outputs are a little larger."""

    def outputs(self) -> Array:
        """Not what they are."""
        return super().outputs() + 1e-8


kind = Wrong if "wrong" in st.query_params else Push
z = np.array([-1.0, 0.0, 1.0, 4.0])[: 1 if "one" in st.query_params else 4]
push = kind(z, 1.5, 0.25, 0.5, 4.0, 1e-3)
told = st.session_state.setdefault("told", {"by": 0.0, "mode": "training"})
draw_push(
    replace(push, **told),
    key="push",
    on_look=lambda chosen: st.session_state.update(told=dict(chosen)),
)
st.write(f"The server knows: {told['by']:g}, {told['mode']}")
