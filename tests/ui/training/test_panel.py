"""The training panel on a page, with the service in a thread."""

import time

import pytest
from streamlit.testing.v1 import AppTest

import ui.training.service
from bncore.training.desk import LEFT
from bncore.training.jobs import Job, Readiness, Status
from bncore.training.limits import Limits
from bncore.training.service import UnavailableService
from tests.experiments.local import LocalService
from tests.experiments.simple import Count
from ui.training.panel import progress_text
from ui.training.runs import Run


def page() -> None:
    """The page under test; AppTest runs this function's source."""
    import streamlit as st

    from bncore.training.jobs import Job
    from tests.experiments import simple
    from ui.training.panel import training_panel

    name = st.text_input("Experiment", "count", key="experiment")
    total = st.number_input("Total", value=5, key="total")
    seconds = st.number_input("Seconds", value=0.0, key="seconds")
    others = {"refuse": simple.Refuse, "divide": simple.Divide}
    asked = others[name](total) if name in others else simple.Count(total, seconds)
    job = Job(asked, label=f"{name} {total}")

    def draw(result) -> None:
        shown = "nothing" if result is None else str((result.newest or {"n": []})["n"][-3:])
        st.text(f"drawn: {shown}")

    if total < 0:
        result = training_panel(
            "probe", lambda: (None, "A negative total cannot be trained."), draw
        )
    else:
        result = training_panel("probe", lambda: (job, ""), draw, unit="numbers")
    st.text(f"state: {result.state if result else None}")


@pytest.fixture
def service():
    service = LocalService(("tests.experiments",))
    ui.training.service.install(service)
    yield service
    ui.training.service.install(None)
    service.close()


@pytest.fixture
def app(service) -> AppTest:
    return AppTest.from_function(page, default_timeout=300).run()


def texts(app: AppTest) -> list[str]:
    assert not app.exception
    return [element.value for element in app.text]


def progress(app: AppTest) -> str:
    return app.get("progress")[0].proto.text


def messages(app: AppTest) -> list[str]:
    return [element.value for kind in (app.info, app.warning, app.error) for element in kind]


def train(app: AppTest) -> AppTest:
    return app.button(key="probe-train").click().run()


def at_end(app: AppTest) -> AppTest:
    """Rerun, as the browser does, until the run has ended."""
    return until(app, lambda: texts(app)[-1] not in ("state: queued", "state: running"))


def until(app: AppTest, condition) -> AppTest:
    limit = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < limit, texts(app)
        time.sleep(0.02)
        app.run()
    return app


def enabled(app: AppTest) -> tuple[bool, bool]:
    train_button, stop = app.button(key="probe-train"), app.button(key="probe-stop")
    return not train_button.disabled, not stop.disabled


def slow(app: AppTest) -> AppTest:
    app.number_input(key="total").set_value(100_000)
    app.number_input(key="seconds").set_value(0.01)
    return app.run()


def slow_as_it_is(app: AppTest) -> AppTest:
    app.number_input(key="seconds").set_value(0.01)
    return app.run()


def test_before_the_first_run(app):
    assert progress(app) == "Press Train to start."
    assert texts(app) == ["drawn: nothing", "state: None"]
    assert enabled(app) == (True, False)


def test_train_to_the_end(app):
    at_end(train(app))
    assert texts(app) == ["drawn: [3 4 5]", "state: done"]
    assert progress(app).startswith("Done: 5 numbers in ")
    assert messages(app) == []
    assert enabled(app) == (True, False)


def test_figures_grow_while_it_runs_and_stop_keeps_them(app):
    train(slow(app))
    assert enabled(app) == (False, True)
    until(app, lambda: texts(app)[0] not in ("drawn: nothing", "drawn: []"))
    early = texts(app)[0]
    until(app, lambda: texts(app)[0] != early)
    assert progress(app).startswith("Running: ")
    assert " of 100,000 numbers" in progress(app)
    app.button(key="probe-stop").click().run()
    at_end(app)
    assert texts(app)[1] == "state: cancelled"
    assert "drawn: [" in texts(app)[0]
    assert messages(app) == ["Stopped on request. What was computed until then is kept."]
    assert enabled(app) == (True, False)


def test_a_result_is_found_again_by_its_settings(app):
    at_end(train(app))
    app.number_input(key="total").set_value(7).run()
    assert texts(app) == ["drawn: nothing", "state: None"]
    app.number_input(key="total").set_value(5).run()  # as undo does
    assert texts(app) == ["drawn: [3 4 5]", "state: done"]


def test_changed_settings_while_a_run_goes_on(app, service):
    train(slow(app))
    app.number_input(key="total").set_value(3).run()
    assert any("A run with other settings goes on (count 100000" in m for m in messages(app))
    assert texts(app) == ["drawn: nothing", "state: None"]
    assert enabled(app) == (False, True)
    app.button(key="probe-stop").click().run()
    until(app, lambda: enabled(app)[0])
    at_end(train(app))
    assert texts(app) == ["drawn: [1 2 3]", "state: done"]


def test_failures_are_told_and_the_input_stays(app):
    app.text_input(key="experiment").set_value("refuse")
    app.number_input(key="total").set_value(0).run()
    at_end(train(app))
    assert messages(app) == ["Not run: units is a positive number, not 0"]
    app.text_input(key="experiment").set_value("divide").run()
    at_end(train(app))
    assert messages(app) == ["The run failed. ZeroDivisionError: division by zero"]
    assert texts(app)[0] == "drawn: [1.]"  # what it had
    assert app.number_input(key="total").value == 0
    assert app.text_input(key="experiment").value == "divide"


