"""`draw_means`: the switch, the matrix and its means on a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from bncore.moments import Array
from ui.drawing.means.record import record
from ui.drawing.served import COMMON, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_means(matrix: Array, *, key: str) -> None:
    """Draw a small matrix; it opens with a mean per column."""
    _MOUNT(key=key, data=record(matrix))


MODULE = joined("means", _FOLDER, (COMMON, "means"), themed(_FOLDER / "means.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_means", html='<div class="means"></div>', js=loader(MODULE.address)
)
