"""What the tests of real worker processes share: a service, jobs, and waiting for states."""

import itertools
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bncore.experiments.experiment import joined
from bncore.training.jobs import Job
from bncore.training.service import start
from tests.experiments.simple import Count, ProcessId

ROOT = Path(__file__).resolve().parents[3]
ALLOWED = ("tests.experiments",)
MAX_BYTES = 2**20

numbers = itertools.count()  # every job is another one: equal ones would share a run


@contextmanager
def running(**options):
    service = start(ALLOWED, warm=False, max_bytes=MAX_BYTES, **options)
    try:
        yield service
    finally:
        service.close()


def count(total: int, seconds: float = 0.0, width: int = 1, limit: float = 60) -> Job:
    arguments = {"total": total, "seconds": seconds, "width": width, "number": next(numbers)}
    return Job(Count(**arguments), limit_seconds=limit)


def process_id() -> Job:
    return Job(ProcessId(number=next(numbers)))


def until(condition, seconds: float = 120):
    """Wait for something to be true; what it was in the end."""
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, f"never true: {condition}"
        time.sleep(0.01)
    return found


def ended(service, job_id):
    until(lambda: service.status(job_id).finished)
    return service.status(job_id)


def values(service, job_id) -> dict:
    events = service.events_since(job_id, 0)
    return joined([event.chunk.values for event in events if event.chunk])


def process_of(service, job_id) -> int:
    return until(lambda: values(service, job_id).get("pid"))


def gone(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def assert_complete(service, job_id, total: int) -> None:
    assert ended(service, job_id).state == "done"
    events = service.events_since(job_id, 0)
    assert [event.index for event in events] == list(range(len(events)))
    assert [event.kind for event in events] == ["queued", "started", *["chunk"] * total, "done"]
    assert values(service, job_id)["n"].tolist() == list(range(1, total + 1))


def listening(pid: int) -> set[str]:
    """The addresses on which a process and all its children listen."""
    cluster = psutil.Process(pid)
    return {
        connection.laddr.ip
        for process in [cluster, *cluster.children(recursive=True)]
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
