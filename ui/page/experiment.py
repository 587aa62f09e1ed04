"""The parts that pages with a training have in common, from the heading to the versions.

page = open_page("stuck", StuckState)
heading(page)                                               # title, question, toolbar
predict(page, "...?", GUESSES)
box = settings(page, "2 models, 5 epochs")                  # folded into this line
result = experiment(page, job, lambda found: found.runs, unit="updates", draw=figures)
look = draw_player(...)                                     # ui.drawing.player
told = reveal(page, result, look.moved)                     # goes on when it has moved
answer(words(told, result.found))
versions(result)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job
from ui.page.registry import entry_of
from ui.page.toolbar import toolbar
from ui.state.number_fields import escape_markdown
from ui.state.page import Page
from ui.training.panel import training_panel
from ui.training.runs import Result

FoundT = TypeVar("FoundT")
StateT = TypeVar("StateT")

_PREDICTED = "bnlab:predicted"


def heading(page: Page[Any], introduction: str = "") -> None:
    """The page's title with the toolbar, its question, and what it is about."""
    entry = entry_of(page.name)
    toolbar(page, entry.title)
    st.markdown(f"**{entry.question}** {introduction}".rstrip())


def predict(page: Page[Any], question: str, labels: Mapping[str, str]) -> None:
    """Ask for a prediction (a field `guess` of the page's record)."""
    page.radio("guess", f"Predict: {question}", labels=labels, horizontal=True)


def settings(page: Page[Any], summary: str) -> ExpanderContainer:
    """The box of the page's settings, folded into one line that says what they are.

    box = settings(page, "3 layers, 10,000 updates, keep 0.99")
    if box.open:
        with box:
            page.number("updates", "Updates")
    """
    st.caption(f"Settings: {summary}.")
    # A label that changed with the settings would make another box of it, a closed one.
    return st.expander("Change the settings", key=page.key("settings"), on_change="rerun")


def experiment(
    page: Page[Any],
    job: Callable[[Any], Job[FoundT]],
    needs: Callable[[FoundT], Sized],
    *,
    unit: str,
    verb: str = "Train",
    draw: Callable[[Result[FoundT], str], object] | None = None,
    problem: Callable[[Any], str] = lambda state: "",
) -> Result[FoundT]:
    """The training panel. Goes on only with a run that has ended and brought something to show.

    Args:
        job: what the button runs, made from the page's state. Where its experiment refuses the
            settings, they cannot be trained, and its sentence says why.
        needs: the part of the record without which (or with nothing in it) there is nothing to
            show.
        unit: what the experiment counts, in the plural.
        verb: what the button says.
        draw: draws a result under keys that begin with the text it is given, while it grows.
        problem: why a state's settings cannot be trained, where that is known before; else "".
    """

    def shows(result: Result[Any] | None) -> bool:
        return result is not None and result.newest is not None and len(needs(result.found)) > 0

    def growing(result: Result[Any] | None) -> None:
        if result is not None and not result.finished and shows(result) and draw is not None:
            draw(result, f"{page.name}-live")

    def asked() -> tuple[Job[FoundT] | None, str]:
        """What the present settings ask for, or why they cannot be trained."""
        if blocked := problem(page.state):
            return None, blocked
        try:
            return job(page.state), ""
        except (ValueError, TypeError) as error:
            return None, escape_markdown(str(error))

    result = training_panel(page.name, asked, growing, unit=unit, verb=verb)
    if result is not None and not result.opened:
        settle(page, result)  # it was asked for, and its picture moves
    if result is None or not result.finished or not shows(result):
        st.stop()
    return result


def reveal(
    page: Page[StateT], result: Result[Any] | None = None, moved: bool | None = None
) -> StateT:
    """The state with the prediction that counts; goes on when it is `revealed`."""
    told = revealed(page, result, moved)
    if told is None:
        st.stop()
    return told


def revealed(
    page: Page[StateT], result: Result[Any] | None = None, moved: bool | None = None
) -> StateT | None:
    """The state with the prediction that counts; before, None and a way to see the answer.

    Where a page has no picture that moves (`moved` is None), when its visitor asks for the answer;
    where it needs no run (`result` is None), once for all its settings.

    A page opens with a run that was made before: its picture stands at its first step, and what
    came out is not said yet. What a visitor predicts until the picture moves is a prediction; what
    is chosen afterwards is a reading, and is said to be one.
    """
    known = result is not None and not result.opened
    if not (known or moved or settled(page, result)):
        with st.container(horizontal=True, vertical_alignment="center"):
            picture = "**Predict, then play:** the answer comes when the picture has moved."
            st.markdown("**Predict, then look.**" if moved is None else picture)
            shown = partial(settle, page, result)
            st.button("Show the answer", key=f"{page.name}-reveal", on_click=shown)
        return None
    settle(page, result)
    counts = st.session_state[_PREDICTED][_about(page, result)]
    state: Any = page.state
    if state.guess not in (counts, "unsure"):
        when = "the answer was shown" if moved is None else "the picture had moved"
        st.caption(f"What you chose after {when} is a reading; it does not count as a prediction.")
    told: StateT = replace(state, guess=counts)
    return told


def settled(page: Page[Any], result: Result[Any] | None) -> bool:
    """Whether this run's picture has moved for this visitor, or its answer was asked for."""
    return _about(page, result) in st.session_state.get(_PREDICTED, {})


def settle(page: Page[Any], result: Result[Any] | None) -> None:
    """This run's picture begins to move now, or has before: what was predicted then counts."""
    predicted = st.session_state.setdefault(_PREDICTED, {})
    predicted.setdefault(_about(page, result), page.state.guess)


def _about(page: Page[Any], result: Result[Any] | None) -> tuple[str, str]:
    """What a prediction is about: a run, or the page itself."""
    return page.name, "" if result is None else fingerprint(result.job)


def answer(sentences: Iterable[str]) -> None:
    """The answer: one sentence or several, the first one first."""
    st.subheader("The answer")
    for sentence in sentences:
        st.markdown(sentence)


def versions(result: Result[Any], more: str = "") -> None:
    """What it was run with, and what else there is to say about that."""
    made = result.found.versions
    st.caption(
        f"Run with Keras {made['keras']} on TensorFlow {made['tensorflow']}. {more}".rstrip()
    )
