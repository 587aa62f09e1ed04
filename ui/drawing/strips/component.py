"""`draw_strips`: two strips of dots and the slider of the batch size, on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.drawing.chosen import taken
from ui.drawing.served import COMMON, DOTS, MOMENTS, SVG, joined, loader, themed
from ui.drawing.strips.record import Strips, record

_FOLDER = Path(__file__).parent / "parts"


def draw_strips(strips: Strips, *, key: str, on_look: Callable[[Mapping[str, Any]], None]) -> None:
    """Draw both strips; `on_look` gets {"size": the batch size} when another one was chosen."""

    _MOUNT(key=key, data=record(strips), on_looking_change=taken(key, on_look))


MODULE = joined(
    "strips", _FOLDER, (COMMON, SVG, MOMENTS, "strips"), themed(DOTS, _FOLDER / "strips.css")
)
_MOUNT = st.components.v2.component(
    "batch_norm_lab_strips", html='<div class="strips dots"></div>', js=loader(MODULE.address)
)
