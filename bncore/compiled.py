"""The two sums of :mod:`bncore.blocked` as one compiled loop each, where numba is installed.

NumPy passes over a block once for every operation; compiled, float32 or float64 data in memory
are converted, shifted, squared and added while they are read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

TYPES = np.dtype(np.float32), np.dtype(np.float64)


def columns(matrix: Array, shift: Array | None) -> Array:
    """Sum of d and of d * d for each column of a matrix, d = matrix - shift."""
    return np.asarray(_columns(*_flat(matrix), _given(shift, matrix.shape[1])))


def rows(matrix: Array, shift: Array | None) -> Array:
    """The same for each row."""
    return np.asarray(_rows(*_flat(matrix), _given(shift, matrix.shape[0])))


def _given(shift: Array | None, features: int) -> Array:
    return np.zeros(features) if shift is None else shift


def _flat(matrix: Array) -> tuple[Array, int, int, int]:
    """The memory that rows of a matrix lie in: contiguous, as a vector unit wants it."""
    size = matrix.itemsize
    if matrix.strides[1] != size or matrix.strides[0] < 0 or matrix.strides[0] % size:
        matrix = np.ascontiguousarray(matrix)
    n, length = matrix.shape
    step = matrix.strides[0] // size
    flat = np.lib.stride_tricks.as_strided(matrix, ((n - 1) * step + length,), (size,))
    return flat, n, length, step


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    # Sums in any order, but NaN and infinity stay what they are.
    options: dict[str, Any] = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}}
    try:
        kept: Callable[..., Any] = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to keep it in: compiled anew in each process
        kept = numba.njit(**options)(function)
    return kept


@_compiled
def _rows(flat: Array, n: int, length: int, step: int, shift: Array) -> Array:
    sums = np.zeros((2, n))
    for row in range(n):
        for start in range(0, length, 512):  # parts first: what is added stays of a size
            part = flat[row * step + start : row * step + min(start + 512, length)]
            total, squares, c = 0.0, 0.0, shift[row]
            for i in range(part.size):
                d = np.float64(part[i]) - c
                total += d
                squares += d * d
            sums[0, row] += total
            sums[1, row] += squares
    return sums


@_compiled
def _columns(flat: Array, n: int, length: int, step: int, shift: Array) -> Array:
    sums, total, squares = np.zeros((2, length)), np.empty(length), np.empty(length)
    for start in range(0, n, 128):
        total[:], squares[:] = 0.0, 0.0
        stop = min(start + 128, n)
        for row in range(start, stop - stop % 4, 4):  # four at a time: fewer writes of the sums
            a = flat[row * step : row * step + length]
            b = flat[(row + 1) * step : (row + 1) * step + length]
            c = flat[(row + 2) * step : (row + 2) * step + length]
            d = flat[(row + 3) * step : (row + 3) * step + length]
            for i in range(length):
                e, f, g, h = a[i] - shift[i], b[i] - shift[i], c[i] - shift[i], d[i] - shift[i]
                total[i] += (e + f) + (g + h)
                squares[i] += (e * e + f * f) + (g * g + h * h)
        for row in range(stop - stop % 4, stop):
            a = flat[row * step : row * step + length]
            for i in range(length):
                e = a[i] - shift[i]
                total[i] += e
                squares[i] += e * e
        sums[0] += total
        sums[1] += squares
    return sums
