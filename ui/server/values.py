"""A widget's value is of its widget's kind, or it is as if it had not been sent.

Streamlit (1.67) hands whatever value a browser sends to the widget's reader: a number for a text
field, half a JSON for a component. Some readers raise, others let it through to the page, and a
forged message ends in a traceback. This is the only place where Streamlit itself is changed;
tests/security/test_values.py shows that it is needed.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import Serialized, Value, WStates


def fits(value: WidgetState, kind: str) -> bool:
    """Whether a browser's value is of the kind that its widget has.

    >>> fits(WidgetState(string_value="1.5"), "string_value"), fits(WidgetState(), "bool_value")
    (True, True)
    >>> fits(WidgetState(int_value=1), "string_value")
    False
    >>> fits(WidgetState(json_value="{"), "json_value")
    False
    """
    sent = value.WhichOneof("value")
    if sent is None:  # cleared
        return True
    if sent != kind:
        return False
    if kind not in ("json_value", "json_trigger_value"):
        return True
    try:
        json.loads(getattr(value, kind))
    except (ValueError, RecursionError):
        return False
    return True


def check_widget_values() -> None:
    """Make every session of this process drop the values that do not fit; once is enough."""
    if getattr(WStates.__getitem__, "checks_kinds", False):
        return
    read = WStates.__getitem__

    @functools.wraps(read)
    def read_checked(states: WStates, key: str) -> Any:
        held, widget = states.states.get(key), states.widget_metadata.get(key)
        if isinstance(held, Serialized) and widget is not None:
            if not fits(held.value, widget.value_type):
                raise KeyError(key)  # which is how Streamlit says that nothing was sent
            if held.value.WhichOneof("value") is None:
                # Streamlit would forget the widget's kind here, and with it what to check next.
                states.states[key] = Value(widget.deserializer(None))
        return read(states, key)

    read_checked.checks_kinds = True  # type: ignore[attr-defined]
    WStates.__getitem__ = read_checked  # type: ignore[method-assign]
