"""What may go wrong around the workers: a worker at a bad moment, the clock, the disk.

The rest of what can die is in `test_cluster.py`, what an open page meets in
`tests/browser/test_faults.py`.
"""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bncore.experiments.experiment import joined
from bncore.training.jobs import Job
from bncore.training.service import start
from tests.experiments.simple import Count, Deaf

pytestmark = [pytest.mark.cluster, pytest.mark.faults]

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 300

# ---- a worker dies at a bad moment ---------------------------------------------------------


@pytest.fixture(scope="module")
def service():
    service = start(("tests.experiments",), workers=1, warm=False)
    yield service
    service.close()


def until(condition: Callable[[], Any]) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, "it never happened"
        time.sleep(0.002)


def finished(service, job_id: str) -> str:
    until(lambda: service.status(job_id).finished)
    status = service.status(job_id)
    assert status.state != "failed", status.message
    return status.state


def values(service, job_id: str) -> dict[str, Any]:
    events = service.events_since(job_id, 0)
    return joined([event.chunk.values for event in events if event.chunk])


def count(service, total: int, seconds: float = 0.005) -> str:
    job = Job(Count(total=total, seconds=seconds))
    return service.submit(job, fresh=True)  # no result of an earlier one


MOMENTS = {
    "as it is handed over": lambda status: True,
    "as it begins": lambda status: status.state == "running",
    "in the middle": lambda status: status.done > 20,
    "near the end": lambda status: status.done > 50,
    "at the end": lambda status: status.finished,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_may_die_at_any_moment(service, moment):
    asked = service.submit(Job(Deaf(seconds=0)), fresh=True)
    assert finished(service, asked) == "done"
    job_id = count(service, 60)
    until(lambda: MOMENTS[moment](service.status(job_id)))
    os.kill(values(service, asked)["pid"], signal.SIGKILL)
    next_one = count(service, 3)
    # In the first and the last moments the job may be on its way to the next worker, or done.
    assert finished(service, job_id) in ("lost", "done")
    status = service.status(job_id)
    assert status.done == 60 or status.state == "lost"
    # All that was told is kept, without a gap.
    assert list(values(service, job_id).get("n", ())) == list(range(1, status.done + 1))
    assert finished(service, next_one) == "done"
    assert list(values(service, next_one)["n"]) == [1, 2, 3]


# ---- the clock and the disk ----------------------------------------------------------------

BROKEN = """
    # Python loads this module first in every process.
    import builtins, errno, os, time

    FOLDER = os.environ["FOLDER"]
    real_time, real_os_open, real_mkdir = time.time, os.open, os.mkdir

    def moved_time():
        try:
            with open(f"{FOLDER}/clock") as file:
                return real_time() + float(file.read())
        except FileNotFoundError:
            return real_time()

    def refuse():
        if os.path.exists(f"{FOLDER}/full"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full_open(path, flags, *all, **more):
        if flags & os.O_CREAT:
            refuse()
        return real_os_open(path, flags, *all, **more)

    def full_mkdir(*all, **more):
        refuse()
        return real_mkdir(*all, **more)

    time.time, os.open, os.mkdir = moved_time, full_open, full_mkdir
"""
PREPARED = """
    import json, os, sys, time
    from bncore.training.jobs import Job
    from bncore.training.service import start
    from tests.experiments.simple import Count

    FOLDER = os.environ["FOLDER"]

    def until(condition):
        limit = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < limit
            time.sleep(0.005)

    def move_clock(seconds):
        with open(f"{FOLDER}/next", "w") as file:
            file.write(str(seconds))
        os.replace(f"{FOLDER}/next", f"{FOLDER}/clock")

    def count(service, total):
        return service.submit(Job(Count(total, seconds=0.005)), fresh=True)

    def tell(status):
        print(json.dumps([status.state, status.done, status.elapsed_seconds, status.message]))
"""


def in_a_broken_world(folder: Path, script: str) -> list[Any]:
    """What a script tells whose processes all have the clock and the disk that `folder` says."""
    (folder / "sitecustomize.py").write_text(textwrap.dedent(BROKEN))
    (folder / "script.py").write_text(textwrap.dedent(PREPARED) + textwrap.dedent(script))
    path = os.pathsep.join([str(folder), str(ROOT)])
    done = subprocess.run(
        [sys.executable, folder / "script.py"],
        env={**os.environ, "PYTHONPATH": path, "FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


CLOCK = """
    if __name__ == "__main__":
        service = start(("tests.experiments",), workers=1, warm=False)
        job = count(service, 300)
        for step in range(30):  # forth and back, at different moments of whatever sends
            until(lambda: service.status(job).done >= 10 * step + step % 7)
            move_clock(-3600 if step % 2 else 0)
        until(lambda: service.status(job).finished)
        tell(service.status(job))
        job = count(service, 3)  # the next one is handed over, too
        until(lambda: service.status(job).finished)
        tell(service.status(job))
        service.close()
"""


def test_a_clock_that_jumps_by_an_hour_is_not_noticed(tmp_path):
    told = in_a_broken_world(tmp_path, CLOCK)
    assert [state for state, *_ in told] == ["done"] * 2
    assert all(0 < seconds < PATIENCE for _, _, seconds, _ in told)


DISK = """
    if __name__ == "__main__":
        full = f"{FOLDER}/full"
        open(full, "w").close()
        service = start(("tests.experiments",), workers=1, warm=False)
        until(lambda: service.readiness().state == "unavailable")
        job = count(service, 3)
        tell(service.status(job))
        os.remove(full)
        until(lambda: service.readiness().state == "ready")  # by itself
        job = count(service, 3)
        until(lambda: service.status(job).finished)
        tell(service.status(job))

        open(full, "w").close()  # and while it works
        job = count(service, 3)
        until(lambda: service.status(job).finished)
        tell(service.status(job))
        service.close()
"""


def test_a_full_disk_is_told_and_not_for_ever(tmp_path):
    at_start, later, meanwhile = in_a_broken_world(tmp_path, DISK)
    assert at_start[0] == "failed"
    assert "No usable temporary directory" in at_start[-1]
    assert "Is the disk full?" in at_start[-1]
    assert later[:2] == ["done", 3]
    assert meanwhile[:2] == ["done", 3]
