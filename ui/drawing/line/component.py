"""`draw_line`: dots on a line, and the slider that moves them, on a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.drawing.line.record import Line, record
from ui.drawing.served import COMMON, DOTS, SVG, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_line(line: Line, *, key: str) -> None:
    """Draw the dots of a line; the browser moves them."""
    _MOUNT(key=key, data=record(line))


MODULE = joined("line", _FOLDER, (COMMON, SVG, "line"), themed(DOTS))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_line", html='<div class="line dots"></div>', js=loader(MODULE.address)
)
