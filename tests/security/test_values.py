"""A value of another kind than its widget's is as if it had not been sent."""

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import WStates

from ui.server.values import check_widget_values


@pytest.fixture
def states(monkeypatch):
    """The widgets of a session: one text field, read as Streamlit itself reads it."""
    original = getattr(WStates.__getitem__, "__wrapped__", WStates.__getitem__)
    monkeypatch.setattr(WStates, "__getitem__", original)
    found = WStates()
    found.set_widget_metadata(
        WidgetMetadata("text", lambda value: value or "", lambda value: value, "string_value")
    )
    return found


def send(states, **value):
    states.set_widget_from_proto(WidgetState(id="text", **value))


def test_streamlit_itself_takes_a_number_for_a_text(states):
    """Where this fails, ui/server/values.py has become unnecessary."""
    send(states, int_value=3)
    assert states["text"] == 3


def test_what_does_not_fit_is_as_if_it_had_not_been_sent(states):
    check_widget_values()
    for forged in ({"int_value": 3}, {"json_value": "{"}, {"bytes_value": b"1"}):
        send(states, **forged)
        assert states.get("text") is None


def test_what_fits_and_what_is_cleared_arrives(states):
    check_widget_values()
    check_widget_values()  # a second time changes nothing
    send(states, string_value="1,5")
    assert states["text"] == "1,5"
    send(states)
    assert states["text"] == ""
    send(states, int_value=3)  # the field is still known as one for texts
    assert states.get("text") is None
