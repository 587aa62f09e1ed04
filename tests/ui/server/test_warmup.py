"""One page that cannot be run in advance keeps no other from it (the rest: tests/browser)."""

import pytest

from bncore.training.jobs import Job
from tests.experiments.simple import Count
from tests.loops import run
from ui.page.registry import PAGES
from ui.server import prepared, warmup
from ui.training import offers


class Session:
    """Takes a message; the page it names offers a job, or breaks."""

    def __init__(self, broken):
        self.broken = broken
        self.closed = 0

    def connect_session(self, client, user_info):
        self.client = client
        return "session"

    def handle_backmsg(self, session, message):
        page = message.rerun_script.page_name
        if page == self.broken:
            raise RuntimeError("broken")
        offers.note(session, Job(Count(total=page)))
        self.client.finished.set()

    def close_session(self, session):
        self.closed += 1


@pytest.fixture
def runtime(monkeypatch):
    def of(broken=None):
        session = Session(broken)
        monkeypatch.setattr(warmup, "get_instance", lambda: session)
        return session

    return of


def test_what_a_page_offers(runtime):
    session = runtime()
    (job,) = run(warmup.visit("axes"))
    assert (job.asked, session.closed) == (Count("axes"), 1)


def test_a_page_that_breaks_is_told_and_left(runtime, caplog):
    session = runtime("axes")
    assert run(warmup.visit("axes")) == []
    assert "the page 'axes' could not be run in advance" in caplog.text
    assert session.closed == 1


def test_and_the_others_are_run(runtime):
    runtime("axes")
    found = {job.asked.total for job in run(prepared.offered())}
    assert found == {entry.url_path for entry in PAGES} - {"axes"}
