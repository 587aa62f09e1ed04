"""A training service in this process: one thread, no cluster. For tests and scripts.

Not for the web server, which must not import Keras.
"""

import queue
import threading
from collections.abc import Iterable

from bncore.training.jobs import Chunk, Event, Job, Readiness, Status
from bncore.training.ledger import Ledger
from bncore.training.runner import ALLOWED, MAX_BYTES, run
from bncore.training.tally import Load


class LocalService:
    """Runs jobs one after another in a thread of this process.

    >>> service = LocalService()
    >>> job = service.submit(Job("os:remove", {"path": "/"}))
    >>> while not service.status(job).finished: pass
    >>> service.status(job).state
    'refused'
    >>> service.close()
    """

    def __init__(self, allowed: Iterable[str] = ALLOWED, max_bytes: int = MAX_BYTES) -> None:
        self._allowed = tuple(allowed)
        self._max_bytes = max_bytes
        self._ledger = Ledger()
        self._stops: dict[str, threading.Event] = {}
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="local-training", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> str:
        """Queue a job; its id."""
        job_id = self._ledger.add(job)
        self._stops[job_id] = threading.Event()
        self._queue.put(job_id)
        return job_id

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a job that is not known."""
        return self._ledger.events_since(job_id, index)

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a job that is not known."""
        return self._ledger.status(job_id)

    def cancel(self, job_id: str) -> None:
        """Ask the job to stop; one that waits ends at once."""
        stop = self._stops.get(job_id)
        if stop is not None:
            stop.set()
        if self._ledger.state(job_id) == "queued":
            self._ledger.record(job_id, "cancelled", message="Stopped before it began.")

    def readiness(self) -> Readiness:
        """Always ready."""
        return Readiness("ready")

    def load(self) -> Load:
        """How much is going on; this process is the one worker."""
        return self._ledger.load(workers=1)

    def close(self) -> None:
        """Stop what runs and what waits; returns when the thread has ended (or after 5 s)."""
        for job_id in self._ledger.live():
            self.cancel(job_id)
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while (job_id := self._queue.get()) is not None:
            stop = self._stops[job_id]
            if not stop.is_set():

                def publish(
                    kind: str, chunk: Chunk | None, message: str, job_id: str = job_id
                ) -> None:
                    self._ledger.record(job_id, kind, chunk, message)

                run(self._ledger.job(job_id), publish, stop, self._allowed, self._max_bytes)
            del self._stops[job_id]
