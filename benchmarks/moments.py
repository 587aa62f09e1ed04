"""The engine's moments against ``np.mean`` + ``np.var``, and against reading the tensor once."""

from __future__ import annotations

import math
import time
import tracemalloc
from importlib.metadata import PackageNotFoundError, version

import numpy as np

import bncore
from benchmarks.figures import Figure, in_turns
from bncore.reference import reference_moments, variance_error

SHAPE = (64, 112, 112, 64)
LAYOUTS = {
    "NHWC": (SHAPE, (0, 1, 2)),
    "NCHW": ((64, 64, 112, 112), (0, 2, 3)),
    "rows": ((1_000_000, 64), (0,)),
    "columns": ((64, 1_000_000), (1,)),
}


def moments_time() -> Figure:
    """Time over that of NumPy on a (64, 112, 112, 64) float32 tensor, axes (0, 1, 2)."""
    x, split = _tensor()
    ours, numpys = in_turns(
        lambda: bncore.batch_moments(x, split),
        lambda: (x.mean(split.reduction_axes), x.var(split.reduction_axes)),
    )
    return Figure("moments-time", "moments / (np.mean + np.var)", ours / numpys, "x", "<=", 0.5)


def moments_memory() -> Figure:
    """Peak of all temporaries over the tensor's own size."""
    share = _temporaries(*_tensor())
    return Figure("moments-memory", "temporaries / tensor", share, "%", "<=", 10)


def moments_precision() -> Figure:
    """Relative error of the variance: a million float32 of mean 1e4 and deviation 1."""
    x = (np.random.default_rng(0).standard_normal(1_000_000) + 1e4).astype(np.float32)
    got = bncore.batch_moments(x, bncore.split_axes(x.shape, reduction_axes=0)).variance
    error = float(abs(got / x.astype(np.float64).var() - 1))
    return Figure("moments-precision", "error of the variance, mean 1e4", error, "", "<=", 1e-6)


def moments_bandwidth() -> Figure:
    """Time over that of np.sum over the same axes: the worst of four layouts and two types.

    An answer that is off by more than 1e-6, or that needs more than a tenth of the tensor, counts
    as one that never came.
    """
    ratios, processor, errors, temporaries = {}, [], [], []
    for dtype in ("float32", "float64"):
        for name, (shape, axes) in LAYOUTS.items():
            x, split = _normal(shape, axes, dtype)
            error = variance_error(
                bncore.batch_moments(x, split).variance, reference_moments(x, split)
            )
            errors.append(error)
            temporaries.append(_temporaries(x, split))
            ratios[f"{name} {dtype}"], used = _over_sum(x, split)
            processor.append(used)
    good = max(errors) <= 1e-6 and max(temporaries) <= 10
    note = (
        ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
        + f"; processor time at most {max(processor):.2f}x, error at most {max(errors):.0e}, "
        f"temporaries at most {max(temporaries):.1f} %, {_loops()}"
    )
    worst = max(ratios.values()) if good else math.inf
    return Figure(
        "moments-bandwidth", "moments / np.sum, worst of eight", worst, "x", "<=", 1.5, note
    )


def _over_sum(x: np.ndarray, split: bncore.AxisSplit, rounds: int = 9) -> tuple[float, float]:
    """Ours over np.sum's: the shortest times on the clock, and of the processor (all threads)."""
    work = lambda: bncore.batch_moments(x, split), lambda: x.sum(split.reduction_axes)
    found = []
    for _ in range(rounds):
        for task in work:
            clock, processor = time.perf_counter(), time.process_time()
            task()
            found.append((time.perf_counter() - clock, time.process_time() - processor))
    ours, sums = (np.min(found[first::2], axis=0) for first in (0, 1))
    return tuple(ours / sums)


def _loops() -> str:
    try:
        return f"loops compiled by numba {version('numba')}"
    except PackageNotFoundError:
        return "NumPy alone (numba is not installed)"


def _temporaries(x: np.ndarray, split: bncore.AxisSplit) -> float:
    """Their peak, in per cent of the tensor."""
    bncore.batch_moments(x, split)  # what is loaded with the first call stays
    tracemalloc.start()
    bncore.batch_moments(x, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return 100 * peak / x.nbytes


def _normal(
    shape: tuple[int, ...], axes: tuple[int, ...], dtype: str
) -> tuple[np.ndarray, bncore.AxisSplit]:
    x = np.random.default_rng(0).standard_normal(shape, dtype=dtype)
    return x, bncore.split_axes(shape, reduction_axes=axes)


def _tensor() -> tuple[np.ndarray, bncore.AxisSplit]:
    return _normal(*LAYOUTS["NHWC"], "float32")
