"""The training runs of one session: at most one that goes on, and the results that are kept.

No widgets here: `panel` shows them. A result belongs to the content of its job, so whoever
comes back to the same settings (undo, another page and back, a rerun) finds it again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import FINAL, Event, Job, Status, TrainingService
from bncore.training.runner import nbytes
from ui.training.absence import note_stopped

KEEP_RUNS = 12
KEEP_BYTES = 64 * 2**20
GRACE_SECONDS = 25.0
"""How long a run goes on without its session: a lost connection usually comes back by then."""


@dataclass(frozen=True)
class Result:
    """What a run has brought so far.

    `values` holds, under each name, the arrays of all chunks joined along their first axis, and of
    anything else the newest value. `state` is "queued", "running", or how the run ended ("done",
    "failed", "refused", "cancelled", "lost", "timeout"); then `finished` is true.
    """

    job: Job
    values: Mapping[str, Any]
    state: str
    done: int
    total: int
    message: str
    seconds: float

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL


class _Values(dict[str, Any]):
    """The values of a run; other than a plain dict it can be held weakly."""


_whole: WeakValueDictionary[str, _Values] = WeakValueDictionary()
"""By the id of a job: a class that shares one run holds its values once, not once a session."""


@dataclass
class Run:
    """A job that was submitted, and what has come of it."""

    job: Job
    job_id: str
    values: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    source: str = ""  # the id of the job, which requests may share
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
            message = "The training service was started again. Press Train to run it again."
            self.status = Status(self.job_id, "lost", None, 0, 0, message)
            return
        self._take_in(events)
        self.status = status
        if status.state == "done":
            self.values = _whole.setdefault(self.source, _Values(self.values))

    def result(self) -> Result:
        """What the run has brought so far."""
        status = self.status
        return Result(
            self.job,
            dict(self.values),
            status.state,
            status.done,
            status.total,
            status.message,
            status.elapsed_seconds,
        )

    def _take_in(self, events: list[Event]) -> None:
        self.seen += len(events)
        self.source = events[-1].job_id if events else self.source
        chunks = [event.chunk.values for event in events if event.chunk is not None]
        if chunks:
            self.values = joined([self.values, *chunks])


class Runs:
    """The runs of a session."""

    def __init__(self) -> None:
        self.live: Run | None = None
        self._kept: dict[str, Run] = {}  # by the content of the job, oldest first

    @property
    def empty(self) -> bool:
        """Whether nothing was run yet."""
        return not self._kept

    def find(self, job: Job) -> Run | None:
        """The run with this content, if it was made."""
        return self._kept.get(fingerprint(job))

    def start(self, service: TrainingService, job: Job, visitor: str = "") -> bool:
        """Ask for a job; False, and nothing done, while another run goes on.

        Who has the result already wants it made anew; otherwise one that was made for somebody
        else does as well, and is here at once.
        """
        self.poll(service)
        if self.live is not None:
            return False
        key = fingerprint(job)
        known = self._kept.pop(key, None)
        fresh = known is not None and known.status.state == "done"
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
        sizes = {key: nbytes(run.values) for key, run in self._kept.items()}
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


def joined(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of successive chunks as one: arrays joined along their first axis, name by name;
    of anything else the newest; mappings inside likewise.

    >>> joined([{"n": np.array([1, 2]), "last": 2}, {"n": np.array([3]), "last": 3}])
    {'n': array([1, 2, 3]), 'last': 3}
    """
    whole: dict[str, Any] = {}
    for name in dict.fromkeys(name for part in parts for name in part):
        found = [part[name] for part in parts if name in part]
        if all(isinstance(value, np.ndarray) and value.ndim > 0 for value in found):
            whole[name] = found[0] if len(found) == 1 else np.concatenate(found)
        elif all(isinstance(value, Mapping) for value in found):
            whole[name] = joined(found)
        else:
            whole[name] = found[-1]
    return whole
