"""What happens inside a worker process: a job runs, its events leave in batches, it can be stopped.

Events travel as Dask's own: `worker.log_event`, which takes plain bytes, so that neither the
scheduler nor Dask's logs look into them.
"""

import pickle
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bncore.training.jobs import Chunk, Job
from bncore.training.runner import run
from bncore.training.warm import give_way

BATCH_SECONDS = 0.05
"""At most 20 batches a second leave a worker: more would only wake everybody up."""

Entry = tuple[str, Chunk[Any] | None, str]

_stops: dict[str, threading.Event] = {}


@dataclass(frozen=True)
class Batch:
    """Events of one job on their way to the service.

    `first` counts the job's events from 0, so that a gap shows; `attempt` is new each time a
    scheduler gives the job to a worker, so that a silent second run shows as well. `seconds` is
    how long the job has run on the worker.
    """

    job_id: str
    attempt: str
    worker: str
    first: int
    seconds: float
    entries: tuple[Entry, ...]


def dask_setup(_worker: Any) -> None:
    """Called by Dask in a worker process before it takes jobs, and before Keras is loaded."""
    give_way()


class Batcher:
    """Collects entries and sends them every `seconds`, at least once more when it is closed.

    >>> sent = []
    >>> batcher = Batcher(lambda first, entries: sent.append((first, len(entries))), seconds=60)
    >>> batcher.add(("started", None, "")); batcher.add(("done", None, "")); batcher.close()
    >>> sent
    [(0, 2)]
    """

    def __init__(
        self, send: Callable[[int, tuple[Entry, ...]], None], seconds: float = BATCH_SECONDS
    ) -> None:
        self._send = send
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: list[Entry] = []
        self._sent = 0
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="training-events", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Hand in one entry."""
        with self._lock:
            self._waiting.append(entry)

    def close(self) -> None:
        """Send what is left; nothing may be added afterwards."""
        self._closed.set()
        self._thread.join()
        self._flush()

    def _work(self) -> None:
        while not self._closed.wait(self._seconds):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            entries, self._waiting = tuple(self._waiting), []
            first, self._sent = self._sent, self._sent + len(entries)
        if entries:
            self._send(first, entries)


class _StopSign(threading.Event):
    """Set when somebody asks, and when nobody waits for the task any more.

    Dask releases the tasks of a server that has ended, in whatever way, and lets them run on: on a
    worker that others use as well they would keep it busy to their end.
    """

    def __init__(self, worker: Any, key: str) -> None:
        super().__init__()
        self._worker, self._key = worker, key

    def is_set(self) -> bool:
        """Whether to stop."""
        task = self._worker.state.tasks.get(self._key)
        return super().is_set() or task is None or task.state == "cancelled"


def run_job(
    job_id: str, job: Job[Any], topic: str, allowed: tuple[str, ...], max_bytes: int
) -> None:
    """Run a job as a Dask task; all that comes of it leaves as `Batch`es under `topic`."""
    from distributed import get_worker  # the web process imports this module, too

    worker = get_worker()
    attempt, began = uuid.uuid4().hex, time.monotonic()
    stop = _stops[job_id] = _StopSign(worker, str(worker.get_current_task()))

    def send(first: int, entries: tuple[Entry, ...]) -> None:
        batch = Batch(job_id, attempt, worker.address, first, time.monotonic() - began, entries)
        worker.log_event(topic, pickle.dumps(batch))

    batcher = Batcher(send)
    try:
        run(job, lambda *entry: batcher.add(entry), stop, allowed, max_bytes)
    finally:
        _stops.pop(job_id, None)
        batcher.close()


def stop_job(job_id: str) -> None:
    """Ask a job of this process to stop; without effect when it is not here."""
    stop = _stops.get(job_id)
    if stop is not None:
        stop.set()


def stop_every_job() -> None:
    """Ask whatever runs in this process to stop."""
    for job_id in list(_stops):
        stop_job(job_id)
