"""Recorded runs of real framework layers, among them ones that no longer install.

The files beside this module (``golden/``) hold them; ``golden/README.md`` describes the fields.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from bncore.conventions import CONVENTIONS, Convention
from bncore.differences import moving_difference
from bncore.moments import Array
from bncore.moving import MovingStatistics
from bncore.normalization import Trace, batch_norm

FOLDER = Path(__file__).parent / "golden"
CASES = ("question", "minibatches", "images")


@dataclass(frozen=True)
class Case:
    """What was fed to the layers: batches (channels last), keep and epsilon."""

    name: str
    keep: float
    epsilon: float
    updates: int
    batches: tuple[Array, ...]

    def convention(self, name: str) -> Convention:
        """A convention with this case's keep and epsilon."""
        return replace(CONVENTIONS[name], keep=self.keep, epsilon=self.epsilon)

    def fed(self) -> Iterator[Array]:
        """The batch of every update, in order."""
        return itertools.islice(itertools.cycle(self.batches), self.updates)


@dataclass(frozen=True)
class Record:
    """What one layer held after the recorded updates, and its outputs for the last batch."""

    case: Case
    convention: str
    version: str
    updates: tuple[int, ...]
    mean: Array
    variance: Array
    train_output: Array
    inference_output: Array


@cache
def recorded() -> tuple[Record, ...]:
    """All records.

    >>> sorted({record.convention for record in recorded()})[:3]
    ['flax', 'keras-2.1.2', 'keras-2.2.4']
    """
    return tuple(record for name in CASES for record in _read(name))


@cache
def versions() -> MappingProxyType[str, str]:
    """With which versions a convention was recorded.

    >>> versions()["keras-2.2.4"]
    'keras 2.2.4, tensorflow 1.15.5'
    """
    return MappingProxyType({record.convention: record.version for record in recorded()})


def replay(case: Case, convention: str) -> Iterator[Trace]:
    """The engine's own run of a case: the trace of every update."""
    moving = MovingStatistics.initial(case.batches[0].shape[-1:])
    for batch in case.fed():
        trace = batch_norm(batch, moving, case.convention(convention), training=True)
        moving = trace.moving
        yield trace


@cache
def engine_difference(convention: str) -> float:
    """The largest relative difference of the engine from all records of a convention.

    Over every recorded update and both moving statistics, each feature relative to its own size
    (:func:`bncore.differences.moving_difference`).

    >>> engine_difference("keras-2.2.4") < 2e-5
    True
    """
    largest = 0.0
    for record in recorded():
        if record.convention != convention:
            continue
        traces = list(replay(record.case, convention))
        for number, mean, variance in zip(
            record.updates, record.mean, record.variance, strict=True
        ):
            moving = traces[number - 1].moving
            off = moving_difference((moving.mean, moving.variance), (mean, variance))
            largest = max(largest, float(off.max()))
    return largest


def _read(name: str) -> Iterator[Record]:
    held = json.loads((FOLDER / f"{name}.json").read_text())
    case = Case(
        name,
        held["keep_momentum"],
        held["epsilon"],
        held["updates"],
        tuple(np.asarray(batch, np.float32) for batch in held["batches"]),
    )
    for record in held["records"]:
        steps = record["steps"]
        yield Record(
            case,
            record["implementation"],
            record["version"],
            tuple(step["update"] for step in steps),
            _stacked(steps, "moving_mean"),
            _stacked(steps, "moving_variance"),
            np.asarray(record["last_batch_train_output"]),
            np.asarray(record["last_batch_inference_output"]),
        )


def _stacked(steps: list[dict[str, Any]], key: str) -> Array:
    return np.array([step[key] for step in steps])
