"""`draw_seats`: rows in their seats, on a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from bncore.moments import Array
from ui.drawing.seats.record import SeatedLayer, record
from ui.drawing.served import COMMON, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_seats(x: Array, layers: Sequence[SeatedLayer], *, epsilon: float, key: str) -> None:
    """Draw the rows of `x`, which can be dragged to other seats, and what each layer returns."""
    _MOUNT(key=key, data=record(x, layers, epsilon))


MODULE = joined("seats", _FOLDER, (COMMON, "seats"), themed(_FOLDER / "seats.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_seats", html='<div class="seats"></div>', js=loader(MODULE.address)
)
