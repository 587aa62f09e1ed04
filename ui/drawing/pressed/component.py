"""`draw_pressed`: the block and its means on a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

import bncore
from bncore.moments import Array
from ui.drawing.pressed.record import record
from ui.drawing.served import COMMON, SVG, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_pressed(
    x: Array, split: bncore.AxisSplit, mean: Array, *, axes: Sequence[str], key: str
) -> None:
    """Draw `x`, of rank 2 to 4, and the `mean` of each group; `axes` are the names of its axes.

    Whenever other axes are kept, the block is pressed along the others before the visitor's eyes.
    """
    _MOUNT(key=key, data=record(x, split, mean, axes))


_PARTS = (COMMON, SVG, "geometry", "pressed")
MODULE = joined("pressed", _FOLDER, _PARTS, themed(_FOLDER / "pressed.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_pressed", html='<div class="pressed"></div>', js=loader(MODULE.address)
)
