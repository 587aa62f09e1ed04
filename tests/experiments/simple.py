"""Experiments that do what a test of the training service needs, quickly."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bncore.experiments.experiment import Experiment, Part
from bncore.training.jobs import Chunk

Found = Mapping[str, Any]
HERE = "tests.experiments.simple:"


@dataclass(frozen=True)
class Count(Experiment[Found], run_by=HERE + "count"):
    """Counts from 1 to `total`; `values["n"]` is what was counted since the last chunk.

    `number` changes nothing but the content of the job: equal ones would share one run.
    """

    total: int
    seconds: float = 0.0
    width: int = 1
    number: int = 0


def count(asked: Count) -> Iterator[Chunk[Found]]:
    for done in range(1, asked.total + 1):
        time.sleep(asked.seconds)
        yield Chunk(done, asked.total, {"n": np.full(asked.width, done), "sum": done})


@dataclass(frozen=True)
class CountUntil(Experiment[Found], run_by=HERE + "count_until"):
    """Counts, twenty numbers a second, until somebody has made the file `path`."""

    path: str


def count_until(asked: CountUntil) -> Iterator[Chunk[Found]]:
    done = 0
    while not Path(asked.path).exists():
        time.sleep(0.05)
        done += 1
        yield Chunk(done, done + 1, {"n": np.full(1, done)})
    yield Chunk(done, done)


@dataclass(frozen=True)
class Pieces(Experiment[Found], run_by=HERE + "pieces"):
    """Independent pieces, each of some steps that take a while; ``part`` makes every n-th piece.

    With `tell` each part says in which process it runs.
    """

    names: str = "abcde"
    steps: int = 3
    seconds: float = 0.0
    tell: bool = False
    part: Part = (0, 1)


def pieces(asked: Pieces) -> Iterator[Chunk[Found]]:
    names, steps, part = asked.names, asked.steps, asked.part
    total, nothing = steps * len(names), np.empty((0, 2))
    first = {"runs": {name: {"n": nothing} for name in names}, "ends": {n: {} for n in names}}
    yield Chunk(0, total, first)
    if asked.tell:
        yield Chunk(0, total, {"pids": {str(part[0]): os.getpid()}})
    mine = names[part[0] :: part[1]]
    for done in range(steps * len(mine)):
        time.sleep(asked.seconds)
        name, step = mine[done % len(mine)], done // len(mine)
        found = {"n": np.full((1, 2), 100 * names.index(name) + step)}
        yield Chunk(done + 1, total, {"runs": {name: found}}, f"{name}: step {step}")
    yield Chunk(steps * len(mine), total, {"ends": {name: {"name": name} for name in mine}})


@dataclass(frozen=True)
class ProcessId(Experiment[Found], run_by=HERE + "process_id"):
    """Tells its process id, then goes on for a long time; `number` as above."""

    number: int = 0


def process_id(asked: ProcessId) -> Iterator[Chunk[Found]]:
    for done in range(1, 1001):
        yield Chunk(done, 1000, {"pid": os.getpid()})
        time.sleep(0.02)


@dataclass(frozen=True)
class Clock(Experiment[Found], run_by=HERE + "clock"):
    """Tells when it runs: no two runs bring the same."""

    total: int


def clock(asked: Clock) -> Iterator[Chunk[Found]]:
    for done in range(1, asked.total + 1):
        yield Chunk(done, asked.total, {"at": time.time()})


@dataclass(frozen=True)
class Deaf(Experiment[Found], run_by=HERE + "deaf"):
    """Does not come back for a while, so nobody can stop it."""

    seconds: float


def deaf(asked: Deaf) -> Iterator[Chunk[Found]]:
    yield Chunk(0, 1, {"pid": os.getpid()})
    time.sleep(asked.seconds)
    yield Chunk(1, 1)


@dataclass(frozen=True)
class Hungry(Experiment[Found], run_by=HERE + "hungry"):
    """Takes 32 MiB more with every chunk."""


def hungry(asked: Hungry) -> Iterator[Chunk[Found]]:
    held = []
    for done in range(1, 1001):
        held.append(np.ones(2**22))
        yield Chunk(done, 1000, {"n": np.full(1, done)})
        time.sleep(0.01)


@dataclass(frozen=True)
class Compare(Experiment[Found], run_by=HERE + "compare"):
    """Answers as a check against a real layer does."""

    difference: float


def compare(asked: Compare) -> Iterator[Chunk[Found]]:
    yield Chunk(1, 1, {"difference": asked.difference})


@dataclass(frozen=True)
class Refuse(Experiment[Found], run_by=HERE + "refuse"):
    """Takes only a positive number of units, and says so when it runs."""

    units: int


def refuse(asked: Refuse) -> Iterator[Chunk[Found]]:
    if asked.units < 1:
        raise ValueError(f"units is a positive number, not {asked.units}")
    yield Chunk(asked.units, asked.units)


@dataclass(frozen=True)
class Divide(Experiment[Found], run_by=HERE + "divide"):
    """Breaks for 0, after a first chunk."""

    by: int


def divide(asked: Divide) -> Iterator[Chunk[Found]]:
    yield Chunk(1, 2, {"n": np.ones(1)})
    yield Chunk(2, 2, {"n": np.array([1 / asked.by])})


@dataclass(frozen=True)
class Unsendable(Experiment[Found], run_by=HERE + "unsendable"):
    """Yields something that is no plain value."""


def unsendable(asked: Unsendable) -> Iterator[Chunk[Found]]:
    yield Chunk(1, 1, {"thing": object()})


@dataclass(frozen=True)
class NotRun(Experiment[Found], run_by=HERE + "not_a_generator"):
    """Names what is no generator."""


def not_a_generator(asked: NotRun) -> int:
    """An ordinary function."""
    return 1
