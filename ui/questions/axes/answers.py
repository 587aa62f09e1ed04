"""What the axis explorer says about its picture: widgets for axes, sentences, comparisons."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import streamlit as st

import bncore
from bncore.vocabulary import spellings
from ui.page.claims import say, sentence
from ui.questions.axes.claims import claims, scaler
from ui.questions.axes.state import LONGEST, AxisState, Picture, axis_names, channel_axis, counting
from ui.questions.axes.words import WORDS
from ui.state.fields import FieldError
from ui.state.number_fields import escape_markdown, matrix_field
from ui.state.numbers import format_number
from ui.state.page import Page
from ui.state.sync import is_current, view


def axis_pickers(page: Page[AxisState]) -> None:
    """The same choice in the two vocabularies; each button row edits the one record."""
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

    with st.container(horizontal=True, vertical_alignment="bottom"):
        for words, field, shown, complement in (
            ("Axes kept: Keras `axis`", "kept", kept, False),
            ("Axes collapsed: NumPy `axis`, `tf.nn.moments` `axes`", "collapsed", collapsed, True),
        ):
            key = page.key(field)
            arguments = view(key, list(shown), lambda v: {"default": v}, form=(names, shape))
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
            page.button("PyTorch: dimension 1", {"kept": (1,)})


def sentences(state: AxisState, p: Picture) -> None:
    """The answer in words, from the numbers on the screen."""
    st.markdown(say(claims(state, p), WORDS, between="  \n"))


def spelling_list(split: bncore.AxisSplit) -> None:
    """The same choice in the words of every library, as one element to draw."""
    lines = []
    for spelling in spellings(split):
        code = f"`{spelling.code}`" if spelling.possible else "not possible"
        lines.append(f"**{spelling.library}** {escape_markdown(spelling.note)}  \n{code}")
    st.markdown("\n\n".join(lines))


def family_code(state: AxisState) -> None:
    """How the other normalisations are written in Keras."""
    axis = channel_axis(state)
    shape = state.data.shape
    rest = list(range(1, len(shape)))
    channels = shape[axis]
    epsilon = f"epsilon={format_number(state.epsilon)}"
    code = {
        "layer": f"keras.layers.LayerNormalization(axis={rest}, {epsilon})",
        "instance": f"keras.layers.GroupNormalization(groups={channels}, axis={axis}, {epsilon})",
        "group": f"keras.layers.GroupNormalization(groups={state.groups}, axis={axis}, {epsilon})",
    }[state.family]
    st.code(code, language="python")
    st.caption(
        "`LayerNormalization` names the axes it collapses, the opposite of `BatchNormalization` "
        "in the same library. Its gamma and beta belong to the collapsed axes; the picture "
        "follows Wu & He 2018: a pair per channel."
    )


def standard_scaler(p: Picture) -> None:
    """scikit-learn's scaler beside x_hat, where it can be."""
    if claim := scaler(p):
        st.markdown(sentence(claim, WORDS))


def other_data(page: Page[AxisState]) -> None:
    """Presets, fills, another shape, a pasted table."""
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
    shape = page.state.data.array.shape
    with st.container(horizontal=True):
        page.button("Count 0, 1, 2, …", {"data": counting(shape)})
        page.button("All zeros", {"data": np.zeros(shape)})
        page.button("All ones", {"data": np.ones(shape)})
        page.button("Random numbers", {"data": random_fill(page.state.data.array)})
    shape_field(page)
    matrix_field(
        "Paste a table (from a spreadsheet, a file, or NumPy)",
        key="axes-paste",
        on_commit=lambda table: page.commit(data=table, kept=(-1,), layout="channels last"),
        check=small_enough,
    )


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
    """Change the shape: the numbers are kept in C order, repeated or cut where they must be."""
    shape = page.state.data.array.shape
    with st.form("axes-shape", border=False, enter_to_submit=True):
        written = " × ".join(map(str, shape))
        typed = st.text_input("Shape", written, key=f"axes-shape-{written}")
        submitted = st.form_submit_button("Change the shape")
    if not submitted:
        return
    try:
        page.commit(**reshaped(page.state, typed))
    except ValueError as problem:
        st.markdown(f":red[:material/error: {problem}]")
    else:
        st.rerun()


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
