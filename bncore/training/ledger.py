"""What happened to each job: its events, its state, how long it ran.

Finished jobs are forgotten after a while, live ones never.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bncore.training.jobs import FINAL, Chunk, Event, Job, Status
from bncore.training.runner import name_of, nbytes
from bncore.training.tally import Load, Tally

KEEP_JOBS = 1000
KEEP_BYTES = 256 * 2**20


@dataclass
class _Entry:
    job: Job[Any]
    added: float
    events: list[Event] = field(default_factory=list)
    size: int = 0
    began: float | None = None
    ended: float | None = None

    @property
    def state(self) -> str:
        kind = self.events[-1].kind
        return "running" if kind in ("started", "chunk") else kind


class Ledger:
    """The events of jobs.

    >>> from bncore.experiments.experiment import Experiment
    >>> ledger = Ledger()
    >>> a, b = ledger.add(Job(Experiment())), ledger.add(Job(Experiment()))
    >>> ledger.record(a, "started"), ledger.status(a).state, ledger.status(b).state
    (True, 'running', 'queued')
    >>> ledger.record(a, "done"), ledger.record(a, "cancelled")
    (True, False)
    >>> [event.kind for event in ledger.events_since(a, 1)]
    ['started', 'done']
    """

    def __init__(
        self,
        keep_jobs: int = KEEP_JOBS,
        keep_bytes: int = KEEP_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keep_jobs = keep_jobs
        self._keep_bytes = keep_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._tally = Tally()
        self._entries: dict[str, _Entry] = {}  # the longest unused first

    def add(self, job: Job[Any]) -> str:
        """A new job, queued; its id."""
        job_id = uuid.uuid4().hex
        with self._lock:
            entry = self._entries[job_id] = _Entry(job, self._clock())
            entry.events.append(Event(job_id, 0, "queued"))
            self._forget()
        return job_id

    def record(
        self,
        job_id: str,
        kind: str,
        chunk: Chunk[Any] | None = None,
        message: str = "",
        seconds: float | None = None,
    ) -> bool:
        """Append an event; False, and nothing changed, where the job has ended or is unknown.

        `seconds` is how long the job has run, where whoever runs it knows better than this clock.
        """
        with self._lock:
            entry = self._entries.get(job_id)
            if entry is None or entry.state in FINAL:
                return False
            entry.events.append(Event(job_id, len(entry.events), kind, chunk, message))
            if kind == "started":
                entry.began = self._clock() - (seconds or 0.0)
            if chunk is not None:
                entry.size += nbytes(chunk.values)
            if kind in FINAL:
                if entry.began is None or seconds is None:
                    entry.ended = self._clock()
                else:
                    entry.ended = entry.began + seconds
                self._count(entry)
                self._forget()
            return True

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a job that is not known."""
        with self._lock:
            return self._entries[job_id].events[index:]

    def job(self, job_id: str) -> Job[Any]:
        """The job itself; KeyError for a job that is not known."""
        with self._lock:
            return self._entries[job_id].job

    def state(self, job_id: str) -> str | None:
        """The job's state, None for a job that is not known."""
        with self._lock:
            entry = self._entries.get(job_id)
            return entry.state if entry else None

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a job that is not known."""
        with self._lock:
            entry = self._entries[job_id]
            newest = next((e.chunk for e in reversed(entry.events) if e.chunk is not None), None)
            message = entry.events[-1].message or (newest.message if newest else "")
            return Status(
                job_id,
                entry.state,
                None,
                newest.done if newest else 0,
                newest.total if newest else 0,
                message,
                self._elapsed(entry),
            )

    def load(self, workers: int) -> Load:
        """How much is going on, with so many workers."""
        with self._lock:
            states = [entry.state for entry in self._entries.values()]
        return self._tally.load(states.count("queued"), states.count("running"), workers)

    def age(self, job_id: str) -> float:
        """How long ago the job ended; 0 where it has not. KeyError for an unknown one."""
        with self._lock:
            ended = self._entries[job_id].ended
            return 0.0 if ended is None else max(0.0, self._clock() - ended)

    def used(self, job_id: str) -> None:
        """Somebody wants the job's result: others are forgotten before it."""
        with self._lock:
            self._entries[job_id] = self._entries.pop(job_id)

    def __len__(self) -> int:
        return len(self._entries)

    def live(self) -> list[str]:
        """The ids of all jobs that have not ended."""
        with self._lock:
            return [job_id for job_id, entry in self._entries.items() if entry.state not in FINAL]

    def _count(self, entry: _Entry) -> None:
        waited = None if entry.began is None else max(0.0, entry.began - entry.added)
        ran = None if entry.began is None else self._elapsed(entry)
        self._tally.add(name_of(entry.job), entry.state, waited, ran)

    def _elapsed(self, entry: _Entry) -> float:
        if entry.began is None:
            return 0.0
        return (self._clock() if entry.ended is None else entry.ended) - entry.began

    def _forget(self) -> None:
        """Drop the oldest finished jobs while there are too many, or they are too large."""
        finished = [each for each, entry in self._entries.items() if entry.state in FINAL]
        size = sum(self._entries[each].size for each in finished)
        # The newest one stays whatever its size: somebody is about to read it.
        for job_id in finished[:-1]:
            if len(self._entries) <= self._keep_jobs and size <= self._keep_bytes:
                return
            size -= self._entries.pop(job_id).size
