"""`draw_grid`: the one Streamlit component that draws a scene and brings back what people do.

Why state and not triggers. A Streamlit trigger keeps one value per run: of two edits that arrive
while a run is busy, the second replaces the first, and one is lost. Here the browser numbers its
events and sends, as component *state*, the list of all that Python has not acknowledged yet; so a
message that is overtaken is contained in the one that overtook it. Python handles each number
once, in order, in the callback that runs before the page's script, and returns the last number
with the picture; the browser then forgets those up to it. Nothing is lost, nothing is applied
twice, and an edit costs one run.

Text that `on_event` refuses (ValueError) is kept here and drawn back into its cell with the
reason, until it is typed again, dismissed by Escape, or the cell's value changes otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from ui.drawing.grid.edits import GridEvent, Handles, concerns, read_events, to_event
from ui.drawing.grid.panel import Panel
from ui.drawing.grid.scene import scene
from ui.drawing.palette import DARK, LIGHT, Palette
from ui.drawing.served import joined, loader

Cell = tuple[str, tuple[int, ...]]
Problems = Mapping[Cell, tuple[str, str]]
Drawn = Mapping[str, Handles]

_FOLDER = Path(__file__).parent
_PARTS = (
    "text",
    "table",
    "arithmetic",
    "lines",
    "links",
    "pointing",
    "editing",
    "dragging",
    "bracket",
    "stages",
    "main",
)


@dataclass(frozen=True)
class Stages:
    """What is shown at each step of a stepper: some of the panels, the newest last, and one cell.

    Args:
        stepper: its key; `at`: the step that it begins with.
        shown: for each step the panels' ids; `selected`: the cell that is marked.
    """

    stepper: str
    at: int
    shown: Sequence[tuple[str, ...]]
    selected: Sequence[Cell]


def draw_grid(
    panels: Sequence[Panel],
    *,
    key: str,
    on_event: Callable[[GridEvent], None] | None = None,
    errors: Problems | None = None,
    clickable: bool = False,
    selected: Cell | None = None,
    stages: Stages | None = None,
    max_cells: int = 1600,
    max_rows: int | None = None,
    height: int | Literal["stretch", "content"] = "content",
) -> None:
    """Draw `panels` side by side, wrapping, in one component.

    `on_event` is called before the page's script runs again, once per event and in order; it
    changes the page's state (see `apply_event`) in one go, and must read that state afresh, since
    several events can arrive at once; it calls no `st.rerun`, for the page runs anyway. A
    ValueError from it leaves the typed text in its cell with the error's message. `errors` adds
    such marks: {(panel id, index): (text, message)}. `clickable` sends an event for a click (or
    Enter) on a cell; `selected` marks one cell; `stages` are what is shown at each step of a
    stepper of the page.
    At most about `max_cells` cells are drawn in all, and `max_rows` rows in a table, with a note
    saying which.
    """
    record = scene(panels, max_cells, max_rows)
    box = _box(key)
    box.inbox = inbox = _current(box.inbox, panels)
    drawn = {p.id: Handles(p.shape, p.editable, p.bracket is not None) for p in panels}
    marks = [[*cell, "edit", *problem, None] for cell, problem in (errors or {}).items()]
    marks += [[r.panel, r.index, r.kind, r.text, r.message, r.axes] for r in inbox.refused]
    result = _MOUNT(
        key=key,
        data={
            **record,
            "ack": [inbox.sender, inbox.seen],
            "problems": marks,
            "clickable": clickable,
            "selected": selected,
            "stages": stages and asdict(stages),
        },
        height=height,
        on_events_change=partial(_take, key, on_event, drawn),
    )
    if _unseen(result.get("events"), inbox):
        # The state arrived without its callback (a restored session): handle it, then draw anew.
        _take(key, on_event, drawn)
        st.rerun()


@dataclass(frozen=True)
class GridProblem:
    """A text that was refused: where, what, why, and the value that stands in its place."""

    panel: str
    index: tuple[int, ...]
    kind: str
    text: str
    message: str
    axes: tuple[int, int] | None = None
    value: float | None = None

    @property
    def place(self) -> tuple[str, tuple[int, ...], str]:
        return self.panel, self.index, self.kind


@dataclass(frozen=True)
class _Inbox:
    """Up to which number a browser's events are handled, and what was refused."""

    sender: str = ""
    seen: int = 0
    refused: tuple[GridProblem, ...] = field(default=())

    def without(self, panel: str, index: tuple[int, ...] | None = None) -> _Inbox:
        """Without the problems of a cell, or of a whole panel."""
        kept = (r for r in self.refused if r.panel != panel or index not in (None, r.index))
        return replace(self, refused=tuple(kept))

    def with_problem(self, problem: GridProblem) -> _Inbox:
        others = tuple(r for r in self.refused if r.place != problem.place)
        return replace(self, refused=(*others, problem))


