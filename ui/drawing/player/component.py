"""`draw_player`: a recording on a page, which the browser fetches once and then plays by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from ui.drawing.palette import DARK, LIGHT, Palette
from ui.drawing.player import shelf
from ui.drawing.player.recording import Recording, described, encoded
from ui.drawing.served import loader, root

CODE = "bnlab/player"
"""Where the browser's side is served from; its content is a part of the address."""

RECORDS = "bnlab/record"
FOLDER = Path(__file__).parent / "parts"


def draw_player(
    recording: Callable[[], Recording],
    found: object,
    *,
    key: str,
    looking: Mapping[str, Any],
    on_look: Callable[[Mapping[str, Any]], None],
    plays: bool = True,
    ask: str = "",
) -> int | None:
    """Put a player on the page. The step that the visitor asked about last, None before.

    Args:
        recording: what it plays, made of `found`.
        found: the record of the run; its bytes are made once while it lives.
        looking: {"feature": which is drawn, "log": whether the axes are logarithmic}.
        on_look: takes what the visitor chose instead, before the page runs again.
        plays: whether it plays once by itself; otherwise it stands at its first step.
        ask: the label of a button that asks the server about the step that is looked at.
    """
    made = recording()
    address = f"{root()}/{RECORDS}/{shelf.put(found, lambda: encoded(made))}"

    def take() -> None:
        chosen = (st.session_state.get(key) or {}).get("looking")
        if isinstance(chosen, Mapping):
            on_look(chosen)

    held = _MOUNT(
        key=key,
        data={
            **described(made),
            "src": address,
            "looking": dict(looking),
            "plays": plays,
            "ask": ask,
            "palettes": {"light": _colors(LIGHT), "dark": _colors(DARK)},
        },
        on_looking_change=take,
        on_asked_change=_nothing,
    )
    return _step(held.get("asked"), address, made)


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
        "background": palette.background,
    }


_MOUNT = st.components.v2.component(
    "batch_norm_lab_player",
    html='<div class="player"></div>',
    css=(FOLDER / "player.css").read_text(encoding="utf-8"),
    js=loader(f"{root()}/{CODE}/{version()}/main.js"),
)
