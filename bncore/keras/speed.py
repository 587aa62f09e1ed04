"""Experiment: the same tensor through five ways, with time, memory and error of each."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bncore.axes import AxisSplit, split_axes
from bncore.experiments.arguments import number_between, whole_number
from bncore.keras.framework import keras, tf
from bncore.keras.ways import Way, ways
from bncore.moments import Array, Moments
from bncore.reference import reference_moments, variance_error, x_hat_errors
from bncore.training.jobs import Chunk

LARGEST = 160_000_000
"""Bytes of the tensor. Its copies, results and what TensorFlow keeps of them took seven times as
much at the peak, which with TensorFlow itself stays within a worker's 2 GiB."""
EPSILON = 1e-3


def measure(
    shape: Sequence[int],
    feature_axis: int,
    *,
    dtype: str = "float32",
    mean: float = 0.0,
    seed: int = 0,
    rounds: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Chunk[Any]]:
    """Normalise one random tensor over all axes but one, in the ways of `bncore.keras.ways`.

    Each way is called twice before it is timed: the first call compiles and gives the error, the
    second one the memory. Then they take turns. A call cannot be broken off: with the largest
    tensor, on a busy machine, a request to stop is followed after some seconds.

    Args:
        shape, feature_axis, dtype, mean, seed: of normal numbers with deviation 1.
        rounds: how often each way is timed.

    Yields chunks counted in calls of a way, with the values
        versions: {"keras", "tensorflow", "numpy": ...}
        tensor: {"bytes": of the tensor}
        ways[name]: {"device": for people,
            "variance_error": the largest of a feature, as a share of it (NaN: not finite),
            "x_hat_error": the largest of an element, in deviations (NaN: not finite),
            "peak": bytes beyond the tensor, the result included (None: not measured, since
                TensorFlow keeps what it has freed, and no tool of its own counts on a CPU),
            "moments": seconds (k,) for mean and variance; absent where they are not apart,
            "forward": seconds (k,) for these and x_hat,
            "cpu": seconds (k,) of processor time for "forward", by all threads}

    Raises ValueError (TypeError for what is no number) with the first chunk asked for.

    >>> *_, last = measure((50, 4), 1, rounds=1)
    >>> last.done, last.total, sorted(last.values["ways"])
    (15, 15, ['layer'])
    """
    x, split = _tensor(shape, feature_axis, dtype, mean, seed)
    tried = ways(x, split, EPSILON)
    total = len(tried) * (2 + whole_number("rounds", rounds, 1))
    versions = {
        "keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__
    }  # fmt: skip
    tensor = {"bytes": x.nbytes}
    yield Chunk(
        0,
        total,
        {"versions": versions, "tensor": tensor},
        "Computing what is exact",
    )
    exact = reference_moments(x, split)
    done = 0
    for name, way in tried.items():
        variance, x_hat = way.forward(_moments(way))
        errors = [0.0]
        for error in x_hat_errors(np.asarray(x_hat), x, split, exact, EPSILON):
            errors.append(error)
            yield Chunk(done, total, {}, "First calls: error and memory")
        del x_hat
        row = {
            "device": way.device,
            "variance_error": variance_error(variance, exact),
            "x_hat_error": float(np.max(errors)),
            "peak": _peak(way),
        }
        done += 2
        yield Chunk(done, total, {"ways": {name: row}}, "First calls: error and memory")
    for number in range(1, rounds + 1):
        for name, way in tried.items():
            done += 1
            values = {"ways": {name: _timed(way, clock)}}
            yield Chunk(done, total, values, f"Round {number} of {rounds}")


def _tensor(
    shape: Sequence[int], feature_axis: int, dtype: str, mean: float, seed: int
) -> tuple[Array, AxisSplit]:
    """Normal numbers with deviation 1, and the axes."""
    if dtype not in ("float32", "float64"):
        raise ValueError(f"dtype is float32 or float64; got {dtype!r}")
    sizes = tuple(whole_number("shape", size, 1) for size in shape)
    split = split_axes(sizes, whole_number("feature_axis", feature_axis, 0))
    size = int(np.prod(sizes)) * np.dtype(dtype).itemsize
    if size > LARGEST or split.count < 2:
        raise ValueError(
            f"the tensor has 2 or more elements for each feature, and {LARGEST / 1e6:.0f} MB at "
            f"most; got shape {sizes}, {size / 1e6:.0f} MB"
        )
    generator = np.random.default_rng(whole_number("seed", seed, 0))
    x = generator.standard_normal(sizes, dtype=dtype)  # type: ignore[call-overload]
    x += number_between("mean", mean, 1e6)
    return x, split


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


def _timed(way: Way, clock: Callable[[], float]) -> dict[str, Any]:
    """Seconds for mean and variance, and for these and x_hat."""
    cpu, began = time.process_time(), clock()
    moments = _moments(way)
    between_both = clock()
    way.forward(moments)
    found = {"forward": clock() - began, "cpu": time.process_time() - cpu}
    if way.moments is not None:
        found["moments"] = between_both - began
    return {name: np.array([seconds]) for name, seconds in found.items()}