@dataclass
class _Box:
    """What a session holds of one grid: changed in one go, which nothing breaks off."""

    inbox: _Inbox = field(default_factory=_Inbox)


def _box(key: str) -> _Box:
    box: _Box = st.session_state.setdefault(f"{key}:inbox", _Box())
    return box


def _take(key: str, on_event: Callable[[GridEvent], None] | None, drawn: Drawn) -> None:
    """Handle the events that are new, each once.

    Where a next message is waiting, Streamlit breaks off whatever touches its state, by an
    exception of its own, and calls again: such an event counts as not handled. One at which the
    page's code fails counts as handled, or it would fail for ever.
    """
    state, box = st.session_state.get(key) or {}, _box(key)
    sent = state.get("events")
    for entry in _unseen(sent, box.inbox):
        assert sent is not None  # or nothing would be unseen
        inbox = replace(box.inbox, sender=str(sent["from"]), seen=entry[0])
        try:
            box.inbox = _handled(inbox, entry, on_event, drawn)
        except Exception:
            box.inbox = inbox
            raise


def _handled(
    inbox: _Inbox, entry: Any, on_event: Callable[[GridEvent], None] | None, drawn: Drawn
) -> _Inbox:
    event = to_event(entry)
    if entry[1] == "dismiss":
        return inbox.without(event.panel, event.index)
    if on_event is None or not concerns(event, drawn):
        return inbox
    try:
        on_event(event)
    except ValueError as error:
        if event.kind == "click":
            raise
        problem = GridProblem(
            event.panel, event.index, event.kind, event.text, str(error), event.table_axes
        )
        return inbox.with_problem(problem)
    if event.kind == "click":
        return inbox
    return inbox.without(event.panel, None if event.kind == "paste" else event.index)


def _unseen(sent: Any, inbox: _Inbox) -> list[Any]:
    if not isinstance(sent, Mapping) or "from" not in sent:
        return []
    seen = inbox.seen if str(sent["from"]) == inbox.sender else 0
    return read_events(sent.get("list"), seen)


def _current(inbox: _Inbox, panels: Sequence[Panel]) -> _Inbox:
    """The inbox without problems of cells that are gone or have got another value since."""
    values = {panel.id: panel.values for panel in panels}
    kept = []
    for problem in inbox.refused:
        array = values.get(problem.panel)
        inside = array is not None and (
            len(problem.index) == array.ndim
            and all(0 <= i < n for i, n in zip(problem.index, array.shape, strict=True))
        )
        if array is None or not inside:
            continue
        value = float(array[problem.index])
        if problem.value is None or value == problem.value or math.isnan(value):
            kept.append(replace(problem, value=value))
    return replace(inbox, refused=tuple(kept))


def _colors(selector: str, colors: Palette) -> str:
    series = "".join(f"--g{i}:{color};" for i, color in enumerate(colors.series))
    return f"{selector}{{{series}--muted:{colors.muted};--accent:{colors.accent};}}\n"


def _style() -> str:
    sheet = (_FOLDER / "parts" / "grid.css").read_text(encoding="utf-8")
    return _colors(".grid,.lines,.said,.tip", LIGHT) + _colors(".dark", DARK) + sheet


MODULE = joined("grid", _FOLDER / "parts", _PARTS, _style())
_MOUNT = st.components.v2.component(
    "batch_norm_lab_grid",
    html='<div class="grid"></div>\n<p class="said" role="status"></p>\n'
    '<svg class="lines" aria-hidden="true"></svg>\n'
    '<div class="tip" popover="manual" aria-hidden="true"></div>',
    js=loader(MODULE.address),
)
