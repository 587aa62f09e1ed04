"""Experiments that do what a test of the training service needs, quickly."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from bncore.training.jobs import Chunk

Part = tuple[int, int]


def count(total: int, seconds: float = 0.0, width: int = 1, number: int = 0) -> Iterator[Chunk]:
    """Counts from 1 to `total`; `values["n"]` is what was counted since the last chunk.

    `number` changes nothing but the content of the job: equal ones would share one run.
    """
    for done in range(1, total + 1):
        time.sleep(seconds)
        yield Chunk(done, total, {"n": np.full(width, done), "sum": done})


def count_until(path: str) -> Iterator[Chunk]:
    """Counts, twenty numbers a second, until somebody has made the file `path`."""
    done = 0
    while not Path(path).exists():
        time.sleep(0.05)
        done += 1
        yield Chunk(done, done + 1, {"n": np.full(1, done)})
    yield Chunk(done, done)


def pieces(
    names: Sequence[str] = "abcde",
    steps: int = 3,
    seconds: float = 0.0,
    tell: bool = False,
    part: Part = (0, 1),
) -> Iterator[Chunk]:
    """Independent pieces, each of some steps that take a while; ``part`` makes every n-th piece.

    With `tell` each part says in which process it runs.
    """
    total, nothing = steps * len(names), np.empty((0, 2))
    first = {"runs": {name: {"n": nothing} for name in names}, "ends": {n: {} for n in names}}
    yield Chunk(0, total, first)
    if tell:
        yield Chunk(0, total, {"pids": {str(part[0]): os.getpid()}})
    mine = names[part[0] :: part[1]]
    for done in range(steps * len(mine)):
        time.sleep(seconds)
        name, step = mine[done % len(mine)], done // len(mine)
        found = {"n": np.full((1, 2), 100 * names.index(name) + step)}
        yield Chunk(done + 1, total, {"runs": {name: found}}, f"{name}: step {step}")
    yield Chunk(steps * len(mine), total, {"ends": {name: {"name": name} for name in mine}})


def process_id(number: int = 0) -> Iterator[Chunk]:
    """Tells its process id, then goes on for a long time; `number` as above."""
    for done in range(1, 1001):
        yield Chunk(done, 1000, {"pid": os.getpid()})
        time.sleep(0.02)


def clock(total: int) -> Iterator[Chunk]:
    """Tells when it runs: no two runs bring the same."""
    for done in range(1, total + 1):
        yield Chunk(done, total, {"at": time.time()})


def deaf(seconds: float) -> Iterator[Chunk]:
    """Does not come back for a while, so nobody can stop it."""
    yield Chunk(0, 1, {"pid": os.getpid()})
    time.sleep(seconds)
    yield Chunk(1, 1)


def hungry() -> Iterator[Chunk]:
    """Takes 32 MiB more with every chunk."""
    held = []
    for done in range(1, 1001):
        held.append(np.ones(2**22))
        yield Chunk(done, 1000, {"n": np.full(1, done)})
        time.sleep(0.01)


def compare(difference: float) -> Iterator[Chunk]:
    """Answers as a check against a real layer does."""
    yield Chunk(1, 1, {"difference": difference})


def refuse(units: int) -> Iterator[Chunk]:
    """Takes only a positive number of units."""
    if units < 1:
        raise ValueError(f"units is a positive number, not {units}")
    yield Chunk(units, units)


def divide(by: int) -> Iterator[Chunk]:
    """Breaks for 0, after a first chunk."""
    yield Chunk(1, 2, {"n": np.ones(1)})
    yield Chunk(2, 2, {"n": np.array([1 / by])})


def unsendable() -> Iterator[Chunk]:
    """Yields something that is no plain value."""
    yield Chunk(1, 1, {"thing": object()})


def not_an_experiment() -> int:
    """An ordinary function."""
    return 1
