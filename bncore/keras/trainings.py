"""The run-and-stop loop: recorders run in pieces, progress counted, a divergence told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

import numpy as np

from bncore.experiments.experiment import Found
from bncore.keras.recorded import Minibatches, Recorder, next_size
from bncore.moments import Array
from bncore.training.jobs import Chunk

FIRST = 16  # updates of the first piece

FoundT = TypeVar("FoundT", bound=Found)


@dataclass(frozen=True, eq=False)
class Piece:
    """Updates in a row.

    Args:
        numbers: of the updates, 1-based, int32 (k,).
        recorded: what each recorder kept of them, by its name (see `Recorder.run`).
        batches: the rows that each took, as `Minibatches.take` drew them.
        broken: where the loss of a recorder is not finite at the update after these, which makes
            this piece the last one: its name, and the number of that update.
    """

    numbers: Array
    recorded: Mapping[str, dict[str, Array]]
    batches: Array
    broken: tuple[str, int] | None


def pieces(recorders: Mapping[str, Recorder], batches: Minibatches, total: int) -> Iterator[Piece]:
    """Make the updates, the same in all recorders, as many at a time as take 1/7 of a second.

    Ends before the first update whose recorded "loss" is not finite.
    """
    done, size = 0, FIRST
    limit = min(recorder.capacity for recorder in recorders.values())
    while done < total:
        start, count = perf_counter(), min(size, limit, total - done)
        drawn = batches.take(count)
        recorded = {name: recorder.run(drawn) for name, recorder in recorders.items()}
        size = next_size(count, perf_counter() - start, limit)
        losses = {name: columns.get("loss", np.zeros(count)) for name, columns in recorded.items()}
        kept = {name: finite(values) for name, values in losses.items()}
        first = min(kept, key=lambda name: kept[name])
        broken = (first, done + kept[first] + 1) if kept[first] < count else None
        if broken is not None:
            count = kept[first]
            recorded = {
                name: {key: values[:count] for key, values in columns.items()}
                for name, columns in recorded.items()
            }
        numbers = np.arange(done + 1, done + count + 1, dtype=np.int32)
        yield Piece(numbers, recorded, drawn[:count], broken)
        if broken is not None:
            return
        done += count


class Course(Generic[FoundT]):
    """The trainings of one experiment, one after another, as chunks of its record.

    Progress counts the updates that were made: a training that diverges ends where it does, and
    the next one goes on counting from there.

    Args:
        kind: makes the record of what is found, from its fields by name.
        total: the updates of all trainings.
    """

    def __init__(self, kind: Callable[..., FoundT], total: int) -> None:
        self.done, self.total = 0, total
        self.stopped: set[str] = set()
        """The names of the recorders that have diverged."""
        self._kind = kind

    def chunk(self, found: FoundT | None = None, message: str = "") -> Chunk[FoundT]:
        """What was found beside the trainings, at this moment of them."""
        return Chunk(self.done, self.total, found, message)

    def train(
        self,
        recorders: Mapping[str, Recorder],
        batches: Minibatches,
        updates: int,
        found: Callable[[Piece], FoundT],
        *,
        title: Callable[[str], str] = str,
        message: str = "",
    ) -> Iterator[Chunk[FoundT]]:
        """Run the recorders side by side; where one diverges, all of them stop, and it says so.

        Args:
            recorders: by the names under which ``stopped`` tells of them.
            found: the record of a piece.
            title: what a sentence calls the recorder of a name.
        """
        for piece in pieces(recorders, batches, updates):
            if len(piece.numbers):
                self.done += len(piece.numbers)
                yield self.chunk(found(piece), message)
            if piece.broken is not None:
                name, update = piece.broken
                self.stopped.add(name)
                yield self.chunk(self._kind(stopped={name: diverged(title(name), update)}))


def finite(losses: Array) -> int:
    """How many losses there are before the first one that is not finite.

    >>> finite(np.array([1.0, np.inf, 2.0]))
    1
    """
    broken = np.flatnonzero(~np.isfinite(losses))
    return int(broken[0]) if broken.size else len(losses)


def diverged(what: str, update: int) -> str:
    """What to say when the loss of this update is not finite.

    >>> diverged("Iris", 7)
    'Iris: stopped, since the loss of update 7 is not finite: training has diverged. What was \
recorded before is kept. Choose a smaller learning rate.'
    >>> "before anything was learned" in diverged("Iris", 1)
    True
    """
    if update == 1:
        return (
            f"{what}: stopped, since the first loss is not finite. It was computed before anything "
            "was learned, so the data or the epsilon give it: a variance of 0 needs an epsilon "
            "above 0, and float32 holds numbers up to 3.4e38."
        )
    return (
        f"{what}: stopped, since the loss of update {update:,} is not finite: training has "
        "diverged. What was recorded before is kept. Choose a smaller learning rate."
    )
