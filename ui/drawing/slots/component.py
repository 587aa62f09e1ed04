"""`draw_slots`: a diagram with slots on a page, and what the visitor put where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.drawing.chosen import taken
from ui.drawing.served import CHOICE, COMMON, joined, loader, themed
from ui.drawing.slots.record import Diagram, record

_FOLDER = Path(__file__).parent / "parts"


def draw_slots(
    diagram: Diagram,
    *,
    key: str,
    chosen: str,
    on_look: Callable[[Mapping[str, Any]], None],
) -> None:
    """Draw a diagram with its tile in the place `chosen`.

    `on_look` takes {"curve": another place}, before the page runs again. Players that have a
    "curve" among what is looked at show the one of that name at once.
    """

    _MOUNT(key=key, data=record(diagram, chosen), on_looking_change=taken(key, on_look))


MODULE = joined("slots", _FOLDER, (COMMON, CHOICE, "slots"), themed(_FOLDER / "slots.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_slots", html='<div class="slots"></div>', js=loader(MODULE.address)
)
