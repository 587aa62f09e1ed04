"""`draw_switches`: switches in a piece of code, on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from ui.drawing.served import COMMON, SVG, joined, loader, themed
from ui.drawing.switches.record import Case, record

_FOLDER = Path(__file__).parent / "parts"


def draw_switches(
    choices: Mapping[str, Sequence[str]], cases: Mapping[tuple[str, ...], Case], *, key: str
) -> None:
    """Draw the switches (by name their positions), and what each combination of them led to."""
    _MOUNT(key=key, data=record(choices, cases))


MODULE = joined("switches", _FOLDER, (COMMON, SVG, "switches"), themed(_FOLDER / "switches.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_switches", html='<div class="switches"></div>', js=loader(MODULE.address)
)
