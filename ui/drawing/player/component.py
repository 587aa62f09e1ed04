"""`draw_player`: a recording on a page, which the browser fetches once and then plays by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from ui.drawing.chosen import taken
from ui.drawing.palette import DARK, LIGHT, Palette
from ui.drawing.player.pieces import sent
from ui.drawing.player.pinned import Pinned
from ui.drawing.player.recording import Recording, described
from ui.drawing.served import loader, root

CODE = "bnlab/player"
"""Where the browser's side is served from; its content is a part of the address."""

RECORDS = "bnlab/record"
FOLDER = Path(__file__).parent / "parts"


@dataclass(frozen=True)
class Look:
    """What a visitor has done with a player.

    Args:
        asked: the step that the server was asked about last, None before.
        moved: whether a player with a secret has been moved from its first step.
    """

    asked: int | None
    moved: bool


def draw_player(
    recording: Recording,
    found: object,
    *,
    key: str,
    looking: Mapping[str, Any] = MappingProxyType({}),
    on_look: Callable[[Mapping[str, Any]], None] = lambda chosen: None,
    plays: bool = True,
    secret: bool = False,
    live: bool = False,
    ask: str = "",
    clock: str = "",
    pinned: Sequence[tuple[str, Pinned]] = (),
) -> Look:
    """Put a player on the page; what the visitor has done with it.

    Args:
        recording: what it plays, made of `found`.
        found: the record of the run, so far or whole; only what is new of it is sent.
        looking: {"feature": which is drawn, "log": whether the axes are logarithmic}; without
            "log" there is no such choice.
        on_look: takes what the visitor chose instead, before the page runs again.
        plays: whether it plays once by itself; otherwise it stands at its first step.
        secret: whether nobody may see yet what comes after that; it tells when it was moved.
        live: whether the run goes on; the player stays at the end of what there is.
        ask: the label of a button that asks the server about the step that is looked at.
        clock: players of one name stand at the same step and play together.
        pinned: runs that are drawn beside it, each with what is said of it.
    """
    told = f"bnlab:player:{key}"
    pieces = sent(st.session_state.get(told), found, key, recording, live=live)
    st.session_state[told] = pieces
    address, *more = (f"{root()}/{RECORDS}/{name}" for name in pieces.names)

    held = _MOUNT(
        key=key,
        data={
            **described(recording),
            "src": address,
            "more": more,
            "live": live,
            "looking": dict(looking),
            "plays": plays,
            "secret": secret,
            "ask": ask,
            "clock": clock,
            "pinned": [each.told(label, key, f"{root()}/{RECORDS}") for label, each in pinned],
            "palettes": {"light": _colors(LIGHT), "dark": _colors(DARK)},
        },
        on_looking_change=taken(key, on_look),
        on_asked_change=_nothing,
        on_moved_change=_nothing,
    )
    return Look(_step(held.get("asked"), address, recording), held.get("moved") == address)


def _step(asked: object, address: str, recording: Recording) -> int | None:
    """The step of this recording that was asked about; a browser may send anything."""
    if not isinstance(asked, Mapping) or asked.get("of") != address:
        return None
    step = asked.get("step")
    return step if isinstance(step, int) and step in recording.steps else None


def _nothing() -> None:
    """A new run of the page is all that is asked for."""


@cache
def version() -> str:
    """A name for the content of the browser's side."""
    files = sorted(FOLDER.iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _colors(palette: Palette) -> dict[str, Any]:
    return {
        "series": palette.series,
        "muted": palette.muted,
        "line": palette.grid,
        "alarm": palette.alarm,
        "background": palette.background,
    }


_MOUNT = st.components.v2.component(
    "batch_norm_lab_player",
    html='<div class="player"></div>',
    css=(FOLDER / "player.css").read_text(encoding="utf-8"),
    js=loader(f"{root()}/{CODE}/{version()}/main.js"),
)
