"""The training service: worker processes on this machine, or a Dask cluster elsewhere.

    service = start()                      # returns at once; the workers start meanwhile
    job_id = service.submit(Job(experiment))  # a record of bncore.experiments
    service.events_since(job_id, 0)

Dask distributed schedules, queues, carries the events and replaces workers that die. What is here
joins it to `TrainingService`: the ledger of events, stopping, and what happens when a worker, the
cluster or the connection is lost.
"""

import importlib.util
import os
import threading
from collections.abc import Iterable
from typing import Any

from bncore.training.dask_service import DaskService
from bncore.training.desk import Desk, DeskService
from bncore.training.host import ChildProcess, Elsewhere, Host, Later
from bncore.training.jobs import Job, Readiness, TrainingService
from bncore.training.limits import Limits
from bncore.training.memory import memory_setting
from bncore.training.runner import ALLOWED, MAX_BYTES
from bncore.training.store import store_of_settings
from bncore.training.supported import without_tensorflow
from bncore.training.workers import default_workers

NEEDED = {
    "distributed": "Dask distributed",
    "cryptography": "cryptography",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
}


def start(
    allowed: Iterable[str] = ALLOWED,
    *,
    workers: int | None = None,
    warm: bool = True,
    max_bytes: int = MAX_BYTES,
    wait_for: threading.Event | None = None,
) -> TrainingService:
    """Start the training service and return at once; what is submitted early waits.

    Args:
        allowed: packages that experiments may come from.
        workers: number of worker processes; by default what BNLAB_WORKERS says, or one a core
            and at most 2.
        warm: load Keras in the workers before their first job.
        max_bytes: how much one job may send back.
        wait_for: when to start the workers, or to look for them; by default at once.

    With BNLAB_RESULTS set to a folder, results are shared with the other processes that use it.
    With BNLAB_SCHEDULER set to an address ("tcp://host:port") nothing is started: jobs go to the
    scheduler there. Where a package is missing the service says so in `readiness`, and refuses
    every job with that sentence.
    """
    address = os.environ.get("BNLAB_SCHEDULER", "").strip()
    problem = missing_packages(_needed(address, warm))
    if problem:
        return UnavailableService(problem)
    try:
        limits = Limits.of()
        memory_setting()  # the workers read it: where they cannot, somebody is told here
        count = default_workers() if workers is None else workers
        host: Host = Elsewhere(address) if address else ChildProcess(count, warm)
    except ValueError as error:
        return UnavailableService(f"Training is not available: {error}.")
    host = Later(host, wait_for) if wait_for is not None else host
    return DaskService(host, tuple(allowed), max_bytes, limits, store_of_settings())


def _needed(address: str, warm: bool) -> tuple[str, ...]:
    """The packages that this process and its own workers need."""
    if address:
        return ("distributed",)
    return tuple(NEEDED) if warm else ("distributed", "cryptography")


def missing_packages(names: Iterable[str]) -> str:
    """What is missing of the packages that training needs, and how to get it; "" if nothing.

    >>> missing_packages(["json"])
    ''
    """
    absent = [name for name in names if importlib.util.find_spec(name) is None]
    if not absent:
        return ""
    if "tensorflow" in absent and (reason := without_tensorflow()):
        return f"Training is not available: {reason} Everything else works."
    missing = [NEEDED.get(name, name) for name in absent]
    verb = "is" if len(missing) == 1 else "are"
    return (
        f"Training is not available: {' and '.join(missing)} {verb} not installed. Install with "
        "`pip install -r requirements.txt` and start the app again. Everything else works."
    )


class UnavailableService(DeskService):
    """Takes jobs and fails each of them with the reason why nothing can be trained here.

    >>> from bncore.experiments.experiment import Experiment
    >>> service = UnavailableService("Training is not available: no cluster.")
    >>> service.status(service.submit(Job(Experiment()))).state
    'failed'
    """

    def __init__(self, reason: str) -> None:
        super().__init__(Desk())
        self._reason = reason

    def submit(self, job: Job[Any], visitor: str = "", fresh: bool = False) -> str:
        """Fail the job; its id."""
        request = self._desk.submit(job, visitor, fresh)
        self._desk.record(request, "failed", message=self._reason)
        return request

    def cancel(self, job_id: str) -> None:
        """Nothing to stop."""

    def readiness(self) -> Readiness:
        """Unavailable, and why."""
        return Readiness("unavailable", self._reason)

    def close(self) -> None:
        """Nothing to close."""
