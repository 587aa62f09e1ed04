"""The parts that pages with a training have in common, from the heading to the versions.

page = open_page("stuck", StuckState)
heading(page)                                               # title, question, toolbar
page.radio("guess", "Predict: ...", labels=GUESSES)
...                                                         # the settings
result = experiment(page, job(page.state), "runs", unit="updates", draw=figures)
answer(words(page.state, result.values))
figures(result, "stuck-done")
versions(result)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from bncore.training.jobs import Job
from ui.page.registry import entry_of
from ui.page.toolbar import toolbar
from ui.state.page import Page
from ui.training.panel import training_panel
from ui.training.runs import Result


def heading(page: Page[Any], introduction: str = "") -> None:
    """The page's title, its question, what it is about, and the toolbar."""
    entry = entry_of(page.name)
    st.title(entry.title)
    st.markdown(f"**{entry.question}** {introduction}".rstrip())
    toolbar(page)


def experiment(
    page: Page[Any],
    job: Job | None,
    needs: str,
    *,
    unit: str,
    draw: Callable[[Result, str], None] | None = None,
    blocked: str = "",
) -> Result:
    """The training panel. Goes on only with a run that has ended and brought something to show.

    Args:
        job: what Train runs; None where the settings cannot be trained, and `blocked` says why.
        needs: the name in the result's values without which (or with nothing under it) there is
            nothing to show.
        unit: what the experiment counts, in the plural.
        draw: draws a result under keys that begin with the text it is given, while it grows.
    """

    def growing(result: Result | None) -> None:
        if result is None or result.finished or not len(result.values.get(needs, ())):
            return
        if draw is not None:
            draw(result, f"{page.name}-live")

    result = training_panel(page.name, job, growing, unit=unit, blocked=blocked)
    if result is None or not result.finished or not len(result.values.get(needs, ())):
        st.stop()
    return result


def answer(sentences: Iterable[str]) -> None:
    """The answer: one sentence or several, the first one first."""
    st.subheader("The answer")
    for sentence in sentences:
        st.markdown(sentence)


def versions(result: Result, more: str = "") -> None:
    """What it was run with, and what else there is to say about that."""
    made = result.values["versions"]
    st.caption(
        f"Run with Keras {made['keras']} on TensorFlow {made['tensorflow']}. {more}".rstrip()
    )
