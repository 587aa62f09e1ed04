"""A page's state through Streamlit: widgets, address, undo, reset, page switches, bad input."""

import json
import textwrap
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.runtime.state.query_params_proxy import QueryParamsProxy
from streamlit.testing.v1 import AppTest

from ui.state import fields
from ui.state.page import MOST_PINS, Page


def script() -> None:
    """The page under test; AppTest runs this function's source."""
    from dataclasses import dataclass

    import streamlit as st

    from ui.page.toolbar import toolbar
    from ui.state import fields
    from ui.state.page import open_page

    @dataclass(frozen=True)
    class Probe:
        data: object = fields.array([[1, 2], [3, 4]])
        layout: str = fields.choice("NHWC", ("NHWC", "NCHW"))
        norm: str = fields.choice("batch", ("batch", "layer"))
        shown: tuple = fields.choices(("a",), ("a", "b", "c"), at_least=1)
        epsilon: float = fields.number(0.001, 0, 1)
        batch: int | None = fields.integer(None, 1, 99, optional=True)
        feature: int = fields.integer(0, 0, 9)
        log: bool = fields.flag(False)

    page = open_page("probe", Probe)
    toolbar(page)
    page.select("layout", "Layout", labels={"NHWC": "channels last"})
    page.radio("norm", "Norm")
    page.pills("shown", "Shown")
    page.number("epsilon", "Epsilon")
    page.number("batch", "Batch size")
    page.slider("feature", "Feature", maximum=5)
    page.toggle("log", "Log")
    page.button("Two rows", {"data": [[5, 6], [7, 8]]})
    page.button("Broken", {"epsilon": 7})
    st.json({"layout": page.state.layout, "epsilon": page.state.epsilon, "query": page.query()})


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script, default_timeout=300).run()


def opened_by(**query: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=300)
    app.query_params.update(query)
    return app.run()


def record(app: AppTest) -> SimpleNamespace:
    return SimpleNamespace(**app.session_state["bnlab:page:probe"].history.present)


def query(app: AppTest) -> dict[str, str]:
    return {name: v if isinstance(v, str) else v[-1] for name, v in app.query_params.items()}


def test_defaults_have_a_clean_address_and_nothing_to_undo(app):
    assert not app.exception
    assert query(app) == {}
    assert [app.button(key=f"probe-{name}").disabled for name in ("undo", "redo", "reset")] == [
        True
    ] * 3


def test_every_widget_changes_the_record_and_the_address(app):
    app.selectbox(key="probe-layout").set_value("NCHW").run()
    app.radio(key="probe-norm").set_value("layer").run()
    app.text_input(key="probe-epsilon").set_value("0,25").run()
    app.text_input(key="probe-batch").set_value("16").run()
    app.slider(key="probe-feature").set_value(4).run()
    app.toggle(key="probe-log").set_value(True).run()
    assert not app.exception
    assert query(app) == {
        "layout": "NCHW", "norm": "layer", "epsilon": "0.25", "batch": "16", "feature": "4",
        "log": "1",
    }  # fmt: skip
    assert app.text_input(key="probe-epsilon").value == "0,25"  # as typed, while it means the same
    app.button(key="probe-reset").click().run()
    app.button(key="probe-undo").click().run()
    assert app.text_input(key="probe-epsilon").value == "0.25"


def test_a_link_restores_every_widget(app):
    app.button(key="probe-button-Two rows").click().run()
    app.toggle(key="probe-log").set_value(True).run()
    elsewhere = opened_by(**query(app))
    assert record(elsewhere).data.array.tolist() == [[5, 6], [7, 8]]
    assert elsewhere.toggle(key="probe-log").value is True
    assert query(elsewhere) == query(app)
    assert not elsewhere.warning


