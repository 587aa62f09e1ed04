"""Experiment: the same tensor through five ways, with time, memory and error of each."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from bncore.experiments.speed import Measured, Speed, SpeedFound
from bncore.keras.framework import VERSIONS
from bncore.keras.ways import Way, ways
from bncore.moments import Array, Moments
from bncore.reference import reference_moments, variance_error, x_hat_errors
from bncore.training.jobs import Chunk

EPSILON = 1e-3


def measure(
    asked: Speed, clock: Callable[[], float] = time.perf_counter
) -> Iterator[Chunk[SpeedFound]]:
    """Normalise the tensor in every way; counted in calls of a way.

    Each way is called twice before it is timed: the first call compiles and gives the error, the
    second one the memory. Then they take turns. A call cannot be broken off: with the largest
    tensor, on a busy machine, a request to stop is followed after some seconds.

    >>> *_, last = measure(Speed((50, 4), 1, rounds=1))
    >>> last.done, last.total, sorted(last.values.ways)
    (15, 15, ['layer'])
    """
    x, split = _tensor(asked), asked.split
    tried = ways(x, split, EPSILON)
    total = len(tried) * (2 + asked.rounds)
    found = partial(SpeedFound, versions={**VERSIONS, "numpy": np.__version__}, nbytes=x.nbytes)
    yield Chunk(0, total, found(), "Computing what is exact")
    exact = reference_moments(x, split)
    done, first = 0, dict[str, Measured]()
    for name, way in tried.items():
        variance, x_hat = way.forward(_moments(way))
        errors = [0.0]
        for error in x_hat_errors(np.asarray(x_hat), x, split, exact, EPSILON):
            errors.append(error)
            yield Chunk(done, total, message="First calls: error and memory")
        del x_hat
        first[name] = Measured(
            way.device, variance_error(variance, exact), float(np.max(errors)), _peak(way)
        )
        done += 2
        values = found(ways={name: first[name]})
        yield Chunk(done, total, values, "First calls: error and memory")
    for number in range(1, asked.rounds + 1):
        for name, way in tried.items():
            done += 1
            values = found(ways={name: _timed(way, first[name], clock)})
            yield Chunk(done, total, values, f"Round {number} of {asked.rounds}")


def _tensor(asked: Speed) -> Array:
    """Normal numbers with deviation 1."""
    generator = np.random.default_rng(asked.seed)
    x = generator.standard_normal(asked.shape, dtype=asked.dtype)  # type: ignore[call-overload]
    x += asked.mean
    return np.asarray(x)


def _moments(way: Way) -> Moments | None:
    return None if way.moments is None else way.moments()


def _peak(way: Way) -> int | None:
    """The most that NumPy held at a time, in bytes, beyond what was there before."""
    if not way.numpy:
        return None
    tracemalloc.start()
    try:
        way.forward(_moments(way))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _timed(way: Way, row: Measured, clock: Callable[[], float]) -> Measured:
    """With the seconds for mean and variance, and for these and x_hat."""
    cpu, began = time.process_time(), clock()
    moments = _moments(way)
    between_both = clock()
    way.forward(moments)
    whole, used = clock() - began, time.process_time() - cpu
    parts = [] if way.moments is None else [between_both - began]
    return replace(row, moments=np.array(parts), forward=np.array([whole]), cpu=np.array([used]))
