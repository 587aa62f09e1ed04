"""The desk of a training service: takes requests in, shares runs, and says what is to be run next.

    desk = Desk()
    request = desk.submit(job, "ada")       # visitors: ask, look, leave
    desk.status(request), desk.events_since(request, 0), desk.leave(request)

    job_id = desk.next()                    # whoever runs the jobs: take, tell, and be free again
    desk.record(job_id, "started"), ..., desk.record(job_id, "done"), desk.free(job_id)

Requests for the same content share one run, so a class that presses Train on one preset trains
once. What ended otherwise than well is never shared: who asks again wants it done again.
"""

import math
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from bncore.training.fingerprint import fingerprint
from bncore.training.jobs import FINAL, Chunk, Event, Job, Readiness, Status
from bncore.training.ledger import Ledger
from bncore.training.limits import Limits, Spent
from bncore.training.tally import Load
from bncore.training.turns import CHECK, Entry, Turns

SHARED_SECONDS = 24 * 3600.0
"""For this long after its end a result is given to whoever asks for the same."""

PRESENT_SECONDS = 60.0
"""For so long after a request its visitor is there: studies of others leave a worker free."""

STOPPED = "Stopped on request."
STOPPED_EARLY = "Stopped before it began."
LEFT = "Stopped for you. Others asked for the same run, so it goes on for them."


@dataclass
class _Request:
    """One visitor's interest in a run."""

    job_id: str
    visitor: str
    age: float | None = None
    left: tuple[int, str] | None = None  # where the events ended for this request, and why


