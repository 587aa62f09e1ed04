"""Jobs that a worker has: what is known of them, and when one must be ended from here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from bncore.training.desk import STOPPED
from bncore.training.jobs import Job
from bncore.training.runner import time_limit_message

STOPPED_SECONDS = 0.7
"""After this long a stop counts as done for whoever asked, though the worker may still be busy."""
STUBBORN_SECONDS = 10.0
"""After this long a worker that does not stop, or goes on after its time limit, is restarted."""
LAST_EVENTS_SECONDS = 5.0
CAUSE_SECONDS = 0.4
"""So long after a worker's death it may take to hear why it died."""

LOST = (
    "The worker process died during the run, and a new one takes its place. What was computed "
    "until then is kept. Start it again."
)
CLUSTER_LOST = (
    "The connection to the training workers was lost. What was computed until then is kept. "
    "Start it again once the workers are back."
)
OUT_OF_MEMORY = (
    "The training process ran out of memory: with {size:.1f} GiB it was over its limit, and was "
    "ended. What was computed until then is kept. Ask for less: fewer rows, units or replicas."
)
GAP = "A part of the results did not arrive. Start it again."


@dataclass
class Flight:
    """A job that was handed to the scheduler and of which a worker may still know.

    The times are `time.monotonic()`'s; `received` counts the events that came.
    """

    job: Job[Any]
    future: Any
    attempt: str = ""
    worker: str = ""
    received: int = 0
    began: float | None = None
    cancelled: float | None = None
    finished: float | None = None
    died: float | None = None


class Ending(NamedTuple):
    """What a job's end is called, what is told, and what happens to its flight."""

    kind: str
    message: str
    then: Literal["go on", "restart", "land"]


def overdue(flight: Flight, now: float, size: int | None = None) -> Iterator[Ending]:
    """The ends that are due because the worker does not bring them by itself.

    Args:
        now: `time.monotonic()`.
        size: the bytes that its worker died of, where it was told so.

    >>> from bncore.experiments.experiment import Experiment
    >>> flight = Flight(Job(Experiment()), None, cancelled=0.0)
    >>> [ending.then for ending in overdue(flight, 0.1)]
    []
    >>> [(ending.kind, ending.then) for ending in overdue(flight, 1.0)]
    [('cancelled', 'go on')]
    >>> [(ending.kind, ending.then) for ending in overdue(flight, 11.0)]
    [('cancelled', 'restart')]
    """

    def since(moment: float | None) -> float:
        return float("-inf") if moment is None else now - moment

    if (waited := since(flight.cancelled)) > STOPPED_SECONDS:
        stubborn = waited > STUBBORN_SECONDS
        yield Ending("cancelled", STOPPED, "restart" if stubborn else "go on")
    if since(flight.began) > flight.job.limit_seconds + STUBBORN_SECONDS:
        yield Ending("timeout", time_limit_message(flight.job), "restart")
    if since(flight.died) > CAUSE_SECONDS:
        if size:
            yield Ending("timeout", OUT_OF_MEMORY.format(size=size / 2**30), "land")
        else:
            yield Ending("lost", LOST, "land")
    if since(flight.finished) > LAST_EVENTS_SECONDS:
        yield Ending("lost", GAP, "land")
