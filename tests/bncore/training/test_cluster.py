"""The service on real worker processes: order, stopping, limits, and everything that can die."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from bncore.experiments.experiment import Experiment
from bncore.experiments.freezing import Freezing
from bncore.experiments.moving import Moving
from bncore.training import connection, flights
from bncore.training.jobs import Job
from bncore.training.service import start
from bncore.training.split_service import SplitService
from tests.bncore.training.processes import (
    MAX_BYTES,
    ROOT,
    assert_complete,
    count,
    ended,
    gone,
    listening,
    process_id,
    process_of,
    running,
    until,
    values,
)
from tests.bncore.training.test_split import assert_same
from tests.experiments.simple import Deaf, Divide, Hungry, Pieces, Refuse

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def service():
    with running(workers=2) as service:
        yield service


# ---- the stream of events ------------------------------------------------------------------


@pytest.mark.parametrize("round_number", range(12))
def test_two_jobs_at_a_time_lose_nothing(service, round_number):
    jobs = [service.submit(count(25 + round_number, 0.001)) for _ in "ab"]
    for job_id in jobs:
        assert_complete(service, job_id, 25 + round_number)


def test_many_quick_jobs_lose_no_last_event(service):
    jobs = [service.submit(count(k % 4), visitor=f"visitor {k // 5}") for k in range(40)]
    for k, job_id in enumerate(jobs):
        assert ended(service, job_id).state == "done"
        assert len(service.events_since(job_id, 0)) == 3 + k % 4


def test_arrays_arrive_as_they_were_sent(service):
    job_id = service.submit(count(3, width=1000))
    ended(service, job_id)
    assert np.array_equal(values(service, job_id)["n"], np.repeat([1, 2, 3], 1000))


def test_events_come_while_the_job_runs(service):
    job_id = service.submit(count(1000, 0.02))
    until(lambda: service.status(job_id).done >= 3)
    status = service.status(job_id)
    assert (status.state, status.total) == ("running", 1000)
    assert status.elapsed_seconds > 0
    service.cancel(job_id)
    assert ended(service, job_id).state == "cancelled"


# ---- queue, stop, limits -------------------------------------------------------------------


def test_places_in_the_queue_and_first_come_first_served(service):
    busy = [service.submit(count(5000, 0.02)) for _ in "ab"]
    until(lambda: all(service.status(each).state == "running" for each in busy))
    waiting = [service.submit(count(1)) for _ in "abc"]
    assert [service.status(each).position for each in waiting] == [1, 2, 3]
    service.cancel(waiting[0])
    assert service.status(waiting[0]).state == "cancelled"
    assert [service.status(each).position for each in waiting] == [None, 1, 2]
    service.cancel(busy[0])
    assert ended(service, waiting[1]).state == ended(service, waiting[2]).state == "done"
    assert service.status(busy[1]).state == "running"
    service.cancel(busy[1])
    assert ended(service, busy[1]).state == "cancelled"
    assert [e.kind for e in service.events_since(waiting[0], 0)] == ["queued", "cancelled"]


def test_a_stop_keeps_what_was_computed(service):
    job_id = service.submit(count(5000, 0.01))
    until(lambda: service.status(job_id).done > 5)
    service.cancel(job_id)
    status = ended(service, job_id)
    assert status.state == "cancelled"
    assert values(service, job_id)["n"].tolist() == list(range(1, status.done + 1))


def test_stop_right_after_submit(service):
    jobs = [service.submit(count(5000, 0.01)) for _ in range(4)]
    for job_id in jobs:
        service.cancel(job_id)
    assert {ended(service, job_id).state for job_id in jobs} == {"cancelled"}
    assert_complete(service, service.submit(count(2)), 2)


def test_whoever_stops_a_deaf_experiment_need_not_wait_for_it(service, monkeypatch):
    monkeypatch.setattr(flights, "STUBBORN_SECONDS", 1.0)
    job_id = service.submit(Job(Deaf(seconds=300)))
    pid = process_of(service, job_id)
    service.cancel(job_id)
    assert ended(service, job_id).state == "cancelled"
    assert not gone(pid)  # said to have stopped while the worker was still busy
    until(lambda: gone(pid))  # and then the worker was replaced
    for _ in range(3):
        assert_complete(service, service.submit(count(2)), 2)


def test_a_shared_run_stops_with_the_last_who_asked(service):
    job = count(5000, 0.01)
    first, second = service.submit(job, "ada"), service.submit(job, "bob")
    until(lambda: service.status(second).done > 2)
    service.cancel(first)
    assert service.status(first).state == "cancelled"
    reached = service.status(second).done
    until(lambda: service.status(second).done > reached)
    service.cancel(second)
    assert ended(service, second).state == "cancelled"
    again = service.submit(job, "ada")
    until(lambda: service.status(again).done)  # anew: what was stopped is not shared
    service.cancel(again)
    assert ended(service, again).state == "cancelled"


def test_checks_and_runs_do_not_wait_for_studies(service):
    studies = [replace(count(5000, 0.01), lane="study") for _ in "ab"]
    requests = [
        service.submit(study, visitor) for study, visitor in zip(studies, "ab", strict=True)
    ]
    until(lambda: service.status(requests[0]).done)
    assert_complete(service, service.submit(replace(count(2), lane="check"), "cyd"), 2)
    assert_complete(service, service.submit(count(2), "dan"), 2)
    assert service.status(requests[0]).state == "running"
    assert service.status(requests[1]).position == 1
    for request in requests:
        service.cancel(request)
        assert ended(service, request).state == "cancelled"


def test_time_limit(service):
    job_id = service.submit(count(5000, 0.01, limit=0.3))
    status = ended(service, job_id)
    assert (status.state, "one run may take 0.3 s" in status.message) == ("timeout", True)
    assert values(service, job_id)["n"].tolist() == list(range(1, status.done + 1))


def test_time_limit_of_a_deaf_experiment(service, monkeypatch):
    monkeypatch.setattr(flights, "STUBBORN_SECONDS", 0.3)
    job_id = service.submit(Job(Deaf(seconds=300), limit_seconds=0.2))
    pid = process_of(service, job_id)
    assert ended(service, job_id).state == "timeout"
    until(lambda: gone(pid))
    assert_complete(service, service.submit(count(2)), 2)


def test_size_limit(service):
    job_id = service.submit(count(5000, width=10_000))
    status = ended(service, job_id)
    assert (status.state, "size limit" in status.message) == ("timeout", True)
    assert sum(a.nbytes for a in [values(service, job_id)["n"]]) <= MAX_BYTES


def test_refused_failed_and_not_allowed(service):
    bad_value = service.submit(Job(Refuse(units=-1)))
    broken = service.submit(Job(Divide(by=0)))
    elsewhere = service.submit(Job(Experiment()))
    unsendable = service.submit(Job(Refuse(units=threading.Lock())))
    assert ended(service, bad_value).message == "units is a positive number, not -1"
    assert service.status(bad_value).state == "refused"
    assert ended(service, broken).message == "ZeroDivisionError: division by zero"
    assert service.status(broken).state == "failed"
    assert len(values(service, broken)["n"]) == 1
    assert ended(service, elsewhere).state == "refused"
    assert ended(service, unsendable).state == "failed"


# ---- what can die --------------------------------------------------------------------------


def test_a_killed_worker_loses_its_job_and_nothing_else(service):
    job_id = service.submit(process_id())
    waiting = service.submit(count(200, 0.01))
    pid = process_of(service, job_id)
    os.kill(pid, signal.SIGKILL)
    status = ended(service, job_id)
    assert status.state == "lost"
    assert "worker process died" in status.message
    assert values(service, job_id)["pid"] == pid  # what had come is kept
    assert_complete(service, waiting, 200)
    jobs = [service.submit(process_id()) for _ in "ab"]  # two workers again
    pids = {process_of(service, each) for each in jobs}
    assert len(pids) == 2
    assert pid not in pids
    for each in jobs:
        service.cancel(each)


def test_out_of_memory_is_told_as_such(monkeypatch):
    monkeypatch.setenv("BNLAB_WORKER_MEMORY", "500 MiB")
    with running(workers=1) as service:
        job_id = service.submit(Job(Hungry()))
        status = ended(service, job_id)
        assert status.state == "timeout"
        assert "ran out of memory: with 0." in status.message
        assert values(service, job_id)["n"].size > 0  # what had come is kept
        assert_complete(service, service.submit(count(3)), 3)  # by the next worker


def test_a_killed_cluster_comes_back(service):
    job_id = service.submit(process_id())
    process_of(service, job_id)
    os.kill(service.connection.host.pid, signal.SIGKILL)
    assert ended(service, job_id).state == "lost"
    # Submitted while there is no cluster: it waits for the new one.
    assert_complete(service, service.submit(count(3)), 3)
    until(lambda: service.readiness().state == "ready")


def test_submit_and_stop_before_the_workers_are_there():
    with running(workers=1) as service:
        jobs = [service.submit(count(2)) for _ in "abc"]
        assert service.readiness().state == "starting"
        assert [service.status(each).position for each in jobs] == [1, 2, 3]
        service.cancel(jobs[1])
        assert service.status(jobs[1]).state == "cancelled"
        assert_complete(service, jobs[0], 2)
        assert_complete(service, jobs[2], 2)
        assert [e.kind for e in service.events_since(jobs[1], 0)] == ["queued", "cancelled"]
        until(lambda: service.readiness().state == "ready")
        # Whoever reaches a scheduler can run any code.
        assert listening(service.connection.host.pid) == {"127.0.0.1"}
        mine = psutil.Process(service.connection.host.pid).children(recursive=True)
        directory = Path(service.connection.host._directory)
        live = service.submit(count(5000, 0.01))
        until(lambda: service.status(live).done)
    assert service.status(live).state == "cancelled"
    until(lambda: all(gone(process.pid) for process in mine))
    assert not directory.exists()


PARENT = """
    import sys, time
    from bncore.training.jobs import Job
    from bncore.training.service import start
    from tests.experiments.simple import Count

    if __name__ == "__main__":
        service = start(("tests.experiments",), workers=2, warm=False)
        job = service.submit(Job(Count(9000, seconds=0.01)))
        while not (status := service.status(job)).done:
            assert not status.finished, status
            time.sleep(0.01)
        heavy = {"tensorflow", "keras", "tf_keras"} & set(sys.modules)
        print(service.connection.host._directory, *heavy, flush=True)
        time.sleep(600)
