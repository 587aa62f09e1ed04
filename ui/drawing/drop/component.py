"""`draw_drop`: the updates of each feature on a page, and a bad number to drop on one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from ui.drawing.chosen import taken
from ui.drawing.drop.record import Drop, record
from ui.drawing.served import CHOICE, COMMON, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_drop(drop: Drop, *, key: str, on_look: Callable[[Mapping[str, Any]], None]) -> None:
    """Draw the updates, with the bad number where it is.

    `on_look` takes {"bad": its name, "feature": ..., "update": ...} where it was dropped, before
    the page runs again.
    """
    _MOUNT(key=key, data=record(drop), on_looking_change=taken(key, on_look))


MODULE = joined("drop", _FOLDER, (COMMON, CHOICE, "lanes", "drop"), themed(_FOLDER / "drop.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_drop", html='<div class="drop"></div>', js=loader(MODULE.address)
)
