"""What a visitor can change on the page that is open, as the message that a browser would send."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.load.visitor import Element, Visitor

NOT_TOUCHED = ("Link", "Save")


@dataclass(frozen=True)
class Change:
    """One change: which kind of widget, its message, and the fragment that answers."""

    kind: str
    state: WidgetState
    fragment: str


def a_change(visitor: Visitor, chance: random.Random) -> Change | None:
    """Some change that is possible now: first a kind of widget, then one of them, then a value."""
    by_kind: dict[str, list[Element]] = {}
    for element in visitor.elements.values():
        if element.kind in _STATES and not getattr(element.proto, "disabled", False):
            by_kind.setdefault(element.kind, []).append(element)
    kinds = sorted(by_kind)
    chance.shuffle(kinds)
    for kind in kinds:
        element = chance.choice(by_kind[kind])
        state = _STATES[kind](element.proto, chance)
        if state is not None:
            return Change(kind, state, element.fragment)
    return None


def every_kind(visitor: Visitor, chance: random.Random) -> Iterator[Change]:
    """One change for each kind of widget on the page."""
    for kind in sorted(_STATES):
        found = list(visitor.found(kind))
        for element in found:
            state = _STATES[kind](element.proto, chance)
            if state is not None:
                yield Change(kind, state, element.fragment)
                break


def _slider(proto: Any, chance: random.Random) -> WidgetState | None:
    steps = round((proto.max - proto.min) / proto.step) if proto.step else 0
    if steps < 1:
        return None
    state = WidgetState(id=proto.id)
    state.double_array_value.data.append(proto.min + proto.step * chance.randint(0, steps))
    return state


def _radio(proto: Any, chance: random.Random) -> WidgetState:
    return WidgetState(id=proto.id, string_value=chance.choice(list(proto.options)))


def _buttons(proto: Any, chance: random.Random) -> WidgetState:
    names = [option.content for option in proto.options]
    chosen = [names[i] for i in proto.default] or names[:1]
    if proto.click_mode == proto.SINGLE_SELECT:
        now = [chance.choice(names)]
    else:
        one = chance.choice(names)
        now = [n for n in names if (n in chosen) != (n == one)] or chosen
    state = WidgetState(id=proto.id)
    state.string_array_value.data.extend(now)
    return state


def _checkbox(proto: Any, chance: random.Random) -> WidgetState:
    return WidgetState(id=proto.id, bool_value=chance.random() < 0.5)


def _number(proto: Any, chance: random.Random) -> WidgetState | None:
    """A number that was typed: a little more or less than the one that stands there."""
    try:
        value = float(proto.default)
    except ValueError:
        return None
    whole = value.is_integer() and "." not in proto.default
    near = max(1, int(value) + chance.randint(-2, 2)) if whole else value * chance.uniform(0.9, 1)
    return WidgetState(id=proto.id, string_value=f"{near:.6g}")


def _grid(proto: Any, chance: random.Random) -> WidgetState | None:
    """A cell that was edited, as ui/drawing/grid/parts/editing.js sends it."""
    data = json.loads(proto.json or proto.mixed.json)
    panels = [panel for panel in data.get("panels", ()) if panel.get("editable")]
    if not panels:
        return None
    panel = panels[0]
    index = [chance.randrange(size) for size in panel["shape"]]
    sender, seen = data["ack"]
    event = [int(seen) + 1, "edit", panel["id"], index, str(chance.randint(1, 99)), panel["table"]]
    events = {"from": sender or f"{chance.random()}", "list": [event]}
    return WidgetState(id=proto.id, json_value=json.dumps({"events": events}))


_STATES: dict[str, Callable[[Any, random.Random], WidgetState | None]] = {
    "slider": _slider,
    "radio": _radio,
    "button_group": _buttons,
    "checkbox": _checkbox,
    "text_input": _number,
    "bidi_component": _grid,
}
