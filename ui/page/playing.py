"""The player of a page's run, and up to four runs that were kept to be seen beside it.

    look = player(page, result, partial(recording, result.found))

A kept run stays with its page for the session; what differs, in its settings and in its results,
is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from ui.drawing.player.kept import Kept, ends
from ui.state.page import Page
from ui.training.runs import Result

MOST = 4
MOST_SAID = 6
_KEPT = "bnlab:kept"


@dataclass(frozen=True, eq=False)
class _Pin:
    """A run that was kept, and what it had asked for."""

    job: Job[Any]
    kept: Kept


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
    pins = [] if result.opened else _others(page, result.job)
    made = recording()
    drawn = [pin for pin in pins if not pin.kept.why_not_beside(made)]
    look = draw_player(
        lambda: made,
        result.found,
        key=f"{page.name}-player",
        looking=looking,
        on_look=on_look,
        plays=not result.opened,
        live=not result.finished,
        ask=ask if result.finished else "",
        kept=[(differing(pin.job, result.job), pin.kept) for pin in drawn],
    )
    if result.finished and not result.opened:
        _row(page, result, recording)
        for pin in pins:
            _about(page, pin, result, made, int(looking.get("feature", 0)))
    return look


def differing(kept: Job[Any], now: Job[Any]) -> str:
    """The settings of a kept run that are others now.

    >>> from bncore.experiments.moving import Moving
    >>> differing(Job(Moving(np.eye(3), keep=0.9)), Job(Moving(np.eye(3), keep=0.5, seed=1)))
    'keep 0.9, seed 0'
    """
    then, today = entries(kept.asked), entries(now.asked)
    return ", ".join(_setting(name, value) for name, value in then.items()
                     if not _same(value, today.get(name)))  # fmt: skip


def differences(
    then: Mapping[tuple[str, str], Any], now: Mapping[tuple[str, str], Any], feature: int
) -> Iterator[str]:
    """What the curves of both runs came to, where that is not the same to five digits.

    >>> list(differences({("Loss", "A"): np.array([2.0])}, {("Loss", "A"): np.array([1.0])}, 0))
    ['Loss, A: 1 now, 2 then']
    """
    for curve in now.keys() & then.keys():
        at = min(feature, len(now[curve]) - 1, len(then[curve]) - 1)
        here, there = (f"{each[curve][at]:.5g}" for each in (now, then))
        if here != there:
            yield f"{', '.join(curve)}: {here} now, {there} then"


# ---- what is kept --------------------------------------------------------------------------


def _pins(page: Page[Any]) -> dict[str, _Pin]:
    """By the content of its job; the page's own, of this session."""
    pins: dict[str, _Pin] = st.session_state.setdefault(_KEPT, {}).setdefault(page.name, {})
    return pins


def _others(page: Page[Any], job: Job[Any]) -> list[_Pin]:
    own = fingerprint(job)
    return [pin for name, pin in _pins(page).items() if name != own]


def _let_go(page: Page[Any], name: str) -> None:
    _pins(page).pop(name, None)


def _row(page: Page[Any], result: Result[Any], recording: Callable[[], Recording]) -> None:
    pins, own = _pins(page), fingerprint(result.job)

    def keep() -> None:
        pins[own] = _Pin(result.job, Kept.of(result.found, recording))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Keep this run",
            key=f"{page.name}-keep-run",
            icon=":material/keep:",
            on_click=keep,
            disabled=own in pins or len(pins) >= MOST,
            help=f"Up to {MOST} runs stay in the picture. Then change a setting and train again.",
        )
        if own in pins:
            st.button(
                "Let it go",
                key=f"{page.name}-let-go",
                on_click=partial(_let_go, page, own),
                type="tertiary",
            )
            st.caption("Kept. Change a setting and train: both will be in one picture.")


def _about(page: Page[Any], pin: _Pin, result: Result[Any], made: Recording, feature: int) -> None:
    """What differs between a kept run and this one."""
    name = fingerprint(pin.job)
    why_not = pin.kept.why_not_beside(made)
    said = sorted(differences(pin.kept.ends, ends(made), feature))
    more = [f"and {len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Kept run: {differing(pin.job, result.job)}**")
        key, let_go = f"{page.name}-let-go-{name[:12]}", partial(_let_go, page, name)
        st.button("Let it go", key=key, on_click=let_go, type="tertiary")
    if why_not:
        st.caption(f"It is not in the picture: {why_not}.")
    elif said:
        st.markdown("\n".join(f"- {line}" for line in said[:MOST_SAID] + more))
    else:
        st.caption("Every curve ends at the same number, to five digits.")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return bool(one == other)


def _setting(name: str, value: Any) -> str:
    words = name.replace("_", " ")
    if isinstance(value, np.ndarray):
        return f"other {words}"
    if isinstance(value, tuple | list):
        return f"{words} {', '.join(map(str, value))}"
    return f"{words} {value:.10g}" if isinstance(value, float) else f"{words} {value}"
