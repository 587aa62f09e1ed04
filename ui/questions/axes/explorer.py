"""The tensor with its groups, what is said of it, and the same choice in code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

import bncore
from bncore.vocabulary import Spelling, spellings
from ui.drawing.grid import GridEvent, apply_event, draw_grid
from ui.drawing.pressed import draw_pressed
from ui.page.claims import say, sentence
from ui.questions.axes.answers import claims, scaler
from ui.questions.axes.check import TITLES, asked, checked_words
from ui.questions.axes.controls import other_data
from ui.questions.axes.state import AxisState, bracket, panels, picture, split_of
from ui.questions.axes.words import WORDS
from ui.state.number_fields import escape_markdown
from ui.state.page import Page
from ui.training.backend_words import ASKED
from ui.training.check import checked_against
from ui.training.layer_words import NOTE, asking


def explorer(
    page: Page[AxisState], beyond: Callable[[AxisState], Any] = lambda state: state.kept
) -> bncore.AxisSplit:
    """The grid and what follows from it; the axes that are kept and collapsed.

    `beyond` is that of the state which is shown outside of this part of the page as well.
    Ends the script with a sentence where axes or groups do not fit the data.
    """
    try:
        split = split_of(page.state)
    except ValueError as problem:
        st.warning(f"{problem}", icon=":material/block:")
        other_data(page)
        st.stop()

    before = beyond(page.state)

    @page.part
    def live() -> None:
        """What follows from an edited cell: only this runs again, so it is painted at once."""
        if beyond(page.state) != before:
            st.rerun()
        numbers(page, lambda state: state, bracket(page.state))

    live()
    return split


def pressed(state: AxisState) -> None:
    """The tensor as blocks that are pressed flat into their means, where it can be drawn so."""
    found = picture(state)
    if state.family != "batch" or not 1 < found.x.ndim < 5:
        st.caption("Blocks are drawn of rank 2 to 4, for batch normalisation.")
        return
    draw_pressed(
        found.x, found.split, found.moments.mean, axes=found.axis_names, key="images-pressed"
    )


def numbers(
    page: Page[AxisState], seen: Callable[[AxisState], AxisState], edge: int | None = None
) -> None:
    """The grid, what is said of it, and the check against a real layer.

    `seen` says as what the page's state is looked at, such as one of several norms. `edge` is
    where a bracket stands with which a person may choose the other axis of a matrix.
    """
    state = seen(page.state)
    found = picture(state)

    def changed(event: GridEvent) -> None:
        """An edited or pasted cell of the input, gamma or beta; or other axes."""
        if event.kind == "bracket":
            page.commit(kept=event.index)
            return
        field = {"input": "data", "gamma": "gamma", "beta": "beta"}[event.panel]
        now = picture(seen(page.state))
        before = {"data": now.x, "gamma": now.gamma, "beta": now.beta}[field]
        page.commit(**{field: apply_event(before, event)})

    drawn = panels(found, state.shown, edge)
    draw_grid(drawn, key=page.key("grid"), on_event=changed)
    st.markdown(say(claims(state, found), WORDS, between="  \n"))
    st.subheader("Checked against a real layer")
    checked_against(
        page.name,
        partial(asked, state, found),
        partial(checked_words, state, found),
        NOTE,
        asking(TITLES.values()) + ASKED,
    )
    if claim := scaler(found):
        st.markdown(sentence(claim, WORDS))


def spelling_line(split: bncore.AxisSplit) -> str:
    """The choice in Keras, which names the axes kept, and in TensorFlow, which names the others.

    >>> spelling_line(bncore.split_axes((2, 3), feature_axis=-1)).split(" **TensorFlow** ")
    ['**Keras 3** `keras.layers.BatchNormalization(axis=1)`', '`tf.nn.moments(x, axes=[0])`']
    """
    found = {spelling.library: spelling for spelling in spellings(split)}
    older = () if found["Keras 3"].possible else ("tf_keras (Keras 2)",)
    shown = ("Keras 3", *older, "TensorFlow")
    return " ".join(f"**{library}** {_code(found[library])}" for library in shown)


def spelling_list(split: bncore.AxisSplit) -> None:
    """The same choice in the words of every library, as one element to draw."""
    st.markdown(
        "\n\n".join(
            f"**{spelling.library}** {escape_markdown(spelling.note)}  \n{_code(spelling)}"
            for spelling in spellings(split)
        )
    )


def _code(spelling: Spelling) -> str:
    return f"`{spelling.code}`" if spelling.possible else "not possible"
