"""Runs that are pinned: their settings are the page's (`Page.pins`), the runs the session's.

A link can bring the settings of one whose run is not here: what the server has recorded is taken,
anything else is trained when the visitor asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from bncore.training.fingerprint import digest, fingerprint
from bncore.training.jobs import Job
from ui.drawing.player import Recording
from ui.drawing.player.pinned import Pinned
from ui.state.number_fields import escape_markdown
from ui.state.page import MOST_PINS, Page
from ui.training.panel import another
from ui.training.runs import Result

_RUNS = "bnlab:pinned"

StateT = TypeVar("StateT")


@dataclass(frozen=True, eq=False)
class Pin:
    """What is pinned.

    Args:
        name: of the job's content.
        remove: takes the pin away (for callbacks).
        job: what is run; None where these settings make none.
        run: once it is here.
        refused: why it cannot be trained, in a sentence.
    """

    name: str
    remove: Callable[[], None]
    job: Job[Any] | None = None
    run: Pinned | None = None
    refused: str = ""


def beside(
    page: Page[StateT],
    own: Job[Any],
    recording: Callable[[StateT, Result[Any]], Recording],
    job: Callable[[StateT], Job[Any]],
    problem: Callable[[StateT], str],
) -> list[Pin]:
    """What is pinned beside the page's own run, each run once, the newest one last."""
    found: dict[str, Pin] = {}
    for state in page.pins:
        name, asked, refused = _asked(state, job)
        refused = refused or problem(state)
        run = None
        if asked is not None and not refused:
            run = _run(page, name, asked, partial(recording, state))
        found[name] = Pin(name, partial(_remove, page, job, name), asked, run, refused)
    for name in _runs(page).keys() - found.keys():
        del _runs(page)[name]
    return [pin for name, pin in found.items() if name != fingerprint(own)]


def offer(
    page: Page[Any],
    result: Result[Any],
    recording: Callable[[], Recording],
    job: Callable[[Any], Job[Any]],
) -> None:
    """A button that pins the page's run, and one that takes its pin away."""
    runs, own = _runs(page), fingerprint(result.job)

    def pin() -> None:
        runs[own] = Pinned.of(result.found, recording)
        page.pin(*page.pins, page.state)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pin this run",
            key=f"{page.name}-pin",
            icon=":material/keep:",
            on_click=pin,
            disabled=own in runs or len(page.pins) >= MOST_PINS,
            help=f"Up to {MOST_PINS} runs stay in the picture. Then change a setting and train "
            "again. The page's link holds the newest one beside the present run.",
        )
        if own in runs:
            st.button(
                "Remove the pin",
                key=f"{page.name}-unpin",
                on_click=partial(_remove, page, job, own),
                type="tertiary",
            )
            st.caption("Pinned. Change a setting and train: both runs are drawn together.")


def _runs(page: Page[Any]) -> dict[str, Pinned]:
    """The pinned runs that are here, by the content of their jobs."""
    runs: dict[str, Pinned] = st.session_state.setdefault(_RUNS, {}).setdefault(page.name, {})
    return runs


def _asked(state: StateT, job: Callable[[StateT], Job[Any]]) -> tuple[str, Job[Any] | None, str]:
    """A name for what is asked, the job, and why there is none."""
    try:
        asked = job(state)
    except (ValueError, TypeError) as error:
        return digest(repr(state)), None, escape_markdown(str(error))
    return fingerprint(asked), asked, ""


def _run(
    page: Page[Any], name: str, job: Job[Any], recording: Callable[[Result[Any]], Recording]
) -> Pinned | None:
    """The run of a pin, where it was made here or is recorded."""
    runs = _runs(page)
    if name not in runs:
        result, _ = another(job)
        if result is not None and result.state == "done":
            runs[name] = Pinned.of(result.found, partial(recording, result))
    return runs.get(name)


def _remove(page: Page[Any], job: Callable[[Any], Job[Any]], name: str) -> None:
    _runs(page).pop(name, None)
    page.pin(*(state for state in page.pins if _asked(state, job)[0] != name))
