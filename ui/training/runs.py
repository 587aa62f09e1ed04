"""The training runs of one session: at most one that goes on, and the results that are kept.

No widgets here: `panel` shows them. A result belongs to the content of its job, so whoever
comes back to the same settings (undo, another page and back, a rerun) finds it again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from bncore.experiments.experiment import joined
from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import FINAL, Event, Job, Status, TrainingService
from bncore.training.runner import nbytes
from ui.training.absence import note_stopped

FoundT = TypeVar("FoundT", covariant=True)

KEEP_RUNS = 12
KEEP_BYTES = 64 * 2**20
GRACE_SECONDS = 25.0
"""How long a run goes on without its session: a lost connection usually comes back by then."""


@dataclass(frozen=True)
class Result(Generic[FoundT]):
    """What a run has brought so far.

    `state` is "queued", "running", or how the run ended ("done", "failed", "refused", "cancelled",
    "lost", "timeout"); then `finished` is true. `opened` says that nobody here asked for it: the
    run was made before, and the page shows it as it opens.
    """

    job: Job[FoundT]
    newest: FoundT | None
    state: str
    done: int
    total: int
    message: str
    seconds: float
    opened: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL

    @property
    def found(self) -> FoundT:
        """The record of all that was found; LookupError before the first of it has come."""
        if self.newest is None:
            raise LookupError("nothing has come yet")
        return self.newest


@dataclass(frozen=True)
class _Whole:
    """All that a run has found; other than a mapping it can be held weakly."""

    found: Any


_whole: WeakValueDictionary[str, _Whole] = WeakValueDictionary()
"""By the id of a job: a class that shares one run holds its values once, not once a session."""


@dataclass
class Run:
    """A job that was submitted, and what has come of it."""

    job: Job[Any]
    job_id: str
    held: _Whole = _Whole(None)
    seen: int = 0
    source: str = ""  # the id of the job, which requests may share
    opened: bool = False
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        self.status = Status(self.job_id, "queued")

    def poll(self, service: TrainingService) -> None:
        """Take in what has come since the last time."""
        if self.status.finished:
            return
        try:
            # The status first: what ended before it has all its events in the second answer.
            status = service.status(self.job_id)
            events = service.events_since(self.job_id, self.seen)
        except KeyError:  # the server's service was replaced
            message = "The training service was started again. Start it again."
            self.status = Status(self.job_id, "lost", None, 0, 0, message)
            return
        self._take_in(events)
        self.status = status
        if status.state == "done":
            self.held = _whole.setdefault(self.source, self.held)

    @property
    def found(self) -> Any:
        """What has been found so far; None before the first of it has come."""
        return self.held.found

    def result(self) -> Result[Any]:
        """What the run has brought so far."""
        status = self.status
        return Result(
            self.job,
            self.found,
            status.state,
            status.done,
            status.total,
            status.message,
            status.elapsed_seconds,
            self.opened,
        )

    def _take_in(self, events: list[Event]) -> None:
        self.seen += len(events)
        self.source = events[-1].job_id if events else self.source
        chunks = [event.chunk.values for event in events if event.chunk is not None]
        if any(values is not None for values in chunks):
            self.held = _Whole(joined([self.found, *chunks]))


class Runs:
    """The runs of a session."""

    def __init__(self) -> None:
        self.live: Run | None = None
        self._kept: dict[str, Run] = {}  # by the content of the job, oldest first

    @property
    def empty(self) -> bool:
        """Whether nothing was run yet."""
        return all(run.opened for run in self._kept.values())

    def find(self, job: Job[Any]) -> Run | None:
        """The run with this content, if it was made."""
        return self._kept.get(fingerprint(job))

    def open(self, service: TrainingService, job: Job[Any]) -> None:
        """Take the result of this job where a run has brought it before: no worker is needed."""
        key = fingerprint(job)
        known = self._kept.get(key)
        # What was declined or failed keeps its sentence; what was given up leaves nothing to say.
        given_up = known is not None and known.status.state == "cancelled" and known.found is None
        if (known is None or given_up) and service.has(job):
            run = self._kept[key] = Run(job, service.submit(job), opened=True)
            run.poll(service)
            self._forget()

    def start(self, service: TrainingService, job: Job[Any], visitor: str = "") -> bool:
        """Ask for a job; False, and nothing done, while another run goes on.

        Who has a result, or has stopped a run, wants it made anew; otherwise one that was made for
        somebody else does as well, and is here at once.
        """
        self.poll(service)
        if self.live is not None:
            return False
        key = fingerprint(job)
        known = self._kept.pop(key, None)
        fresh = known is not None
        self.live = self._kept[key] = Run(job, service.submit(job, visitor=visitor, fresh=fresh))
        self.poll(service)
        self._forget()
        return True

    def stop(self, service: TrainingService) -> None:
        """Ask the run that goes on to stop."""
        if self.live is not None:
            service.cancel(self.live.job_id)

    def poll(self, service: TrainingService) -> bool:
        """Take in what has come; True when the run that went on has just ended."""
        if self.live is None:
            return False
        self.live.poll(service)
        if not self.live.status.finished:
            return False
        self.live = None
        self._forget()
        return True

    def _forget(self) -> None:
        """Drop the oldest runs while there are too many, or they are too large."""
        sizes = {key: nbytes(run.found) for key, run in self._kept.items()}
        for key in list(self._kept)[:-1]:
            if len(sizes) <= KEEP_RUNS and sum(sizes.values()) <= KEEP_BYTES:
                return
            if self._kept[key] is not self.live:
                del self._kept[key], sizes[key]


class Presence:
    """Whether a session's browser is there; its run is stopped a while after it has gone.

    Streamlit calls `leave` when a connection ends, which is a closed tab or a short loss of the
    network; in the second case the next script run calls `come_back`.
    """

    def __init__(self, runs: Runs, grace_seconds: float | None = None, session: str = "") -> None:
        self.runs = runs
        self._session = session
        self.service: TrainingService | None = None
        self._grace = GRACE_SECONDS if grace_seconds is None else grace_seconds
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def leave(self) -> None:
        """The browser has gone."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(self._grace, self._gone_for_good)
                self._timer.daemon = True
                self._timer.start()

    def come_back(self) -> None:
        """The browser is there (again)."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _gone_for_good(self) -> None:
        if self.service is not None and self.runs.live is not None:
            note_stopped(self._session, self.runs.live.job_id, self.runs.live.job.label)
            self.runs.stop(self.service)