"""


def test_a_killed_server_leaves_nothing_behind(tmp_path):
    script = tmp_path / "server.py"
    script.write_text(textwrap.dedent(PARENT))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        directory, *heavy = server.stdout.readline().split()
        assert heavy == []
        processes = psutil.Process(server.pid).children(recursive=True)
        assert len(processes) >= 3  # the host and two workers
        server.kill()
    until(lambda: all(gone(process.pid) for process in processes))
    until(lambda: not Path(directory).exists())


# ---- a scheduler elsewhere -----------------------------------------------------------------


@contextmanager
def plain_dask_cluster(tmp_path):
    """A scheduler and two workers as Dask's own commands start them, with Dask's defaults."""
    address_file = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = {"env": environment, "cwd": tmp_path, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    where = ["--host", "127.0.0.1", "--no-dashboard"]
    file = ["--scheduler-file", str(address_file)]
    workers = ["--nworkers", "2", "--nthreads", "1"]
    commands = [
        [*dask, "scheduler", *where, *file, "--port", "0"],
        [*dask, "worker", *where, *file, *workers],
    ]
    processes = [subprocess.Popen(command, **options) for command in commands]
    try:
        until(lambda: address_file.exists() and address_file.read_text().strip().endswith("}"))
        yield json.loads(address_file.read_text())["address"]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(300)


def test_a_scheduler_elsewhere(tmp_path, monkeypatch):
    with plain_dask_cluster(tmp_path) as address:
        monkeypatch.setenv("BNLAB_SCHEDULER", address)
        before = psutil.Process().children()
        with running() as service:
            assert_complete(service, service.submit(count(5)), 5)
            assert psutil.Process().children() == before  # nothing started here
            # There, Dask's default would run a job up to four times; here it is lost once.
            job_id = service.submit(process_id())
            os.kill(process_of(service, job_id), signal.SIGKILL)
            assert ended(service, job_id).state == "lost"
            assert_complete(service, service.submit(count(5)), 5)


def test_no_scheduler_where_the_setting_points(monkeypatch):
    monkeypatch.setenv("BNLAB_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.5)
    with running() as service:
        waiting = service.submit(count(1))
        status = ended(service, waiting)
        assert status.state == "failed"
        assert "cannot be reached" in status.message
        assert service.readiness().state == "unavailable"


# ---- one job on several workers ------------------------------------------------------------


def pieces(**arguments) -> Job:
    return Job(Pieces(**arguments), limit_seconds=60, parts=5)


def test_parts_on_two_workers_bring_what_one_brings(service):
    both = SplitService(service)
    until(lambda: both.readiness().workers == 2)
    split = both.submit(pieces(steps=10, seconds=0.01))
    whole = service.submit(pieces(steps=10))
    assert ended(both, split).state == ended(service, whole).state == "done"
    assert both.status(split).done == both.status(split).total == 50
    assert_same(values(both, split), values(service, whole))


def test_a_killed_worker_ends_all_parts(service):
    both = SplitService(service)
    until(lambda: both.readiness().workers == 2)
    split = both.submit(pieces(steps=1000, seconds=0.02, tell=True))
    until(lambda: len(values(both, split).get("pids", {})) == 2)
    until(lambda: values(both, split)["runs"]["b"]["n"].size)
    pids = values(both, split)["pids"]
    os.kill(pids["0"], signal.SIGKILL)
    status = ended(both, split)
    assert (status.state, "worker process died" in status.message) == ("lost", True)
    assert len(values(both, split)["runs"]["b"]["n"]) > 0  # what the other one had is kept
    for _ in range(2):  # and both workers can be had again
        assert_complete(service, service.submit(count(2)), 2)


# ---- with Keras ----------------------------------------------------------------------------


@pytest.mark.keras
def test_a_real_experiment_on_warm_workers():
    service = start(workers=1)
    try:
        data = np.random.RandomState(3).rand(5, 6)
        job_id = service.submit(Job(Moving(data, updates=200)))
        until(lambda: service.status(job_id).finished)
        assert service.status(job_id).state == "done", service.status(job_id)
        assert values(service, job_id).update.tolist() == list(range(1, 201))
        broken = [[1.0, 2.0], [1.0, 3.0]]  # of which only the run can tell
        refused = service.submit(Job(Freezing(broken, epsilon=0.0)))
        assert ended(service, refused).state == "refused"
    finally:
        service.close()
