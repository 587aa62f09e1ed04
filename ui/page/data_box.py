"""The data of a page, in a closed box: presets, a table of one's own, cells that can be changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

import bncore
from ui.drawing.grid import GridEvent, Panel, apply_event, draw_grid
from ui.state.amounts import counted
from ui.state.number_fields import matrix_field
from ui.state.page import Page


def data_box(
    page: Page[Any],
    presets: Sequence[str],
    *,
    also: Callable[[np.ndarray], Mapping[str, Any]] = lambda values: {},
) -> None:
    """Edit the field `data` of a page; closed, it costs a line.

    `presets` are names in ``bncore.DATASETS``. `also` gives the other fields that change with new
    data, such as a batch size that has to fit. Data of rank 2 can be edited cell by cell; keys
    are "{page}-data", "{page}-paste" and "{page}-grid".
    """
    name, shape = page.name, page.state.data.shape
    words = f"shape {shape}"
    if len(shape) == 2:
        words = f"{counted(shape[0], 'row')}, {counted(shape[1], 'feature')}"
    st.caption(f"The data: {words}")
    # A label that changed with the data would make another box of it, a closed one.
    box = st.expander("Other data", key=f"{name}-data", on_change="rerun")
    if not box.open:
        return

    def changed(event: GridEvent) -> None:
        page.commit(data=apply_event(page.state.data.array, event))

    def take(values: np.ndarray) -> None:
        page.commit(data=values, **also(values))

    with box:
        for preset in presets:
            data = bncore.DATASETS[preset]()
            changes = {"data": data.values, **also(data.values)}
            page.button(f"{data.title}, shape {data.values.shape}", changes)
        matrix_field(
            "Paste your own: a table from a spreadsheet or a file, or a NumPy array",
            key=f"{name}-paste",
            on_commit=take,
            check=lambda values: page.specs["data"].check(values).array,
        )
        if len(shape) == 2:
            x = page.state.data.array
            columns = np.broadcast_to(np.arange(shape[1]), shape)
            panel = Panel("x", "Data", x, groups=columns, editable=True, axes=("N", "C"))
            draw_grid([panel], key=f"{name}-grid", on_event=changed)
