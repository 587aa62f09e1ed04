"""How a job is split into parts for several workers, and how their news become one job's. Pure.

An experiment whose work falls into independent pieces has a field ``part``, (i, n): it makes the
i-th of n parts, and yields for its pieces what one worker would yield that makes all of them.
Its first chunk names all pieces, in order, and each chunk says how much of the ``total`` of all
parts this part has ``done``. So the values of all parts, joined in whatever order they come, are
those of one worker.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from bncore.experiments.experiment import Experiment, Part
from bncore.training.jobs import Chunk, Job, Status


def split(job: Job[Any], workers: int) -> tuple[Job[Any], ...]:
    """The job in parts for so many workers; the job itself where it cannot or need not be split.

    >>> from bncore.experiments.placement import Study
    >>> study = Job(Study([[1.0], [2.0], [3.0], [4.0]], [0, 1, 0, 1], batch_size=2), parts=5)
    >>> [part.asked.part for part in split(study, workers=2)]
    [(0, 2), (1, 2)]
    >>> split(study, workers=1) == (study,)
    True
    """
    count = min(job.parts, workers)
    if count < 2:
        return (job,)
    return tuple(
        replace(job, asked=_part(job.asked, (number, count)), parts=1) for number in range(count)
    )


def _part(asked: Experiment[Any], part: Part) -> Experiment[Any]:
    return cast("Experiment[Any]", replace(cast(Any, asked), part=part))


def of_all(chunk: Chunk[Any], newest: Iterable[Chunk[Any]]) -> Chunk[Any]:
    """A part's chunk with the progress of all: `newest` has the newest chunk of each part.

    >>> of_all(Chunk(3, 10), [Chunk(3, 10), Chunk(4, 10)])
    Chunk(done=7, total=10, values=None, message='')
    """
    return replace(chunk, done=sum(each.done for each in newest))


def ending(parts: Sequence[Status], stopped: bool) -> tuple[str, str] | None:
    """How the whole ends, its kind and its message; None while it goes on.

    It ends with the first part that does not end well, and otherwise with the last one. A part that
    was stopped on request (`stopped`) waits for the others, whose last results are on their way.

    >>> going, done = Status("a", "running"), Status("b", "done")
    >>> ending([going, done], False), ending([done, done], False)
    (None, ('done', ''))
    >>> ending([going, Status("b", "lost", message="The worker died.")], False)
    ('lost', 'The worker died.')
    """
    for part in parts:
        if part.finished and part.state != "done" and not (stopped and part.state == "cancelled"):
            return part.state, part.message
    if not all(part.finished for part in parts):
        return None
    cancelled = [part for part in parts if part.state == "cancelled"]
    if not cancelled:
        return "done", ""
    # One that had begun says "on request", one that had not says so, though the whole had begun.
    return "cancelled", max(cancelled, key=lambda part: part.elapsed_seconds).message


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """The seconds in which anything ran, from (begin, end) of each part.

    >>> covered([(0, 4), (1, 3), (10, 11)])
    5.0
    """
    total, until = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total
