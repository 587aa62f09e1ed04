"""The words of the training service: jobs go in, events come out.

A job asks for an experiment (`bncore.experiments`): a record in, and a generator in `bncore.keras`
yields `Chunk` after `Chunk` of the record that comes back. It knows nothing of services, queues or
stopping: whoever runs it looks after those between two chunks, so an experiment yields at least
every 0.1 to 0.2 s of work.
"""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from bncore.experiments.experiment import Experiment
from bncore.training.tally import Load
from bncore.training.turns import RUN

FoundT = TypeVar("FoundT", covariant=True)

FINAL = frozenset({"done", "failed", "refused", "declined", "cancelled", "lost", "timeout"})
"""The kinds of event after which nothing more comes from a job."""


@dataclass(frozen=True)
class Job(Generic[FoundT]):
    """A run to be made: of which experiment, and how long it may take.

    Args:
        asked: the experiment's record.
        label: what a person who waits reads.
        limit_seconds: the run ends with the kind "timeout" after this long (waiting not counted).
        lane: "check" (asked by a page itself, milliseconds), "run" (seconds) or "study" (longer);
            see `bncore.training.turns`.
        parts: into how many parts it may be split for as many workers (`bncore.training.split`).
        whole: the id of the job that this one is a part of, "" where it is none.

    >>> Job(Experiment(), "Moving statistics").limit_seconds
    120.0
    """

    asked: Experiment[FoundT]
    label: str = ""
    limit_seconds: float = 120.0
    lane: str = RUN
    parts: int = 1
    whole: str = ""


@dataclass(frozen=True)
class Chunk(Generic[FoundT]):
    """What an experiment adds at one moment, and how far it is.

    Args:
        done, total: progress in the experiment's own unit (updates, epochs, runs).
        values: what was found since the last chunk, a record (or mapping) of NumPy arrays and plain
            values; None where there is nothing new. Joined (`bncore.experiments`), the values of
            all chunks are what was found.
        message: a sentence for the person who waits, if there is one to say.

    >>> Chunk(50, 100, {"loss": 0.3}).done
    50
    """

    done: int
    total: int
    values: FoundT | None = None
    message: str = ""


@dataclass(frozen=True)
class Event:
    """One thing that happened to a job; `index` counts a job's events from 0 without a gap.

    `kind` is "queued", "started" or "chunk", and at last exactly one of `FINAL`: "done",
    "failed" (the experiment broke), "refused" (it does not take these arguments), "declined" (the
    service does not take it now: too many wait), "cancelled", "lost" (the worker died) or
    "timeout" (over a limit of time, size or memory; the message says which).

    >>> Event("a", 0, "queued").kind in FINAL
    False
    """

    job_id: str
    index: int
    kind: str
    chunk: Chunk[Any] | None = None
    message: str = ""


@dataclass(frozen=True)
class Status:
    """Where a job stands.

    Args:
        state: "queued", "running", or the kind of its final event.
        position: the place in the queue while it waits (1 = next), otherwise None.
        done, total: progress of the newest chunk, 0 before the first.
        elapsed_seconds: time since it started running (0 while it waits), fixed at its end.
        age_seconds: where the run was made for somebody else who asked for the same: how long ago
            it had ended when this was asked (0: it had not). None for a run of one's own.

    >>> Status("a", "queued", position=1).finished
    False
    """

    job_id: str
    state: str
    position: int | None = None
    done: int = 0
    total: int = 0
    message: str = ""
    elapsed_seconds: float = 0.0
    age_seconds: float | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL


@dataclass(frozen=True)
class Readiness:
    """Whether jobs can run now, and if not, what a person is told.

    Args:
        state: "starting", "ready", or "unavailable" (nothing will run; `message` says why and
            what to do).
        seconds: how long the service has been starting.
        workers: how many jobs can run at a time, 0 where that is not known.

    >>> Readiness("ready").state
    'ready'
    """

    state: str
    message: str = ""
    seconds: float = 0.0
    workers: int = 0


class TrainingService(Protocol):
    """Runs jobs somewhere else. Every call returns at once, from any thread.

    The id that `submit` gives belongs to one request. Requests for the same content share one
    run: it stops when the last of them was cancelled.
    """

    def submit(self, job: Job[Any], visitor: str = "", fresh: bool = False) -> str:
        """Ask for a job in the name of a visitor; the id of the request.

        It joins a run of the same content that waits, goes on or, unless `fresh`, was done.
        """

    def has(self, job: Job[Any]) -> bool:
        """Whether a run of this content has ended well, so that `submit` gives its result."""

    def events_since(self, job_id: str, index: int) -> list[Event]:
        """The events after the first `index` ones; KeyError for a job that is not known."""

    def status(self, job_id: str) -> Status:
        """Where the job stands; KeyError for a job that is not known (any more)."""

    def cancel(self, job_id: str) -> None:
        """Leave the run; without effect when it has ended or is not known."""

    def readiness(self) -> Readiness:
        """Whether the workers are there."""

    def load(self) -> Load:
        """How much is going on, and how runs have ended so far."""

    def close(self) -> None:
        """Stop everything that runs and everything that was started."""
