"""The state of a page: one frozen record, edited by widgets, held by the address bar.

    page = open_page("axes", AxisState)
    toolbar(page)                                    # ui.page.toolbar: undo, redo, reset, ...
    page.select("layout", "Layout")
    epsilon = page.number("epsilon", "Epsilon")
    draw(page.state.data, page.state.layout)         # page.state is the record

The record is the truth. Widgets are views of it: a widget's change makes a new record before the
script runs again, so `page.state` is up to date from the first line of a page. Undo, reset, a
link, a file and the Back button replace the record, and the widgets follow. Nothing else is kept.

What a widget shows and returns is the record's value, except where the page narrows a field
further than its declaration (`slider(..., maximum=n)`, `select(..., options=...)`): use the value
that the widget returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, TypeVar

import streamlit as st

from ui.state import address, address_bar, fields
from ui.state.fields import FieldError
from ui.state.following import Following
from ui.state.history import History
from ui.state.number_fields import forget_draft
from ui.state.widgets import Widgets

State = TypeVar("State", covariant=True)  # NormsState is an AxisState, and so is its page
MOST_PINS = 4
RESERVED = frozenset({address.PIN, "undo", "redo", "reset", "share", "save", "file", "toolbar"})


# Values by field name. A page's script, and with it the class of its state, is made anew in every
# run, so records of two runs are never equal and never of the same class; their values are.
_Values = dict[str, Any]


@dataclass
class _Slot:
    """What a session remembers of one page."""

    history: History[_Values]
    notice: tuple[str, ...] = ()
    pins: tuple[_Values, ...] = ()
    pin: str = ""  # one of these, as it stands in the address


def open_page(
    name: str, kind: type[State], shared: type | None = None, *, pins: bool = False
) -> Page[State]:
    """The page `name` with its state: from the session, or from the address on a first visit.

    Call it once, first, in the page's script. `name` is the page's `url_path`. `shared` is a
    record that several pages extend: what a visitor changes in its fields on one of these pages
    follows to the others. `pins`: runs of this page can be pinned, and a link can hold the settings
    of one beside those of the page.
    """
    page = Page(name, kind, shared, pins=pins)
    page._follow_address()
    return page


class Page(Widgets, Generic[State]):
    """A page's record in this session, and the widgets that edit it."""

    def __init__(
        self, name: str, kind: type[State], shared: type | None = None, *, pins: bool = False
    ) -> None:
        self.name = name
        self.kind = kind
        self.specs = fields.specs(kind)
        if taken := RESERVED & self.specs.keys():
            raise ValueError(
                f"{', '.join(taken)}: the toolbar has widgets of that name; choose others"
            )
        self._following = Following(shared)
        self._takes_pins = pins

    # ---- the record -----------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The present record."""
        return self.kind(**self._slot.history.present)

    @property
    def toolbar_state(self) -> tuple[bool, bool, bool]:
        """Whether Undo, Redo and Reset have anything to do."""
        history = self._slot.history
        return history.can_undo, history.can_redo, self.state != self.kind()

    @property
    def notice(self) -> tuple[str, ...]:
        """What was ignored in the link or file that was opened; empty after the next change."""
        return self._slot.notice

    def commit(self, **changes: Any) -> None:
        """Change fields: a new record, one step for undo, and the address follows.

        For callbacks (`on_click`, a component's `on_change`), which run before the page does.
        Called in the middle of a page it should be followed by `st.rerun()`. FieldError, and
        nothing changed, where a value is not allowed.
        """
        self._put(self._slot.history.commit(self._with(changes)))

    def look(self, **changes: Any) -> None:
        """Change what is looked at (a step, a marked cell): as `commit`, but Undo passes over it.

        What was looked at when something was changed comes back with that change.
        """
        self._put(self._slot.history.amend(self._with(changes)))

    def undo(self) -> None:
        """One step back (for callbacks)."""
        self._put(self._slot.history.undo(), forget=True)

    def redo(self) -> None:
        """One step forward again (for callbacks)."""
        self._put(self._slot.history.redo(), forget=True)

    def reset(self) -> None:
        """Back to the defaults; undo brings everything back (for callbacks)."""
        self._put(self._slot.history.commit(_values(self.kind())), forget=True)
        self._following.forget()  # pages may have other defaults

    def load(self, reading: address.Reading[Any]) -> None:
        """Take a record that was read from elsewhere, and remember what was ignored in it."""
        history = self._slot.history.commit(_values(reading.record))
        self._put(history, forget=True, notice=reading.ignored)

    @property
    def pins(self) -> tuple[State, ...]:
        """The states whose runs are pinned, the newest one last; of this session."""
        return tuple(self.kind(**values) for values in self._slot.pins)

    def pin(self, *states: Any) -> None:
        """Pin these, and no others (for callbacks); no step for undo."""
        slot, pins = self._slot, tuple(map(_values, states[-MOST_PINS:]))
        self._put(slot.history, notice=slot.notice, pins=pins)

    @property
    def pin_left_out(self) -> bool:
        """Whether a run is pinned beside this one that is too long for a link."""
        state = self.state
        return not self._slot.pin and any(address.to_pin(state, pin) for pin in self.pins)

    def query(self) -> dict[str, str]:
        """The query parameters that bring this state back, and the newest pin beside it."""
        return address.with_pin(address.to_query(self.state), self._slot.pin)

    def key(self, field_name: str) -> str:
        """The widget key of a field, which its CSS class starts with (`st-key-axes-layout`).

        A number is added whenever something else than the widget changed the value (`sync`): in a
        browser test look for `[class*="st-key-axes-layout"]`. AppTest sees it as it is.
        """
        return f"{self.name}-{field_name}"

    def part(self, body: Callable[[], None]) -> Callable[[], None]:
        """A part of the page that runs alone when one of its own widgets changes (decorator).

        For parts whose widgets change nothing above or below them. The whole page runs all the
        same when a button of the toolbar has to change (Undo becomes possible).
        """
        buttons = self.toolbar_state

        @wraps(body)
        def alone() -> None:
            if self.toolbar_state != buttons:
                st.rerun()
            body()

        return st.fragment(alone)

    # ---- how it works ---------------------------------------------------------------------

    @property
    def _slot(self) -> _Slot:
        key = f"bnlab:page:{self.name}"
        if key not in st.session_state:
            st.session_state[key] = _Slot(History(_values(self.kind())))
        slot: _Slot = st.session_state[key]
        return slot

    def _with(self, changes: Mapping[str, Any]) -> _Values:
        return _values(fields.replace(self.state, changes))

    def attempt(self, changes: Mapping[str, Any], label: str = "") -> bool:
        """Change fields, or say above the page why not: a browser may send anything.

        Returns whether they were changed.
        """
        try:
            self.commit(**changes)
        except FieldError as error:
            name, _, reason = str(error).partition(": ")
            self._slot.notice = (f"{label or name}: {reason}",)
            return False
        return True

    def _put(
        self,
        history: History[_Values],
        forget: bool = False,
        notice: tuple[str, ...] = (),
        pins: tuple[_Values, ...] | None = None,
        pin: str | None = None,
    ) -> None:
        slot = self._slot
        pins = slot.pins if pins is None else pins
        record = self.kind(**history.present)
        query = address.to_query(record)
        if pin is None:
            told = (address.to_pin(record, self.kind(**each)) for each in reversed(pins))
            pin = next(filter(None, told), "")
            pin = pin if address.fits(address.with_pin(query, pin)) else ""
        self._following.note(slot.history.present, history.present)
        if forget:  # half-typed text belongs to the record that is gone
            for name in self.specs:
                forget_draft(self.key(name))
        address_bar.write(address.with_pin(query, pin))
        # Last, and in one go: where a next change is waiting, Streamlit breaks a callback off at
        # any touch of its own state, and calls it again. Half a change would be made twice.
        slot.history, slot.notice, slot.pins, slot.pin = history, notice, pins, pin

    def _with_own(self, record: Any) -> Any:
        """A record from a link, with what is this visitor's own as it was."""
        own = {name for name, spec in self.specs.items() if fields.is_own(spec)}
        return fields.replace(record, {name: getattr(self.state, name) for name in own})

    def _follow_address(self) -> None:
        """Let the address lead where a person changed it, and the record lead otherwise."""
        seen = address_bar.reported(self.name)
        if seen.leads:
            self._read_address(dict(seen.query), seen.went_back)
        elif seen.arrived and (followed := self._following.settings):
            self._put(self._slot.history.visit(self._with(followed)))
        address_bar.write(self.query())
        # Last: the next run may break this one off at any line above, and must still arrive.
        address_bar.stay(self.name)

    def _read_address(self, query: dict[str, str], went_back: bool) -> None:
        slot = self._slot
        text = query.pop(address.PIN, "") if self._takes_pins else ""
        reading = address.from_query(self.kind, query)
        record = self._with_own(reading.record)
        second = address.from_pin(record, text)
        ignored, pins = (*reading.ignored, *second.ignored), slot.pins
        if second.record is not None and second.record not in self.pins:
            pins = (*pins, _values(second.record))[-MOST_PINS:]
        # Who went back finds the address as it was: another one would be a step forward again.
        pin = (text if second.record is not None else "") if went_back else None
        if record != self.state or ignored or pins != slot.pins or pin not in (None, slot.pin):
            history = slot.history.visit(_values(record))
            self._put(history, forget=True, notice=ignored, pins=pins, pin=pin)


def _values(record: Any) -> _Values:
    return {name: getattr(record, name) for name in fields.specs(type(record))}
