"""The player of a page's run, and up to four runs that were pinned to be seen beside it.

    look = player(page, result, partial(recording, result.found))

A pinned run stays with its page for the session; what differs, in its settings and in its results,
is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from bncore.experiments.experiment import entries
from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job
from ui.drawing.player import Look, Recording, draw_player
from ui.drawing.player.pinned import Pinned, ends
from ui.page.experiment import settle, settled
from ui.state.page import Page
from ui.training.runs import Result

MOST = 4
MOST_SAID = 6
CLOSE = 1e-3
"""Ends that differ by less, relative to their size, are called the same."""

_PINNED = "bnlab:pinned"


@dataclass(frozen=True, eq=False)
class _Pin:
    """A run that was pinned, and what it had asked for."""

    job: Job[Any]
    pinned: Pinned


def player(
    page: Page[Any],
    result: Result[Any],
    recording: Callable[[], Recording],
    *,
    looking: Mapping[str, Any] = MappingProxyType({}),
    on_look: Callable[[Mapping[str, Any]], None] = lambda chosen: None,
    ask: str = "",
) -> Look:
    """Put the page's player there; a run that goes on grows in it.

    `looking`, `on_look`, `ask`: see `draw_player`.
    """
    secret = result.opened and not settled(page, result)
    pins = [] if secret else _others(page, result.job)
    made = recording()
    drawn = [pin for pin in pins if not pin.pinned.why_not_beside(made)]
    look = draw_player(
        lambda: made,
        result.found,
        key=f"{page.name}-player",
        looking=looking,
        on_look=on_look,
        plays=not result.opened,
        secret=secret,
        live=not result.finished,
        ask=ask if result.finished else "",
        pinned=[(differing(pin.job, result.job), pin.pinned) for pin in drawn],
    )
    if look.moved:
        settle(page, result)
    if result.finished and (not result.opened or settled(page, result)):
        _row(page, result, recording)
        for pin in pins:
            _about(page, pin, result, made, int(looking.get("feature", 0)))
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


# ---- what is pinned ------------------------------------------------------------------------


def _pins(page: Page[Any]) -> dict[str, _Pin]:
    """By the content of its job; the page's own, of this session."""
    pins: dict[str, _Pin] = st.session_state.setdefault(_PINNED, {}).setdefault(page.name, {})
    return pins


def _others(page: Page[Any], job: Job[Any]) -> list[_Pin]:
    own = fingerprint(job)
    return [pin for name, pin in _pins(page).items() if name != own]


def _unpin(page: Page[Any], name: str) -> None:
    _pins(page).pop(name, None)


def _row(page: Page[Any], result: Result[Any], recording: Callable[[], Recording]) -> None:
    pins, own = _pins(page), fingerprint(result.job)

    def pin() -> None:
        pins[own] = _Pin(result.job, Pinned.of(result.found, recording))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pin this run",
            key=f"{page.name}-pin",
            icon=":material/keep:",
            on_click=pin,
            disabled=own in pins or len(pins) >= MOST,
            help=f"Up to {MOST} runs stay in the picture. Then change a setting and train again.",
        )
        if own in pins:
            st.button(
                "Remove the pin",
                key=f"{page.name}-unpin",
                on_click=partial(_unpin, page, own),
                type="tertiary",
            )
            st.caption("Pinned. Change a setting and train: both runs are drawn together.")


def _about(page: Page[Any], pin: _Pin, result: Result[Any], made: Recording, feature: int) -> None:
    """What differs between a pinned run and this one."""
    name = fingerprint(pin.job)
    why_not = pin.pinned.why_not_beside(made)
    now = ends(made)
    said = differences(pin.pinned.ends, now, feature)
    more = [f"and {len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Pinned run: {differing(pin.job, result.job)}**")
        key, unpin = f"{page.name}-unpin-{name[:12]}", partial(_unpin, page, name)
        st.button("Remove the pin", key=key, on_click=unpin, type="tertiary")
    if why_not:
        st.caption(f"It is not in the picture: {why_not}.")
    elif said:
        st.markdown("\n".join(f"- {line}" for line in said[:MOST_SAID] + more))
    elif now.keys() & pin.pinned.ends.keys():
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
