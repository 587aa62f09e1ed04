"""The service in a thread, which stands for the real one in the tests of pages."""

import time

import pytest

from bncore.experiments.experiment import Experiment
from bncore.training.jobs import Job
from bncore.training.service import UnavailableService, missing_packages
from tests.experiments.local import LocalService
from tests.experiments.simple import Count


@pytest.fixture
def service():
    service = LocalService(("tests.experiments",))
    yield service
    service.close()


def wait(service, job_id, until=lambda status: status.finished, seconds=300):
    limit = time.monotonic() + seconds
    while not until(status := service.status(job_id)):
        assert time.monotonic() < limit, status
        time.sleep(0.005)
    return status


def test_jobs_run_one_after_another(service):
    wanted = [Job(Count(total=5, seconds=0.01, number=n)) for n in range(3)]
    jobs = [service.submit(job) for job in wanted]
    for job_id in jobs:
        assert wait(service, job_id).state == "done"
        kinds = [event.kind for event in service.events_since(job_id, 0)]
        assert kinds == ["queued", "started", *["chunk"] * 5, "done"]


def test_a_running_job_stops_and_a_waiting_one_never_starts(service):
    running = service.submit(Job(Count(total=10_000, seconds=0.01)))
    waiting = service.submit(Job(Count(total=1)))
    wait(service, running, lambda status: status.done > 2)
    service.cancel(waiting)
    assert service.status(waiting).state == "cancelled"
    service.cancel(running)
    assert wait(service, running).state == "cancelled"
    after = service.submit(Job(Count(total=1)))
    assert wait(service, after).state == "done"
    assert [event.kind for event in service.events_since(waiting, 0)] == ["queued", "cancelled"]


def test_only_its_packages(service):
    job_id = service.submit(Job(Experiment()))
    assert wait(service, job_id).state == "refused"


def test_cancelling_what_is_over_or_unknown_does_nothing(service):
    job_id = service.submit(Job(Count(total=1)))
    wait(service, job_id)
    service.cancel(job_id)
    service.cancel("unknown")
    assert service.status(job_id).state == "done"


def test_close_ends_everything():
    service = LocalService(("tests.experiments",))
    wanted = [Job(Count(total=n, seconds=0.01)) for n in (10_000, 10_001)]
    jobs = [service.submit(job) for job in wanted]
    service.close()
    assert [service.status(each).state for each in jobs] == ["cancelled", "cancelled"]


def test_a_missing_package_is_named_with_what_to_do():
    message = missing_packages(["json", "no_such_package", "nor_this"])
    assert "no_such_package and nor_this are not installed" in message
    assert "pip install -r requirements.txt" in message


def test_an_unavailable_service_says_why_for_every_job():
    service = UnavailableService("Training is not available: no room.")
    assert service.readiness().state == "unavailable"
    job_id = service.submit(Job(Count(total=1)))
    assert service.status(job_id).message == "Training is not available: no room."
