"""draw_grid: every event once and in order, refused text kept, colours readable."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.drawing.grid import component
from ui.drawing.palette import DARK, LIGHT, Palette, contrast, rgb


def page() -> None:
    import numpy as np
    import streamlit as st

    from ui.drawing.grid import Panel, apply_event, draw_grid

    st.session_state.setdefault("x", np.array([[1.0, 2], [3, 4]]))
    st.session_state.setdefault("log", [])

    def changed(event):
        st.session_state.log.append((event.kind, event.index, event.text))
        st.session_state.x = apply_event(st.session_state.x, event)

    if st.button("double"):
        st.session_state.x = st.session_state.x * 2
    x = st.session_state.x
    draw_grid(
        [
            Panel("x", "Input", x, groups=[[0, 1]], editable=True),
            Panel("mean", "Mean", x.mean(axis=0), groups=[0, 1], role="statistic"),
        ],
        key="grid",
        on_event=changed,
    )


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page, default_timeout=300).run()


def send(app: AppTest, *events: list[Any], sender: str = "tab") -> AppTest:
    app.session_state["grid"] = {"events": {"from": sender, "list": list(events)}}
    app.run()
    assert not app.exception
    return app


def drawn(app: AppTest) -> dict[str, Any]:
    return json.loads(app.get("bidi_component")[0].proto.json)


def edit(number: int, index: list[int], text: str) -> list[Any]:
    return [number, "edit", "x", index, text, [0, 1]]


def test_an_edit_is_drawn_in_all_panels_and_acknowledged(app):
    picture = drawn(send(app, edit(1, [0, 0], "5")))
    assert [panel["values"] for panel in picture["panels"]] == [[5, 2, 3, 4], [4, 3]]
    assert picture["ack"] == ["tab", 1]


def test_a_list_that_grows_is_applied_once(app):
    send(app, edit(1, [0, 0], "5"))
    send(app, edit(1, [0, 0], "5"), edit(2, [0, 1], "6"))
    send(app, edit(3, [1, 1], "7"), edit(2, [0, 1], "6"))
    assert [event[2] for event in app.session_state.log] == ["5", "6", "7"]
    assert drawn(app)["ack"] == ["tab", 3]


def interrupted() -> None:
    from types import SimpleNamespace

    import numpy as np
    import streamlit as st
    from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

    from ui.drawing.grid import Panel, draw_grid

    taken = st.session_state.setdefault("taken", SimpleNamespace(tries=[], texts=[]))

    def changed(event):
        taken.tries.append(event.text)
        if taken.tries.count("6") == 1 and event.text == "6":
            raise RerunException(RerunData())  # what Streamlit does where a next run is waiting
        if event.text == "broken":
            raise RuntimeError("the page's own mistake")
        taken.texts.append(event.text)

    draw_grid([Panel("x", "Input", np.eye(2), editable=True)], key="grid", on_event=changed)


def test_an_event_that_streamlit_broke_off_is_handled_after_all():
    app = AppTest.from_function(interrupted, default_timeout=300).run()
    send(app, edit(1, [0, 0], "5"), edit(2, [0, 1], "6"), edit(3, [1, 1], "7"))
    assert app.session_state.taken.texts == ["5", "6", "7"]
    assert app.session_state.taken.tries == ["5", "6", "6", "7"]


def test_an_event_at_which_the_page_fails_is_not_tried_again():
    app = AppTest.from_function(interrupted, default_timeout=300).run()
    app.session_state["grid"] = {"events": {"from": "tab", "list": [edit(1, [0, 0], "broken")]}}
    app.run()
    send(app, edit(1, [0, 0], "broken"), edit(2, [0, 1], "8"))
    assert app.session_state.taken.tries == ["broken", "8"]


def test_another_browser_starts_to_count_anew(app):
    send(app, edit(4, [0, 0], "5"))
    send(app, edit(1, [0, 1], "6"), sender="other")
    assert [event[2] for event in app.session_state.log] == ["5", "6"]
    assert drawn(app)["ack"] == ["other", 1]


def test_refused_text_comes_back_with_its_reason_until_it_is_typed_again(app):
    picture = drawn(send(app, edit(1, [0, 0], "1,234"), edit(2, [1, 1], "9")))
    panel, index, kind, text, message, _ = picture["problems"][0]
    assert (panel, index, kind, text) == ("x", [0, 0], "edit", "1,234")
    assert "1.234 or as 1234" in message
    assert picture["panels"][0]["values"] == [1, 2, 3, 9]
    app.run()
    assert len(drawn(app)["problems"]) == 1
    assert drawn(send(app, edit(3, [0, 0], "1234")))["problems"] == []


def test_escape_dismisses_a_refused_text(app):
    send(app, edit(1, [0, 0], "abc"))
    picture = drawn(send(app, [2, "dismiss", "x", [0, 0], "", None]))
    assert picture["problems"] == []
    assert [event[0] for event in app.session_state.log] == ["edit"]


def test_a_refused_text_goes_when_its_cell_changes_otherwise(app):
    send(app, edit(1, [0, 0], "abc"))
    app.button[0].click().run()
    assert drawn(app)["problems"] == []


def test_a_refused_text_goes_with_its_cell(app):
    send(app, edit(1, [1, 1], "abc"))
    app.session_state.x = np.array([[1.0, 2]])
    app.run()
    assert drawn(app)["problems"] == []


def test_a_good_paste_clears_its_panel(app):
    send(app, edit(1, [1, 1], "abc"))
    picture = drawn(send(app, [2, "paste", "x", [0, 0], "7\t8", [0, 1]]))
    assert picture["problems"] == []
    assert picture["panels"][0]["values"] == [7, 8, 3, 4]


def test_a_refused_paste_keeps_all_of_its_text(app):
    picture = drawn(send(app, [1, "paste", "x", [1, 1], "7\t8", [0, 1]]))
    assert picture["problems"][0][2:4] == ["paste", "7\t8"]


@pytest.mark.parametrize("events", ["text", [1], {"from": "tab"}, {"list": [[1]]}, None])
def test_a_malformed_state_changes_nothing(app, events):
    app.session_state["grid"] = {"events": events}
    app.run()
    assert not app.exception
    assert app.session_state.log == []


def mixed(color: str, share: float, background: str) -> str:
    """What `color-mix(in srgb, color share, background)` paints."""
    channels = (
        round(a * share + b * (1 - share)) for a, b in zip(rgb(color), rgb(background), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in channels)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("share", [0, 0.20, 0.32])
def test_text_is_readable_on_every_colour(colors: Palette, share: float):
    css = component._style()
    assert not share or f"{share:.0%}" in css  # the shares that the style sheet uses
    for color in colors.series:
        assert contrast(colors.text, mixed(color, share, colors.background)) >= 4.5
    assert contrast(colors.muted, colors.background) >= 4.5


def test_the_browser_writes_no_markup_and_reads_plain_numbers_only():
    """What a typed text means, Python says; the browser works ahead with what it cannot mistake."""
    parts = {path.name: path.read_text() for path in (component._FOLDER / "parts").glob("*.js")}
    assert len(parts) == len(component._PARTS)
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|parseFloat|\bNumber\(|\beval\("
    assert re.search(forbidden, "node.innerHTML = text; Number(text)")
    found = [(name, use) for name, part in parts.items() for use in re.findall(forbidden, part)]
    assert found == [("editing.js", "Number(")]
