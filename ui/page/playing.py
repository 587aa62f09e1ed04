"""The player of a page's run, and up to four runs that were pinned to be seen beside it.

    look = player(page, result, lambda state, result: recording(state, result.found), job)

A pinned run stays with its page for the session (`Page.pins`), and a link can hold the settings of
one; what differs, in its settings and in its results, is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from bncore.experiments.experiment import entries
from bncore.training.jobs import Job
from ui.drawing.player import Look, Recording, draw_player
from ui.drawing.player.pinned import ends
from ui.page import pins
from ui.page.experiment import settle, settled
from ui.page.pins import Pin
from ui.state.page import Page
from ui.training.panel import another
from ui.training.runs import Result

MOST_SAID = 6
CLOSE = 1e-3
"""Ends that differ by less, relative to their size, are called the same."""

StateT = TypeVar("StateT")


def player(
    page: Page[StateT],
    result: Result[Any],
    recording: Callable[[StateT, Result[Any]], Recording],
    job: Callable[[StateT], Job[Any]],
    *,
    problem: Callable[[StateT], str] = lambda state: "",
    looking: Mapping[str, Any] = MappingProxyType({}),
    on_look: Callable[[Mapping[str, Any]], None] = lambda chosen: None,
    ask: str = "",
) -> Look:
    """Put the page's player there; a run that goes on grows in it.

    Args:
        recording: what is played of a result with these settings.
        job, problem: the run of some settings, and why they cannot be trained: a link may bring
            those of a second run.
        looking, on_look, ask: see `draw_player`.
    """
    secret = result.opened and not settled(page, result)
    own = partial(recording, page.state, result)
    others = [] if secret else pins.beside(page, result.job, recording, job, problem)
    made = own()
    look = draw_player(
        made,
        result.found,
        key=f"{page.name}-player",
        looking=looking,
        on_look=on_look,
        plays=not result.opened,
        secret=secret,
        live=not result.finished,
        ask=ask if result.finished else "",
        pinned=[
            (differing(pin.job, result.job), pin.run)
            for pin in others
            if pin.job and pin.run and not pin.run.why_not_beside(made)
        ],
    )
    if look.moved:
        settle(page, result)
        if secret and page.pins:
            st.rerun()  # now they are drawn, too
    if result.finished and (not result.opened or settled(page, result)):
        pins.offer(page, result, own, job)
        for pin in others:
            _about(page, pin, result.job, made, int(looking.get("feature", 0)))
    return look


def differing(pinned: Job[Any], now: Job[Any]) -> str:
    """The settings of a pinned run that are others now.

    >>> from bncore.experiments.moving import Moving
    >>> differing(Job(Moving(np.eye(3), keep=0.9)), Job(Moving(np.eye(3), keep=0.5, seed=1)))
    'keep 0.9, seed 0'
    """
    then, today = entries(pinned.asked), entries(now.asked)
    differ = {name: value for name, value in then.items() if not _same(value, today.get(name))}
    said = [_setting(name, value) for name, value in differ.items() if not _is_data(value)]
    return ", ".join(["other data"] * any(map(_is_data, differ.values())) + said)


def differences(
    then: Mapping[tuple[str, str], Any], now: Mapping[tuple[str, str], Any], feature: int
) -> list[str]:
    """What the curves that both runs have came to, where that differs by more than a thousandth.

    >>> differences({("Loss", "A"): np.array([2.0])}, {("Loss", "A"): np.array([1.0])}, 0)
    ['Loss, A: 1 now, 2 then']
    """
    said = []
    for curve in sorted(now.keys() & then.keys()):
        at = min(feature, len(now[curve]) - 1, len(then[curve]) - 1)
        here, there = float(now[curve][at]), float(then[curve][at])
        if not np.isclose(here, there, rtol=CLOSE, atol=0, equal_nan=True):
            said.append(f"{', '.join(curve)}: {here:.5g} now, {there:.5g} then")
    return said


def _about(page: Page[Any], pin: Pin, own: Job[Any], made: Recording, feature: int) -> None:
    """What differs between a pinned run and this one; or how to train it, where it is not here."""
    with st.container(horizontal=True, vertical_alignment="center"):
        differs = f": {differing(pin.job, own)}" if pin.job else ""
        st.markdown(f"**Pinned run{differs}**")
        start = _missing(page, pin) if pin.run is None else None
        st.button(
            "Remove the pin",
            key=f"{page.name}-unpin-{pin.name[:12]}",
            on_click=pin.remove,
            type="tertiary",
        )
    if pin.run is None:
        st.caption(start)
    elif why_not := pin.run.why_not_beside(made):
        st.caption(f"It is not in the picture: {why_not}.")
    else:
        _compared(pin.run.ends, ends(made), feature)


def _missing(page: Page[Any], pin: Pin) -> str:
    """A button that trains a pinned run which is not here; what there is to say of it."""
    if pin.job is None or pin.refused:
        return f"It cannot be trained: {pin.refused}"
    result, start = another(pin.job)
    going_on = result is not None and not result.finished
    st.button(
        "Train the pinned run",
        key=f"{page.name}-pinned-run-{pin.name[:12]}",
        icon=":material/play_arrow:",
        on_click=start,
        disabled=start is None,
    )
    if going_on:
        return "It is being trained; then both runs are drawn together."
    if result is not None:
        return f"It ended without a whole result. {result.message}".rstrip()
    return "The link brought its settings. Train it, and both runs are drawn together."


def _compared(then: Mapping[Any, Any], now: Mapping[Any, Any], feature: int) -> None:
    said = differences(then, now, feature)
    more = [f"and {len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []
    if said:
        st.markdown("\n".join(f"- {line}" for line in said[:MOST_SAID] + more))
    elif now.keys() & then.keys():
        st.caption("Every curve that both runs have ends at the same number, to a thousandth.")
    else:
        st.caption("No curve is in both runs, so their ends are not compared.")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)


def _is_data(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _setting(name: str, value: Any) -> str:
    words = name.replace("_", " ")
    if isinstance(value, tuple | list):
        return f"{words} {', '.join(map(str, value))}"
    return f"{words} {value:.10g}" if isinstance(value, float) else f"{words} {value}"
