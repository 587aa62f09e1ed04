"""When a check against a real layer runs, and what is shown of it."""

import time

import pytest
from streamlit.testing.v1 import AppTest

import ui.training.service
from bncore.training.jobs import Job
from bncore.training.limits import Limits
from tests.experiments.local import LocalService
from tests.experiments.simple import Count


def page() -> None:
    """The page under test; AppTest runs this function's source."""
    import streamlit as st

    from tests.experiments.simple import Compare
    from ui.training.check import Said, checked_against

    st.session_state.whole_runs = st.session_state.get("whole_runs", 0) + 1
    difference = st.number_input("Difference", value=0.0, key="difference")
    checked_against(
        "probe",
        lambda: Compare(difference),
        lambda values: (
            Said(True, "Equal.") if values["difference"] < 1 else Said(False, "That is far.")
        ),
        "A note.",
    )


@pytest.fixture
def install():
    services = []

    def install(**options) -> LocalService:
        services.append(LocalService(("tests.experiments",), **options))
        ui.training.service.install(services[-1])
        return services[-1]

    yield install
    ui.training.service.install(None)
    for service in services:
        service.close()


def said(app: AppTest) -> list[str]:
    assert not app.exception
    return [e.value for kind in (app.success, app.info, app.warning) for e in kind]


def checked(app: AppTest) -> AppTest:
    limit = time.monotonic() + 60
    while said(app) == ["**Asking the real layer** …"]:
        assert time.monotonic() < limit
        time.sleep(0.01)
        app.run()
    return app


def test_what_was_checked_for_somebody_is_there_in_the_first_run(install):
    install()
    assert said(checked(AppTest.from_function(page, default_timeout=300).run())) == ["Equal."]
    other = AppTest.from_function(page, default_timeout=300).run()
    assert said(other) == ["Equal."]
    assert other.session_state.whole_runs == 1


def test_a_check_that_was_not_taken_is_asked_again_by_the_next_run(install):
    service = install(limits=Limits(waiting_all=1))
    busy = service.submit(Job(Count(total=10_000, seconds=0.01)))
    while service.status(busy).state == "queued":
        time.sleep(0.01)
    AppTest.from_function(page, default_timeout=300).run()
    late = AppTest.from_function(page, default_timeout=300)
    late.session_state.difference = 5.0
    assert said(late.run())[0].startswith("No comparison: This server lets 1 wait")
    service.cancel(busy)
    assert "That is far" in said(checked_after_all(late))[0]


def checked_after_all(app: AppTest) -> AppTest:
    limit = time.monotonic() + 60
    while "That is far" not in said(app)[0]:
        assert time.monotonic() < limit, said(app)
        time.sleep(0.01)
        app.run()
    return app
