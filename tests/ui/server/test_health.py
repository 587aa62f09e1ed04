"""/healthz, /readyz and /metrics tell the truth, and tell it to those who may know."""

import json

import pytest
from starlette.requests import Request

from bncore.experiments.experiment import Experiment
from bncore.training.jobs import Job, Readiness
from bncore.training.service import UnavailableService
from tests.experiments.local import LocalService
from tests.experiments.simple import Count
from tests.loops import run
from ui.server import health
from ui.training import service as installed


def ask(answer, query: str = "", client: str = "127.0.0.1", **headers: str):
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 50000),
    }
    return run(answer(Request(scope)))


def told(response) -> tuple[int, dict]:
    return response.status_code, json.loads(response.body)


@pytest.fixture
def use(monkeypatch):
    """Install a service, and say whether the pages are warm."""

    def use(service, warm: bool = True) -> None:
        monkeypatch.setattr(installed, "_installed", service)
        monkeypatch.setattr(health, "_warm", warm)

    yield use
    installed.install(None)


@pytest.fixture
def local():
    service = LocalService(("tests.experiments",))
    yield service
    service.close()


class Starting(UnavailableService):
    """Its workers are on their way."""

    def readiness(self) -> Readiness:
        return Readiness("starting", seconds=2.0)


def test_alive():
    assert told(ask(health.healthz)) == (200, {"alive": True})


def test_ready_when_the_pages_are_warm_and_the_workers_there(use, local):
    use(local)
    expected = {"ready": True, "pages": "warm", "training": "ready"}
    assert told(ask(health.readyz)) == (200, expected)
    assert told(ask(health.readyz, "training")) == (200, expected)


def test_not_ready_while_pages_are_run_for_the_first_time(use, local):
    use(local, warm=False)
    assert told(ask(health.readyz)) == (
        503,
        {"ready": False, "pages": "warming", "training": "ready"},
    )


@pytest.mark.parametrize("service", [Starting(""), UnavailableService("No TensorFlow."), None])
def test_a_server_without_workers_is_ready_for_looking_and_not_for_training(use, service):
    use(service)
    status, found = told(ask(health.readyz))
    assert (status, found["ready"]) == (200, True)
    assert found["training"] in ("starting", "unavailable")
    status, found = told(ask(health.readyz, "training"))
    assert (status, found["ready"]) == (503, False)


def test_presets_are_asked_for_by_themselves(use, local, monkeypatch):
    use(local)
    assert told(ask(health.readyz, "presets"))[0] == 503
    monkeypatch.setattr(health, "_prepared", True)
    assert told(ask(health.readyz, "presets"))[0] == 200
    assert told(ask(health.readyz, "presets&training"))[0] == 200


def test_a_server_that_was_never_warmed_is_not_ready(monkeypatch):
    assert told(ask(health.readyz))[0] == 503


def test_no_answer_is_kept_by_a_proxy(use, local):
    use(local)
    for answer in (health.healthz, health.readyz, health.numbers):
        assert ask(answer).headers["cache-control"] == "no-store"


def run_to_its_end(service, asked: Experiment) -> None:
    job = Job(asked)
    job_id = service.submit(job, fresh=True)  # not the result of the one before
    while not service.status(job_id).finished:
        pass


def test_metrics_count_runs_by_how_they_ended(use, local):
    use(local)
    run_to_its_end(local, Count(2))
    run_to_its_end(local, Count(2))
    run_to_its_end(local, Experiment())
    lines = ask(health.numbers).body.decode().splitlines()
    assert 'bnlab_runs_total{state="done"} 2.0' in lines
    assert 'bnlab_runs_total{state="refused"} 1.0' in lines
    assert 'bnlab_runs_total{state="failed"} 0.0' in lines
    assert "bnlab_run_seconds_count 3.0" in lines
    assert 'bnlab_run_seconds_bucket{le="300.0"} 3.0' in lines
    assert "bnlab_runs_waiting 0.0" in lines
    assert "bnlab_workers 1.0" in lines
    assert "bnlab_sessions 0.0" in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)


def test_metrics_without_a_service(use):
    use(None)
    assert "bnlab_workers 0.0" in ask(health.numbers).body.decode()


def test_metrics_are_for_this_machine_until_a_setting_opens_them(monkeypatch, use, local):
    use(local)
    strangers = ({"client": "10.0.0.7"}, {"x-forwarded-for": "10.0.0.7"}, {"forwarded": "for=x"})
    for stranger in strangers:
        assert ask(health.numbers, **stranger).status_code == 404
    for here in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert ask(health.numbers, client=here).status_code == 200
    monkeypatch.setenv("BNLAB_METRICS", "open")
    for stranger in strangers:
        assert ask(health.numbers, **stranger).status_code == 200