def test_undo_redo_and_reset_move_record_widget_and_address_together(app):
    app.slider(key="probe-feature").set_value(2).run()
    app.slider(key="probe-feature").set_value(3).run()
    app.button(key="probe-undo").click().run()
    assert (app.slider(key="probe-feature").value, query(app)) == (2, {"feature": "2"})
    app.button(key="probe-redo").click().run()
    assert (app.slider(key="probe-feature").value, query(app)) == (3, {"feature": "3"})
    app.button(key="probe-reset").click().run()
    assert (app.slider(key="probe-feature").value, query(app)) == (0, {})
    app.button(key="probe-undo").click().run()
    assert app.slider(key="probe-feature").value == 3


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("1,234", "can be read as"), ("7", "not between 0 and 1"), ("abc", "not a number")],
)
def test_bad_text_stays_with_its_reason_and_changes_nothing(app, typed, reason):
    app.text_input(key="probe-epsilon").set_value("0.5").run()
    app.text_input(key="probe-epsilon").set_value(typed).run()
    app.toggle(key="probe-log").set_value(True).run()  # another rerun keeps the text as well
    assert app.text_input(key="probe-epsilon").value == typed
    assert any(reason in m.value for m in app.markdown)
    assert record(app).epsilon == 0.5
    app.text_input(key="probe-epsilon").set_value("0,5").run()
    assert not app.markdown


def test_undo_forgets_bad_text(app):
    app.text_input(key="probe-epsilon").set_value("0.5").run()
    app.text_input(key="probe-epsilon").set_value("x").run()
    app.button(key="probe-undo").click().run()
    assert app.text_input(key="probe-epsilon").value == "0.001"


def test_an_empty_optional_number_means_none(app):
    app.text_input(key="probe-batch").set_value("8").run()
    app.text_input(key="probe-batch").set_value(" ").run()
    assert record(app).batch is None
    app.text_input(key="probe-batch").set_value("2.5").run()
    assert any("whole number" in m.value for m in app.markdown)


def test_a_damaged_link_says_what_it_ignored_and_keeps_the_rest():
    app = opened_by(layout="NWHC", epsilon="0.25", data="broken", colour="red", utm_source="mail")
    assert not app.exception
    [warning] = app.warning
    for part in ("layout", "NHWC, NCHW", "data", "damaged", "colour"):
        assert part in warning.value
    assert "utm" not in warning.value
    assert (record(app).layout, record(app).epsilon) == ("NHWC", 0.25)
    assert query(app) == {"epsilon": "0.25"}
    app.toggle(key="probe-log").set_value(True).run()
    assert not app.warning


def test_a_link_cannot_put_markdown_on_the_page():
    app = opened_by(layout="[click](http://evil) <b>")
    assert "[click]" not in app.warning[0].value
    assert "<b>" not in app.warning[0].value


def test_a_value_beyond_a_narrowed_slider_is_shown_at_its_end():
    app = opened_by(feature="9")
    assert not app.exception
    assert app.slider(key="probe-feature").value == 5


def test_a_refused_change_is_said_and_not_made(app):
    app.button(key="probe-button-Broken").click().run()
    assert "not between 0 and 1" in app.warning[0].value
    assert record(app).epsilon == 0.001


@pytest.mark.parametrize("runs_broken_off", [1, 2, 3, 4])
def test_a_run_that_is_broken_off_does_not_lose_the_address(monkeypatch, runs_broken_off):
    """Streamlit may end a run for the next one wherever a page touches its session."""
    read = QueryParamsProxy.to_dict
    breaks = iter([True] * runs_broken_off)
    monkeypatch.setattr(
        QueryParamsProxy, "to_dict", lambda p: st.stop() if next(breaks, False) else read(p)
    )
    app = opened_by(feature="4")
    for _ in range(runs_broken_off):
        app.run()
    assert record(app).feature == 4
    assert query(app) == {"feature": "4"}


def test_an_address_of_a_moment_ago_undoes_nothing(app):
    app.slider(key="probe-feature").set_value(2).run()
    app.query_params.clear()  # the browser had not yet taken over the new address
    app.slider(key="probe-feature").set_value(3).run()
    assert query(app) == {"feature": "3"}
    app.query_params.clear()
    app.query_params["feature"] = "2"
    app.run()
    assert record(app).feature == 3


