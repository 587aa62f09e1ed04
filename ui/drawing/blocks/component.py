"""`draw_blocks`: the blocks on a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from bncore.moments import Array
from ui.drawing.blocks.block import Block, record
from ui.drawing.served import COMMON, joined, loader, themed

_FOLDER = Path(__file__).parent / "parts"


def draw_blocks(
    x: Array,
    blocks: Sequence[Block],
    *,
    axes: Sequence[str],
    channel: int,
    epsilon: float,
    key: str,
) -> None:
    """Draw `x` once in each block; `axes` are the names of its axes, the channels stand at
    `channel`.
    """
    _MOUNT(key=key, data=record(x, blocks, axes, channel, epsilon))


MODULE = joined("blocks", _FOLDER, (COMMON, "blocks"), themed(_FOLDER / "blocks.css"))
_MOUNT = st.components.v2.component(
    "batch_norm_lab_blocks",
    html='<p class="said" role="status"></p><div class="blocks"></div>',
    js=loader(MODULE.address),
)
