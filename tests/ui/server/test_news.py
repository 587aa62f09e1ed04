"""The route that tells a browser how its run stands."""

import json
import time

import pytest
from starlette.requests import Request

import ui.training.service
from bncore.training.jobs import Job, Readiness
from tests.experiments.local import LocalService
from tests.experiments.simple import Count
from tests.loops import run
from ui.server.news import news_route
from ui.training.news import LEAST_SECONDS, mark
from ui.training.runs import Run


@pytest.fixture
def service():
    service = LocalService(("tests.experiments",))
    ui.training.service.install(service)
    yield service
    ui.training.service.install(None)
    service.close()


@pytest.fixture
def ask(service):
    return lambda run: get(f"request={run.job_id}&seen={run.seen}")


def get(query: str) -> dict:
    scope = {"type": "http", "method": "GET", "query_string": query.encode(), "headers": []}
    answer = run(news_route().endpoint(Request(scope)))
    assert answer.status_code == 200
    return json.loads(answer.body)


def start(service, total: int, seconds: float = 0.01) -> Run:
    job = Job(Count(total=total, seconds=seconds))
    return Run(job, service.submit(job))


def until(condition) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_the_mark_is_the_pages_own_until_something_comes(service, ask):
    long, waiting = start(service, 10_000), start(service, 3)
    until(lambda: service.status(long.job_id).state == "running")
    waiting.poll(service)
    shown = mark(waiting.status, waiting.seen, service)
    assert ask(waiting) == {"mark": shown, "again": 200}
    until(lambda: ask(long)["mark"] != mark(long.status, long.seen, service))
    assert ask(long)["again"] == 1000 * LEAST_SECONDS
    service.cancel(long.job_id)
    until(lambda: ask(waiting)["mark"] != shown)
    until(lambda: service.status(waiting.job_id).finished)
    waiting.poll(service)
    assert ask(waiting)["mark"] == mark(waiting.status, waiting.seen, service)


def test_a_place_that_moves_up_is_news(service, ask):
    long = start(service, 10_000)
    until(lambda: service.status(long.job_id).state == "running")
    ahead, behind = start(service, 3), start(service, 4)
    behind.poll(service)
    before = ask(behind)
    assert before["again"] == 400
    service.cancel(ahead.job_id)
    assert ask(behind)["mark"] != before["mark"]


def test_while_workers_start_the_seconds_are_news_now_and_then(service, ask, monkeypatch):
    waiting = Run(Job(Count(1)), "a")
    marks = []
    for seconds in (0.0, 1.0, 7.0):
        starting = Readiness("starting", seconds=seconds)
        monkeypatch.setattr(service, "readiness", lambda starting=starting: starting)
        marks.append(mark(waiting.status, 0, service))
    assert marks[0] == marks[1] != marks[2]


@pytest.mark.parametrize("query", ["", "request=unknown", "request=unknown&seen=x", "seen=-5"])
def test_whatever_is_asked_is_answered(service, query):
    assert get(query)["mark"] == "gone"


def test_a_server_without_a_service_answers_as_well():
    ui.training.service.install(None)
    assert get("request=a")["mark"] == "gone"
