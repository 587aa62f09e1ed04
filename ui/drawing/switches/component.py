"""`draw_switches`: switches in a piece of code, on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from ui.drawing.chosen import taken
from ui.drawing.served import CHOICE, COMMON, SVG, joined, loader, themed
from ui.drawing.switches.record import Case, record

_FOLDER = Path(__file__).parent / "parts"


def draw_switches(
    choices: Mapping[str, Sequence[str]],
    cases: Mapping[tuple[str, ...], Case],
    *,
    key: str,
    chosen: Mapping[str, str],
    on_look: Callable[[Mapping[str, Any]], None],
) -> None:
    """Draw the switches (by name their positions), and what each combination of them led to.

    `on_look` takes the position of every switch by its name, as `chosen` has them, before the page
    runs again. One that is not among a switch's positions stands for the first of them.
    """
    told = {**record(choices, cases), "chosen": dict(chosen)}
    _MOUNT(key=key, data=told, on_looking_change=taken(key, on_look))


MODULE = joined(
    "switches", _FOLDER, (COMMON, SVG, CHOICE, "switches"), themed(_FOLDER / "switches.css")
)
_MOUNT = st.components.v2.component(
    "batch_norm_lab_switches", html='<div class="switches"></div>', js=loader(MODULE.address)
)
