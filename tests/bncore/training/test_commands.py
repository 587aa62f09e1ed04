"""Workers beyond this process, started by the documented commands: `make scheduler`, `make worker`.

One scheduler and two workers serve all tests of this module, which start with the workers: the
two commands may come in any order.
"""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bncore.training import versions
from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Job
from bncore.training.store import store_of_settings
from tests.bncore.training.processes import (
    ROOT,
    assert_complete,
    count,
    ended,
    gone,
    listening,
    process_id,
    running,
    until,
    values,
)
from tests.experiments.simple import Clock

pytestmark = pytest.mark.cluster


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Command:
    """`make TARGET NAME=VALUE...`, in the environment that runs the tests."""

    def __init__(self, log: Path, target: str, environment: dict | None = None, **variables):
        given = [f"{name}={value}" for name, value in variables.items()]
        venv = sys.prefix
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                ["make", f"VENV={venv}", "-o", f"{venv}/run.stamp", target, *given],
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def python(self) -> psutil.Process:
        """The process of the module that make started."""

        def found():
            children = psutil.Process(self.process.pid).children()
            return next((c for c in children if "bncore.training" in " ".join(c.cmdline())), None)

        return until(found)

    def says(self, words: str, times: int = 1) -> None:
        """Wait until its output has the words."""
        until(lambda: self.log.read_text().count(words) >= times)

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


@contextmanager
def commands():
    started: list[Command] = []

    def start(*arguments, **options) -> Command:
        started.append(Command(*arguments, **options))
        return started[-1]

    try:
        yield start
    finally:
        for command in reversed(started):
            command.stop()


class Cluster:
    """What the documented commands make: workers first, then their scheduler."""

    def __init__(self, folder: Path, start) -> None:
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self._folder, self._start = folder, start
        self.workers = start(
            folder / "workers", "worker", SCHEDULER=self.address, WORKERS=2, ARGS="--cold"
        )
        self.workers.says("No scheduler answers")
        self.start_scheduler()
        self.workers.says("is ready", times=2)

    def start_scheduler(self) -> None:
        self.scheduler = self._start(
            self._folder / "scheduler", "scheduler", SCHEDULER_PORT=self.port
        )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with commands() as start:
        yield Cluster(tmp_path_factory.mktemp("commands"), start)


@pytest.fixture
def service(cluster, monkeypatch):
    monkeypatch.setenv("BNLAB_SCHEDULER", cluster.address)
    with running() as service:
        yield service


def test_two_commands_make_a_cluster(cluster, service):
    jobs = [service.submit(count(10)) for _ in range(6)]
    for job_id in jobs:
        assert_complete(service, job_id, 10)
    pids = {
        service.events_since(job_id, 0)[2].chunk.values["pid"]
        for job_id in [service.submit(process_id()) for _ in "ab"]
        if until(lambda job_id=job_id: service.status(job_id).done)
    }
    here = {process.pid for process in cluster.workers.python().children(recursive=True)}
    assert len(pids) == 2
    assert pids < here


def test_two_processes_share_their_results(service, monkeypatch, tmp_path):
    """Two services with one scheduler and one folder, as two web processes have them."""
    service.close()
    monkeypatch.setenv("BNLAB_RESULTS", str(tmp_path / "results"))
    job = Job(Clock(total=3))
    with running() as one:
        first = one.submit(job)
        assert ended(one, first).state == "done"
        took = one.status(first).elapsed_seconds
        until(lambda: (store := store_of_settings()) and store.get(fingerprint(job)))
    with running() as other:
        again = other.submit(job)
        status = ended(other, again)
        assert (status.state, status.done, status.elapsed_seconds) == ("done", 3, took)
        assert status.age_seconds is not None
        assert values(other, again)["at"] == values(one, first)["at"]  # it was not run again
        fresh = other.submit(job, fresh=True)
        assert ended(other, fresh).state == "done"
        assert values(other, fresh)["at"] > values(one, first)["at"]


def test_the_jobs_of_a_server_that_ends_leave_the_workers_to_others(service):
    long = [service.submit(count(100_000 + k, 0.02, limit=3000)) for k in range(2)]
    until(lambda: all(service.status(job_id).done for job_id in long))
    service.close()
    with running() as other:
        assert_complete(other, other.submit(count(3)), 3)


def test_nothing_listens_beyond_this_machine(cluster):
    """A stock worker opens its data and HTTP ports on every address, a scheduler its dashboard."""
    for command in (cluster.scheduler, cluster.workers):
        assert listening(command.python().pid) == {"127.0.0.1"}


def test_other_code_at_the_workers_is_told(service, monkeypatch, caplog):
    until(lambda: service.readiness().state == "ready")
    service.close()
    monkeypatch.setattr(versions, "mine", lambda: {"code": "0123", "python": "3.11", "keras": ""})
    with running() as other:
        status = ended(other, other.submit(count(1)))
        assert status.state == "failed"
        assert "runs other code of Batch Norm Lab" in status.message
        assert other.readiness().message == status.message
    assert "runs other code" in caplog.text


def test_another_python_or_keras_is_told_and_does_not_stop_a_run(service, monkeypatch, caplog):
    until(lambda: service.readiness().state == "ready")
    assert service.readiness().message == ""
    service.close()
    theirs = versions.describe()
    monkeypatch.setattr(versions, "mine", lambda: {**theirs, "python": "3.99"})
    with running() as other:
        assert_complete(other, other.submit(count(2)), 2)
        until(lambda: "Python" in other.readiness().message)
    assert "this server 3.99" in caplog.text


def test_workers_come_back_to_a_scheduler_that_was_killed(cluster, service):
    until(lambda: service.readiness().state == "ready")
    cluster.scheduler.python().kill()
    until(lambda: service.readiness().state != "ready")
    cluster.workers.says("lost its scheduler", times=2)
    waiting = service.submit(count(3))
    cluster.start_scheduler()
    if service.status(waiting).state == "failed":  # while nobody answered there
        until(lambda: service.readiness().state != "unavailable")
        waiting = service.submit(count(3))
    assert_complete(service, waiting, 3)
    cluster.workers.says("is ready", times=4)


def test_a_scheduler_without_workers_is_told(cluster, service):
    """The last test of the module: it stops the workers."""
    until(lambda: service.readiness().state == "ready")
    processes = cluster.workers.python().children(recursive=True)
    cluster.workers.stop()
    until(lambda: all(gone(process.pid) for process in processes))
    waiting = service.submit(count(1))
    until(lambda: service.readiness().seconds > 0)
    assert service.status(waiting).state == "queued"
    message = service.readiness().message
    assert "No training worker has been connected for" in message
    assert f"make worker SCHEDULER={cluster.address}" in message
    service.cancel(waiting)


def test_make_worker_without_a_scheduler_says_what_is_missing(tmp_path):
    with commands() as start:
        command = start(tmp_path / "log", "worker")
        assert command.process.wait(30) != 0
        command.says("make worker SCHEDULER=tcp://HOST:8786")


def test_workers_that_their_scheduler_cannot_reach_do_not_start(tmp_path):
    with commands() as start:
        command = start(tmp_path / "log", "worker", SCHEDULER="tcp://192.0.2.5:8786")
        assert command.process.wait(60) != 0
        command.says("is on another machine")
        command.says("HOST=")
