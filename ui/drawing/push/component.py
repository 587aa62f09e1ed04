"""`draw_push`: the handle, the numbers and their outputs on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.drawing.chosen import taken
from ui.drawing.push.record import Push, record
from ui.drawing.served import CHOICE, COMMON, MOMENTS, SVG, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_push(push: Push, *, key: str, on_look: Callable[[Mapping[str, Any]], None]) -> None:
    """Draw what is pushed; `on_look` takes {"by": ..., "mode": ...} when it was let go."""

    _MOUNT(key=key, data=record(push), on_looking_change=taken(key, on_look))


MODULE = joined(
    "push", _FOLDER, (COMMON, SVG, MOMENTS, CHOICE, "push"), themed(_FOLDER / "push.css")
)
_MOUNT = st.components.v2.component(
    "batch_norm_lab_push", html='<div class="push"></div>', js=loader(MODULE.address)
)
