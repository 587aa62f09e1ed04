"""The engine's blocked moments against ``np.mean`` + ``np.var``."""

from __future__ import annotations

import tracemalloc

import numpy as np

import bncore
from benchmarks.figures import Figure, in_turns

SHAPE = (64, 112, 112, 64)


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
    x, split = _tensor()
    tracemalloc.start()
    bncore.batch_moments(x, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    share = 100 * peak / x.nbytes
    return Figure("moments-memory", "temporaries / tensor", share, "%", "<=", 10)


def moments_precision() -> Figure:
    """Relative error of the variance: a million float32 of mean 1e4 and deviation 1."""
    x = (np.random.default_rng(0).standard_normal(1_000_000) + 1e4).astype(np.float32)
    got = bncore.batch_moments(x, bncore.split_axes(x.shape, reduction_axes=0)).variance
    error = float(abs(got / x.astype(np.float64).var() - 1))
    return Figure("moments-precision", "error of the variance, mean 1e4", error, "", "<=", 1e-6)


def _tensor() -> tuple[np.ndarray, bncore.AxisSplit]:
    x = np.random.default_rng(0).standard_normal(SHAPE, dtype=np.float32)
    return x, bncore.split_axes(SHAPE, feature_axis=-1)