def test_a_page_keeps_its_state_while_another_is_open(tmp_path):
    source = textwrap.dedent(
        """
        from dataclasses import dataclass
        import streamlit as st
        from ui.state import fields
        from ui.state.page import open_page

        @dataclass(frozen=True)
        class Small:
            n: int = fields.integer(0, 0, 9)
            x: float = fields.number(0.5)

        def draw(name):
            page = open_page(name, Small)
            page.slider("n", "N")
            page.number("x", "X")

        def first(): draw("first")
        def second(): draw("second")

        choice = st.radio("page", ["first", "second"])
        draw(choice)
        """
    )
    app = AppTest.from_string(source, default_timeout=300).run()
    app.slider(key="first-n").set_value(4).run()
    app.text_input(key="first-x").set_value("1,234").run()
    app.query_params.clear()  # what navigation does
    app.radio[0].set_value("second").run()
    assert query(app) == {}
    app.slider(key="second-n").set_value(7).run()
    app.query_params.clear()
    app.radio[0].set_value("first").run()
    assert app.slider(key="first-n").value == 4
    assert app.text_input(key="first-x").value == "1,234"  # half-typed text waits, too
    assert query(app) == {"n": "4"}


def test_a_prediction_stays_with_its_visitor():
    source = textwrap.dedent(
        """
        from dataclasses import dataclass
        import streamlit as st
        from ui.state import fields
        from ui.state.page import open_page

        @dataclass(frozen=True)
        class Small:
            n: int = fields.integer(0, 0, 9)
            guess: str = fields.prediction({"unsure": "none", "more": "more", "less": "less"})

        page = open_page("probe", Small)
        page.radio("guess", "Predict")
        page.slider("n", "N")
        st.text(page.state.guess)
        """
    )
    app = AppTest.from_string(source, default_timeout=300)
    app.query_params.update({"n": "3", "guess": "less"})  # what somebody else had chosen
    app.run()
    assert app.text[0].value == "unsure"
    assert not app.session_state["bnlab:page:probe"].notice
    app.radio(key="probe-guess").set_value("more").run()
    assert query(app) == {"n": "3"}
    app.session_state["bnlab:current-page"] = "another"  # a link is followed from there
    app.query_params["n"] = "5"
    app.run()
    assert app.slider(key="probe-n").value == 5
    assert app.text[0].value == "more"


def test_a_link_is_followed_again_after_a_page_without_a_state():
    source = textwrap.dedent(
        """
        from dataclasses import dataclass
        import streamlit as st
        from ui.state import fields
        from ui.state.address_bar import leave_all_but
        from ui.state.page import open_page

        @dataclass(frozen=True)
        class Small:
            n: int = fields.integer(0, 0, 9)

        name = st.radio("page", ["home", "first"])
        leave_all_but(name)
        if name == "first":
            open_page("first", Small).slider("n", "N")
        """
    )
    app = AppTest.from_string(source, default_timeout=300).run()
    for n in (4, 5):
        app.query_params.clear()
        app.radio[0].set_value("home").run()
        app.query_params["n"] = str(n)
        app.radio[0].set_value("first").run()
        assert app.slider(key="first-n").value == n


def test_a_field_is_not_called_as_a_widget_of_the_toolbar():
    @dataclass(frozen=True)
    class Share:
        share: float = fields.number(0.5, 0, 1)

    with pytest.raises(ValueError, match="share: the toolbar has widgets of that name"):
        Page("probe", Share)


def broken_off() -> None:
    """Undo, called until it is not broken off: one touch of Streamlit's state later each time."""
    from dataclasses import dataclass

    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from ui.state import fields
    from ui.state.page import open_page

    class BrokenOff(BaseException):
        pass

    @dataclass(frozen=True)
    class Probe:
        first: int = fields.integer(0, 0, 9)
        second: int = fields.integer(0, 0, 9)

    page = open_page("probe", Probe)

    def undo() -> None:
        state = get_script_run_ctx().session_state
        usual = state._yield_callback
        left = 0

        def touched() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise BrokenOff

        done, tries = False, 0
        while not done:
            left, tries = tries, tries + 1
            object.__setattr__(state, "_yield_callback", touched)
            try:
                page.undo()
                done = True
            except BrokenOff:
                pass
            finally:
                object.__setattr__(state, "_yield_callback", usual)
        st.session_state.tries = tries

    st.button("first", key="first", on_click=page.commit, kwargs={"first": 5})
    st.button("second", key="second", on_click=page.commit, kwargs={"second": 5})
    st.button("undo", key="undo", on_click=undo)


