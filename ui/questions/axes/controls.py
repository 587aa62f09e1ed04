"""The widgets of the pages about axes: which axes, which data, which shape."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import streamlit as st

import bncore
from ui.questions.axes.state import LONGEST, AxisState, axis_names, counting
from ui.state.fields import FieldError
from ui.state.number_fields import escape_markdown, matrix_field
from ui.state.page import Page
from ui.state.sync import is_current, view


def axis_pickers(page: Page[AxisState]) -> None:
    """The same choice in the two vocabularies; each row of buttons edits the one record.

    Several elements, for a horizontal container.
    """
    shape = page.state.data.array.shape
    names = axis_names(len(shape), page.state.layout)
    try:
        kept = bncore.split_axes(shape, page.state.kept).feature_axes
    except ValueError:
        kept = ()
    everything = tuple(range(len(shape)))
    collapsed = tuple(axis for axis in everything if axis not in kept)

    def label(axis: int) -> str:
        return f"{axis} ({names[axis]}, {shape[axis]})"

    def take(key: str, arguments: dict[str, Any], complement: bool) -> None:
        if is_current(key, arguments):
            chosen = tuple(st.session_state[arguments["key"]])
            page.commit(kept=tuple(a for a in everything if (a in chosen) != complement))

    for words, field, shown, complement in (
        ("Axes kept: Keras `axis`", "kept", kept, False),
        ("Axes collapsed: NumPy `axis`, `tf.nn.moments` `axes`", "collapsed", collapsed, True),
    ):
        key = page.key(field)
        arguments = view(
            key, list(shown), lambda v: {"default": v}, form=(names, shape), read=sorted
        )
        st.pills(
            words,
            everything,
            selection_mode="multi",
            format_func=label,
            on_change=take,
            args=(key, arguments, complement),
            **arguments,
        )
    if len(shape) > 1:
        page.button("PyTorch: dim 1", {"kept": (1,)}, key=page.key("pytorch"))


def other_data(page: Page[AxisState]) -> None:
    """Another tensor, in a box. Its body runs only while it is open: a closed one costs nothing."""
    box = st.expander(
        "Other data: presets, your own table, another shape",
        key=page.key("other"),
        on_change="rerun",
    )
    if box.open:
        with box:
            _presets(page)
            _fills(page)
            shape_field(page)
            matrix_field(
                "Paste a table (from a spreadsheet, a file, or NumPy)",
                key=page.key("paste"),
                on_commit=lambda table: page.commit(data=table, kept=(-1,), layout="channels last"),
                check=small_enough,
            )


def images(page: Page[AxisState]) -> None:
    """The same images in both layouts, one with the wrong axis, which no layer refuses, and a list.

    Several buttons, for a horizontal container.
    """
    last, first = (bncore.DATASETS[f"images-{layout}"]().values for layout in ("nhwc", "nchw"))
    for title, data, layout, kept in (
        ("NHWC, axis −1", last, "channels last", (-1,)),
        ("NCHW, axis 1", first, "channels first", (1,)),
        ("NCHW, axis −1: wrong, and silent", first, "channels first", (-1,)),
        ("NHWC, a list: axis [1, 2, 3]", last, "channels last", (1, 2, 3)),
    ):
        page.button(title, {"data": data, "layout": layout, "kept": kept})


def _presets(page: Page[AxisState]) -> None:
    for name, make in bncore.DATASETS.items():
        data = make()
        if data.values.size > 1000:  # for training, not for looking at
            continue
        rows = data.values[:12] if data.values.size > 128 else data.values
        title = data.title if rows is data.values else f"{data.title} (first {len(rows)} rows)"
        first = name == "images-nchw"
        page.button(
            title,
            {
                "data": rows,
                "layout": "channels first" if first else "channels last",
                "kept": (1,) if first else (-1,),
            },
        )


def _fills(page: Page[AxisState]) -> None:
    shape = page.state.data.array.shape
    with st.container(horizontal=True):
        page.button("Count 0, 1, 2, …", {"data": counting(shape)})
        page.button("All zeros", {"data": np.zeros(shape)})
        page.button("All ones", {"data": np.ones(shape)})
        page.button("Random numbers", {"data": random_fill(page.state.data.array)})


def random_fill(present: np.ndarray) -> np.ndarray:
    """Normal numbers of the same shape, other ones at every press, the same ones for the same data.

    Seeded by what they replace, so that a press can be repeated after Undo.
    """
    seed = list(np.ascontiguousarray(present).tobytes())
    return np.round(np.random.default_rng(seed).normal(0, 1, present.shape), 2)


def small_enough(table: np.ndarray) -> np.ndarray:
    """A pasted table, if the page can show it."""
    if table.size > LONGEST or table.ndim > 5:
        raise FieldError(
            f"a table of {table.size} numbers, rank {table.ndim}; the page shows at most "
            f"{LONGEST} numbers of rank 5. Paste a part of it"
        )
    return table


def shape_field(page: Page[AxisState]) -> None:
    """Change the shape: the numbers are kept in C order, repeated or cut where they must be.

    A refusal stays until the next try, whatever makes the page run again.
    """
    written = " × ".join(map(str, page.state.data.array.shape))
    key = page.key(f"shape-{written}")
    with st.form(page.key("shape"), border=False, enter_to_submit=True):
        st.text_input("Shape", written, key=key)
        st.form_submit_button("Change the shape", on_click=_change_shape, args=(page, key))
    if refusal := st.session_state.get(_refusal(key)):
        st.markdown(f":red[:material/error: {escape_markdown(refusal)}]")


def _change_shape(page: Page[AxisState], key: str) -> None:
    st.session_state[_refusal(key)] = ""
    try:
        page.commit(**reshaped(page.state, st.session_state[key]))
    except ValueError as problem:
        st.session_state[_refusal(key)] = str(problem)


def _refusal(key: str) -> str:
    return f"{key}-refused"


def reshaped(state: AxisState, typed: str) -> dict[str, Any]:
    """The changes that give the data the shape that was typed, such as '4 × 2 × 3'.

    >>> reshaped(AxisState(), "2 x 2")["data"]
    array([[   1.,   10.],
           [ 100., 1000.]])
    """
    words = typed.replace("×", " ").replace("x", " ").replace(",", " ").strip("() ").split()
    if not words or not all(word.isdecimal() and int(word) > 0 for word in words):
        raise FieldError(f"“{typed}” is not a shape; type sizes such as 3 × 4 or 2, 4, 4, 3")
    shape = tuple(map(int, words))
    size = math.prod(shape)
    if len(shape) > 5 or size > LONGEST:
        raise FieldError(
            f"{typed} has rank {len(shape)} and {size} cells; the page draws at most {LONGEST} "
            "cells of rank 5, so that a link can still hold them"
        )
    values = list(itertools.islice(itertools.cycle(state.data.array.ravel()), size))
    first = state.layout == "channels first" and len(shape) > 2
    return {"data": np.array(values).reshape(shape), "kept": (1,) if first else (-1,)}
