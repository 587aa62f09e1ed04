"""A training service in this process: one thread, no cluster."""

import threading
from collections.abc import Iterable
from typing import Any

from bncore.training.desk import STOPPED_EARLY, Desk, DeskService
from bncore.training.jobs import Chunk, Job, Readiness
from bncore.training.limits import Limits
from bncore.training.runner import ALLOWED, MAX_BYTES, run


class LocalService(DeskService):
    """Runs jobs one after another in a thread of this process."""

    def __init__(
        self,
        allowed: Iterable[str] = ALLOWED,
        max_bytes: int = MAX_BYTES,
        limits: Limits | None = None,
    ) -> None:
        self._allowed = tuple(allowed)
        self._max_bytes = max_bytes
        super().__init__(Desk(limits, workers=1))
        self._stops: dict[str, threading.Event] = {}
        self._news = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="local-training", daemon=True)
        self._thread.start()

    def submit(self, job: Job[Any], visitor: str = "", fresh: bool = False) -> str:
        """Ask for a job; the id of the request."""
        with self._news:
            request = self._desk.submit(job, visitor, fresh)
            self._news.notify()
        return request

    def cancel(self, job_id: str) -> None:
        """Leave the run; it stops when nobody is left, and one that waits ends at once."""
        with self._news:
            unwanted = self._desk.leave(job_id)
            if unwanted in self._stops:
                self._stops[unwanted].set()

    def readiness(self) -> Readiness:
        """Always ready."""
        return Readiness("ready", workers=1)

    def close(self) -> None:
        """Stop what runs and what waits; returns when the thread has ended (or after 5 s)."""
        with self._news:
            self._closed = True
            for stop in self._stops.values():
                stop.set()
            for job_id in set(self._desk.live()) - self._stops.keys():
                self._desk.record(job_id, "cancelled", message=STOPPED_EARLY)
            self._news.notify()
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while (job_id := self._next()) is not None:

            def publish(
                kind: str, chunk: Chunk[Any] | None, message: str, job_id: str = job_id
            ) -> None:
                self._desk.record(job_id, kind, chunk, message)

            stop = self._stops[job_id]
            run(self._desk.job(job_id), publish, stop, self._allowed, self._max_bytes)
            with self._news:
                del self._stops[job_id]
                self._desk.free(job_id)

    def _next(self) -> str | None:
        """Wait for a job; None when the service is closed."""
        with self._news:
            while not self._closed:
                job_id = self._desk.next()
                if job_id is not None:
                    self._stops[job_id] = threading.Event()
                    return job_id
                self._news.wait()
        return None