def test_a_state_that_cannot_be_trained(app):
    app.number_input(key="total").set_value(-1).run()
    assert enabled(app) == (False, False)
    assert [caption.value for caption in app.caption] == ["A negative total cannot be trained."]
    assert texts(app) == ["drawn: nothing", "state: None"]


def test_two_sessions_wait_for_each_other(app):
    train(slow(app))
    other = AppTest.from_function(page, default_timeout=300).run()
    train(other)
    assert texts(other)[1] == "state: queued"
    assert progress(other) == "Waiting: next in the queue."
    app.button(key="probe-stop").click().run()
    at_end(other)
    assert texts(other)[1] == "state: done"


def test_a_result_that_somebody_else_had_made_is_there_at_once_and_said_to_be(app, service):
    at_end(train(app))
    assert " before you " not in progress(app)
    other = AppTest.from_function(page, default_timeout=300).run()
    assert texts(other) == ["drawn: [3 4 5]", "state: done"]
    assert not other.get("progress")
    said = next(caption.value for caption in other.caption)
    assert said.startswith("Recorded by this server a moment ago, in ")
    assert said.endswith("“Train live” runs it again.")
    assert other.button(key="probe-train").label == "Train live"
    at_end(train(other))  # this time really
    assert progress(other).startswith("Done: ")
    assert " before you " not in progress(other)


def test_who_stops_a_shared_run_leaves_it_to_the_others(app, service):
    train(slow(app))
    other = AppTest.from_function(page, default_timeout=300).run()
    train(slow(other))
    app.button(key="probe-stop").click().run()
    at_end(app)
    assert messages(app) == [f"{LEFT} What was computed until then is kept."]
    assert texts(other.run())[1] == "state: running"
    other.button(key="probe-stop").click().run()
    at_end(other)
    assert texts(other)[1] == "state: cancelled"


def test_too_many_that_wait_are_told_and_train_works_later():
    service = LocalService(("tests.experiments",), limits=Limits(waiting_all=1))
    ui.training.service.install(service)
    try:
        visitors = [AppTest.from_function(page, default_timeout=300).run() for _ in range(3)]
        for number, visitor in enumerate(visitors):
            visitor.number_input(key="total").set_value(100_000 + number)
            train(slow_as_it_is(visitor))
        last = visitors[2]
        assert texts(last)[1] == "state: declined"
        [message] = messages(last)
        assert message.startswith("Not run: This server lets 1 wait at a time, and so many wait")
        visitors[1].button(key="probe-stop").click().run()
        train(last)
        assert texts(last)[1] == "state: queued"
    finally:
        ui.training.service.install(None)
        service.close()


def test_a_server_without_a_service():
    ui.training.service.install(None)
    app = AppTest.from_function(page, default_timeout=300).run()
    assert len(messages(app)) == 1
    assert "Training is not available here" in messages(app)[0]
    assert texts(app) == ["drawn: nothing", "state: None"]


def test_workers_that_cannot_be_had():
    ui.training.service.install(
        UnavailableService("Training is not available: Keras is not installed.")
    )
    try:
        app = AppTest.from_function(page, default_timeout=300).run()
        assert messages(app) == ["Training is not available: Keras is not installed."]
        assert enabled(app) == (False, False)
    finally:
        ui.training.service.install(None)


def test_a_service_that_was_replaced(app):
    """The server's service is another one than that of the run: said, and Train works again."""
    train(slow(app))
    fresh = LocalService(("tests.experiments",))
    ui.training.service.install(fresh)
    try:
        app.run()
        assert texts(app)[1] == "state: lost"
        assert enabled(app) == (True, False)
    finally:
        fresh.close()


@pytest.mark.parametrize(
    ("status", "readiness", "text"),
    [
        (Status("a", "queued", 1), Readiness("starting", seconds=4.2), "starting: 4 s."),
        (Status("a", "queued", 1), Readiness("ready"), "Waiting: next in the queue."),
        (Status("a", "queued", 3), Readiness("ready"), "Waiting: place 3 in line."),
        (Status("a", "running"), Readiness("ready"), "Running: started."),
        (Status("a", "running", None, 2, 9, "epoch 1"), Readiness("ready"), "2 of 9 steps. epoch"),
        (Status("a", "done", None, 9, 9, "", 0.6), Readiness("ready"), "Done: 9 steps in 0.6 s."),
        (
            Status("a", "done", None, 9, 9, "", 0.6, 0.0),
            Readiness("ready"),
            "0.6 s, once for all who asked for the same settings.",
        ),
        (
            Status("a", "done", None, 9, 9, "", 0.6, 42.0),
            Readiness("ready"),
            "0.6 s, by this server, 42 s before you asked for the same settings. Press Train",
        ),
        (
            Status("a", "done", None, 9, 9, "", 0.6, 600.0),
            Readiness("ready"),
            "10 min before you asked",
        ),
        (Status("a", "lost", None, 2, 9), Readiness("ready"), "Ended after 2 of 9 steps."),
        (Status("a", "failed"), Readiness("ready"), "Ended before the first result."),
    ],
)
def test_how_it_stands_in_a_line(status, readiness, text):
    run = Run(Job(Count(1)), "a")
    run.status = status
    assert text in progress_text(run, readiness)


def test_the_line_names_the_button_as_the_page_does():
    assert progress_text(None, Readiness("ready"), verb="Measure") == "Press Measure to start."
    run = Run(Job(Count(1)), "a")
    run.status = Status("a", "done", None, 9, 9, "", 0.6, 42.0)
    assert progress_text(run, Readiness("ready"), verb="Measure").endswith(
        "Press Measure to run it again."
    )