def test_a_change_that_streamlit_breaks_off_and_calls_again_is_made_once():
    app = AppTest.from_function(broken_off, default_timeout=300).run()
    for name in ("first", "second", "undo"):
        app.button(key=name).click().run()
    assert not app.exception
    assert app.session_state.tries > 4  # or it was not broken off in the middle
    assert (record(app).first, record(app).second) == (5, 0)


def pinning() -> None:
    """A page whose runs can be pinned: here its states alone are."""
    from dataclasses import dataclass

    import streamlit as st

    from ui.page.toolbar import toolbar
    from ui.state import fields
    from ui.state.page import open_page

    @dataclass(frozen=True)
    class Probe:
        keep: float = fields.number(0.5, 0, 1)
        data: object = fields.array([[1, 2], [3, 4]], max_elements=6000)
        guess: str = fields.prediction({"unsure": "", "1": "one"})

    page = open_page("probe", Probe, pins=True)
    toolbar(page)
    for keep in (0.25, 0.75):
        page.button(f"{keep}", {"keep": keep})
    for start in (0, 1):
        page.button(f"Long {start}", {"data": [[n**0.5 for n in range(start, 5000)]]})
    st.button("pin", key="pin", on_click=lambda: page.pin(*page.pins, page.state))
    st.button("none", key="none", on_click=page.pin)
    st.json({"pins": [pin.keep for pin in page.pins], "left_out": page.pin_left_out})


def pinned_by(**query: str) -> AppTest:
    app = AppTest.from_function(pinning, default_timeout=300)
    app.query_params.update(query)
    return app.run()


def press(app: AppTest, *keys: str) -> AppTest:
    for key in keys:
        app.button(key=key).click().run()
    assert not app.exception
    return app


def told(app: AppTest) -> SimpleNamespace:
    return SimpleNamespace(**json.loads(app.json[0].value))


def test_the_address_holds_the_newest_pin_that_differs_and_undo_passes_over_it():
    app = press(pinned_by(), "pin")
    assert query(app) == {}  # it is the page's own state
    press(app, "probe-button-0.25")
    assert query(app) == {"keep": "0.25", "pin": "keep=0.5"}
    press(app, "pin", "probe-button-0.75")
    assert query(app) == {"keep": "0.75", "pin": "keep=0.25"}
    press(app, "probe-undo")
    assert query(app) == {"keep": "0.25", "pin": "keep=0.5"}
    assert told(app).pins == [0.5, 0.25]
    press(app, "none")
    assert query(app) == {"keep": "0.25"}


def test_a_link_brings_the_pin_of_its_sender_and_a_wrong_one_is_told():
    app = pinned_by(keep="0.75", pin="keep=0.5")
    assert told(app).pins == [0.5]
    assert query(app) == {"keep": "0.75", "pin": "keep=0.5"}
    assert not app.warning
    app = pinned_by(keep="0.75", pin="keep=5")
    assert told(app).pins == []
    assert query(app) == {"keep": "0.75"}
    assert "pin\\: keep\\: 5 is not between 0 and 1" in app.warning[0].value


def test_a_page_without_pins_takes_none():
    app = opened_by(pin="log=1")
    assert "pin\\: there is no such setting" in app.warning[0].value


def test_no_more_runs_are_pinned_than_can_be_told_apart():
    app = pinned_by()
    for _ in range(MOST_PINS + 1):
        press(app, "pin", "probe-button-0.25", "pin", "probe-button-0.75")
    assert len(told(app).pins) == MOST_PINS


def test_two_long_sets_of_data_do_not_fit_in_a_link_and_the_dialog_says_so():
    app = press(pinned_by(), "probe-button-Long 0", "pin", "probe-button-Long 1")
    assert set(query(app)) == {"data"}
    assert told(app).left_out
    press(app, "probe-share")
    assert any("The pinned run is not in the link" in each.value for each in app.caption)
    press(app, "probe-button-0.25")
    assert told(app).left_out
    press(app, "probe-undo", "probe-undo", "probe-button-0.25")
    assert query(app)["pin"] == "keep=0.5"
    assert not told(app).left_out
