"""A training service that runs the parts of one job on several workers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import Event, Job, Readiness, Status, TrainingService
from bncore.training.ledger import Ledger
from bncore.training.runner import MAX_BYTES, nbytes, size_limit_message, time_limit_message
from bncore.training.split import covered, ending, of_all, split
from bncore.training.tally import Load


@dataclass
class _Part:
    """A part of a job, as the service inside knows it."""

    job_id: str
    status: Status
    seen: int = 0
    began: float | None = None

    def span(self, now: float) -> tuple[float, float]:
        """From when to when it ran."""
        began = now if self.began is None else self.began
        return began, began + self.status.elapsed_seconds


@dataclass
class _Whole:
    """A job that was split."""

    job: Job[Any]
    parts: list[_Part]
    newest: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    stopped: bool = False


class SplitService:
    """Hands the parts of a job to another service; their events come back as those of one job.

    Jobs that do not split, and all jobs where there is one worker, are that service's own. What
    the parts say is taken in when somebody asks for it.

    >>> from bncore.experiments.experiment import Experiment
    >>> from bncore.training.service import UnavailableService
    >>> service = SplitService(UnavailableService("Training is not available."))
    >>> service.status(service.submit(Job(Experiment(), parts=2))).message
    'Training is not available.'
    """

    def __init__(
        self,
        service: TrainingService,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.service = service
        self._max_bytes = max_bytes
        self._clock = clock
        self._lock = threading.RLock()
        self._ledger = Ledger(clock=clock)
        self._live: dict[str, _Whole] = {}
        self._shared: dict[str, str] = {}  # by their content, jobs whose parts have all been there
        self._made: dict[str, float] = {}  # when those were made that others had asked for before

    # ---- the TrainingService -----------------------------------------------------------------

    def submit(self, job: Job[Any], visitor: str = "", fresh: bool = False) -> str:
        """Ask for a job, in parts where that helps; the id of the request."""
        parts = split(job, self.readiness().workers)
        if len(parts) == 1 or (not fresh and self.service.has(job)):
            return self.service.submit(job, visitor, fresh)
        with self._lock:
            for job_id in list(self._live):  # nobody may have asked for the end of the others
                self._take_in(job_id)
            self._made = {each: at for each, at in self._made.items() if self._known(each)}
            self._shared = {c: each for c, each in self._shared.items() if self._known(each)}
            ended = self._shared.get(fingerprint(job))
            if ended is not None and not fresh and all(map(self.service.has, parts)):
                self._made.setdefault(ended, self._clock() - self._ledger.age(ended))
                self._ledger.used(ended)
                return ended
            whole = self._ledger.add(job)
            ids = [
                self.service.submit(replace(part, whole=whole), visitor, fresh) for part in parts
            ]
            waiting = [_Part(each, Status(each, "queued")) for each in ids]
            self._live[whole] = _Whole(job, waiting)
        return whole

    def has(self, job: Job[Any]) -> bool:
        """Whether such a run has ended well, so that `submit` gives its result.

        In parts, or whole, as the first run of a server that has one worker so far.
        """
        parts = split(job, self.readiness().workers)
        return self.service.has(job) or all(self.service.has(part) for part in parts)

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a job that is not known."""
        with self._lock:
            self._take_in(job_id)
            if not self._known(job_id):
                return self.service.events_since(job_id, index)
            return self._ledger.events_since(job_id, index)

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a job that is not known."""
        with self._lock:
            self._take_in(job_id)
            if not self._known(job_id):
                return self.service.status(job_id)
            status, whole = self._ledger.status(job_id), self._live.get(job_id)
            made = self._made.get(job_id)
            status = replace(status, age_seconds=None if made is None else self._clock() - made)
            if whole is None:
                return status
            places = [part.status.position for part in whole.parts if part.status.position]
            queued = status.state == "queued"
            return replace(
                status,
                position=min(places, default=1) if queued else None,
                elapsed_seconds=self._seconds(whole),
            )

    def cancel(self, job_id: str) -> None:
        """Ask all parts to stop."""
        with self._lock:
            whole = self._live.get(job_id)
            if whole is None:
                self.service.cancel(job_id)
            else:
                whole.stopped = True
                self._stop_parts(whole)

    def readiness(self) -> Readiness:
        """Whether the workers are there."""
        return self.service.readiness()

    def load(self) -> Load:
        """How much is going on, in parts."""
        return self.service.load()

    def close(self) -> None:
        """Stop everything."""
        self.service.close()
        with self._lock:
            for job_id in list(self._live):
                self._take_in(job_id)

    # ---- what the parts say ------------------------------------------------------------------

    def _known(self, job_id: str) -> bool:
        return self._ledger.state(job_id) is not None

    def _take_in(self, job_id: str) -> None:
        whole = self._live.get(job_id)
        if whole is None:
            return
        for part in whole.parts:
            self._hear(job_id, whole, part)
        ages = [part.status.age_seconds for part in whole.parts]
        known = [age for age in ages if age is not None]
        if len(known) == len(ages):
            self._made[job_id] = self._clock() - max(known)
        end = self._ending(whole)
        if end is not None:
            kind, message = end
            self._stop_parts(whole)
            self._ledger.record(job_id, kind, message=message, seconds=self._seconds(whole))
            if kind == "done":
                self._shared[fingerprint(whole.job)] = job_id
            del self._live[job_id]

    def _hear(self, job_id: str, whole: _Whole, part: _Part) -> None:
        """Take in what has come of one part."""
        if part.status.finished:
            return
        try:
            # The status first: what ended before it has all its events in the second answer.
            part.status = self.service.status(part.job_id)
            events = self.service.events_since(part.job_id, part.seen)
        except KeyError:
            message = "A part of the run is not known any more. Start it again."
            part.status = replace(part.status, state="lost", message=message)
            return
        part.seen += len(events)
        if part.began is None and part.status.elapsed_seconds:
            part.began = self._clock() - part.status.elapsed_seconds
        for event in events:
            if event.kind == "started" and self._ledger.state(job_id) == "queued":
                self._ledger.record(job_id, "started", seconds=self._seconds(whole))
            if event.chunk is not None and whole.size <= self._max_bytes:
                whole.newest[part.job_id] = event.chunk
                whole.size += nbytes(event.chunk.values)
                if whole.size <= self._max_bytes:
                    chunk = of_all(event.chunk, whole.newest.values())
                    self._ledger.record(job_id, "chunk", chunk)

    def _ending(self, whole: _Whole) -> tuple[str, str] | None:
        if whole.size > self._max_bytes:
            return "timeout", size_limit_message(self._max_bytes)
        end = ending([part.status for part in whole.parts], whole.stopped)
        if end is None and self._seconds(whole) > whole.job.limit_seconds:
            return "timeout", time_limit_message(whole.job)
        return end

    def _seconds(self, whole: _Whole) -> float:
        """For how long any part has run."""
        now = self._clock()
        return covered(part.span(now) for part in whole.parts)

    def _stop_parts(self, whole: _Whole) -> None:
        for part in whole.parts:
            if not part.status.finished:
                self.service.cancel(part.job_id)