class Desk:
    """Requests of visitors on one side, jobs to be run on the other. From any thread."""

    def __init__(
        self,
        limits: Limits | None = None,
        workers: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._lock = threading.RLock()
        self._ledger = Ledger(clock=clock)
        self._turns = Turns(workers)
        self._spent = Spent(self._limits.training_seconds)
        self._requests: dict[str, _Request] = {}
        self._asking: dict[str, list[str]] = {}  # the visitors who wait for a job, by its id
        self._present: dict[str, float] = {}  # when each visitor asked last
        self._shared: dict[str, str] = {}  # the id of the newest job with this content
        self._done: dict[str, str] = {}  # and of the newest one that ended well

    # ---- for visitors ------------------------------------------------------------------------

    def submit(self, job: Job[Any], visitor: str = "", fresh: bool = False) -> str:
        """Ask for a job; the id of the request. See `TrainingService.submit`."""
        content = fingerprint(job)
        with self._lock:
            if visitor:  # nobody: the server itself, which takes no part in taking turns
                self._present[visitor] = self._clock()
            shared = self._to_share(content, fresh)
            if shared is not None:
                return self._join(shared, visitor)
            why_not = self._why_not(job, visitor)
            job_id = self._ledger.add(job)
            if why_not:
                self._ledger.record(job_id, "declined", message=why_not)
                return self._request(job_id, visitor)
            self._shared[content] = job_id
            self._asking[job_id] = [visitor]
            self._turns = self._turns.add(job_id, job.lane, visitor)
            return self._request(job_id, visitor)

    def has(self, job: Job[Any]) -> bool:
        """Whether a request for this job would be given a result at once."""
        with self._lock:
            shared = self._to_share(fingerprint(job), fresh=False)
            return shared is not None and not self._live(shared)

    def events_since(self, request: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a request that is not known."""
        with self._lock:
            asked = self._requests[request]
            if asked.left is None:
                return self._ledger.events_since(asked.job_id, index)
            end, message = asked.left
            events = self._ledger.events_since(asked.job_id, 0)[:end]
            return [*events, Event(asked.job_id, end, "cancelled", message=message)][index:]

    def status(self, request: str) -> Status:
        """Where the request stands; KeyError for one that is not known."""
        with self._lock:
            asked = self._requests[request]
            status = replace(
                self._ledger.status(asked.job_id),
                position=self._turns.place(asked.job_id),
                age_seconds=asked.age,
            )
            if asked.left is None:
                return status
            return replace(status, state="cancelled", position=None, message=asked.left[1])

    def leave(self, request: str) -> str | None:
        """Give a request up; the id of its job where nobody waits for that any more.

        Nothing, where it has ended or is not known. A job that has not been taken ends at once.
        """
        with self._lock:
            asked = self._requests.get(request)
            if asked is None or asked.left is not None or not self._live(asked.job_id):
                return None
            job_id, others = asked.job_id, self._asking[asked.job_id]
            others.remove(asked.visitor)
            self._turns = self._turns.leave(job_id, asked.visitor)
            if others:
                asked.left = len(self._ledger.events_since(job_id, 0)), LEFT
                return None
            self._shared.pop(
                fingerprint(self._ledger.job(job_id)), None
            )  # nobody joins it any more
            if self._ledger.state(job_id) == "queued":
                self.record(job_id, "cancelled", message=STOPPED_EARLY)
            return job_id

    # ---- for whoever runs the jobs -----------------------------------------------------------

    def set_workers(self, workers: int) -> None:
        """So many jobs can run at a time."""
        with self._lock:
            self._turns = replace(self._turns, workers=workers)

    def next(self) -> str | None:
        """The id of the job to be run now, None where none can; it takes a worker until `free`."""
        with self._lock:
            since = self._clock() - PRESENT_SECONDS
            self._present = {who: at for who, at in self._present.items() if at > since}
            reserved = int(len(self._present) > 1)
            job_id, self._turns = replace(self._turns, reserved=reserved).take()
            return job_id

    def made_before(self, job_id: str, age: float) -> None:
        """The result of this job was computed so many seconds ago, for somebody else."""
        with self._lock:
            if job_id in self._requests:  # the first request has its job's id
                self._requests[job_id].age = age

    def free(self, job_id: str) -> None:
        """The worker of this job can take another one."""
        with self._lock:
            self._turns = self._turns.ended(job_id)

    def put_back(self, job_id: str) -> None:
        """A job that was taken did not begin: it waits again, and is next."""
        with self._lock:
            self._turns = self._turns.back(job_id)

    def record(
        self,
        job_id: str,
        kind: str,
        chunk: Chunk[Any] | None = None,
        message: str = "",
        seconds: float | None = None,
    ) -> bool:
        """What happened to a job; see `Ledger.record`."""
        with self._lock:
            if not self._ledger.record(job_id, kind, chunk, message, seconds):
                return False
            if kind in FINAL:
                self._turns = self._turns.drop(job_id)
                self._charge(job_id)
            if kind == "done":
                self._done[fingerprint(self._ledger.job(job_id))] = job_id
            return True

    def job(self, job_id: str) -> Job[Any]:
        """The job itself; KeyError for a job that is not known."""
        return self._ledger.job(job_id)

    def state(self, job_id: str) -> str | None:
        """The job's state, None for a job that is not known."""
        return self._ledger.state(job_id)

    def live(self) -> list[str]:
        """The ids of all jobs that have not ended."""
        return self._ledger.live()

    def load(self, workers: int) -> Load:
        """How much is going on, with so many workers."""
        return self._ledger.load(workers)

    # ---- the parts ---------------------------------------------------------------------------

    def _live(self, job_id: str) -> bool:
        return self._ledger.state(job_id) not in (None, *FINAL)

    def _to_share(self, content: str, fresh: bool) -> str | None:
        """The job whose run a new request for this content joins."""
        newest, done = self._shared.get(content), self._done.get(content)
        if newest is not None and self._live(newest):
            return newest
        if fresh or done is None or self._ledger.state(done) != "done":
            return None
        return done if self._ledger.age(done) < SHARED_SECONDS else None

    def _join(self, job_id: str, visitor: str) -> str:
        age = self._ledger.age(job_id)
        self._ledger.used(job_id)
        if self._live(job_id):
            self._asking[job_id].append(visitor)
            self._turns = self._turns.join(job_id, visitor)
        return self._request(job_id, visitor, age)

    def _request(self, job_id: str, visitor: str, age: float | None = None) -> str:
        self._forget()
        # The first request has its job's id: what a log says of a job is found by either.
        request = job_id if age is None else uuid.uuid4().hex
        self._requests[request] = _Request(job_id, visitor, age)
        return request

    def _forget(self) -> None:
        """Drop what belongs to jobs that the ledger has forgotten, now and then."""
        if len(self._requests) > 2 * len(self._ledger) + 100:
            known = self._ledger.state
            self._requests = {r: a for r, a in self._requests.items() if known(a.job_id)}
            self._shared = {c: j for c, j in self._shared.items() if known(j)}
            self._done = {c: j for c, j in self._done.items() if known(j)}

    def _wholes(self, entries: Iterable[Entry]) -> set[str]:
        """The jobs in a line, where all parts of one count as one."""
        return {self._ledger.job(entry.key).whole or entry.key for entry in entries}

    def _why_not(self, job: Job[Any], visitor: str) -> str:
        """Why this visitor's job is not taken now, and what to do; "" where it is."""
        limits, lane = self._limits, job.lane
        waiting = self._turns.waiting(lane)
        every = self._wholes(waiting) - {job.whole}
        each = self._wholes(e for e in waiting if visitor in e.visitors) - {job.whole}
        if len(each) >= limits.waiting_each:
            return (
                f"One visitor may have {limits.waiting_each} waiting at a time, and so many of "
                "yours wait now. Stop one of them, or try again when one has begun."
            )
        if len(every) >= limits.waiting_all:
            return (
                f"This server lets {limits.waiting_all} wait at a time, and so many wait now. "
                "Try again in a minute."
            )
        wait = 0.0 if lane == CHECK else self._spent.wait(visitor, self._clock())
        if wait > 0:
            return (
                f"You have trained for {limits.training_seconds:,} s within the last hour, as long "
                f"as one visitor may. Try again in {math.ceil(wait / 60)} min."
            )
        return ""

    def _charge(self, job_id: str) -> None:
        """Count the seconds of a run for who asked for it first."""
        self._asking.pop(job_id, None)
        seconds = self._ledger.status(job_id).elapsed_seconds
        first = self._requests.get(job_id)
        if (
            first is not None
            and first.age is None
            and seconds
            and self._ledger.job(job_id).lane != CHECK
        ):
            self._spent.add(first.visitor, seconds, self._clock())


class DeskService:
    """The part of a `TrainingService` that its desk answers: what becomes of a request."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def has(self, job: Job[Any]) -> bool:
        """Whether a run of this content has ended well, so that `submit` gives its result."""
        return self._desk.has(job)

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a request that is not known."""
        return self._desk.events_since(job_id, index)

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a request that is not known."""
        return self._desk.status(job_id)

    def load(self) -> Load:
        """How much is going on with as many workers as there are, and how runs have ended."""
        return self._desk.load(self.readiness().workers)

    def readiness(self) -> Readiness:
        """Whether the workers are there."""
        raise NotImplementedError
