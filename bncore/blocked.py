"""Batch statistics of a tensor larger than a cache, at about the speed of reading it.

:mod:`bncore.moments` says what is computed; here it is done with one pass over the memory. Each
block that fits into a cache gives two sums for each feature, of d = x - c and of d * d:

    mean = c + sum(d) / n        variance = sum(d * d) / n - (sum(d) / n)^2

What cancels in the variance is (mean - c)^2. So c is the mean of a first part: if that holds a
share p of the elements, (mean - c)^2 <= (1 / p - 1) * variance, whatever the others are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_Pair = tuple[Array, Array]
_Box = tuple[slice, ...]
_Sums = Callable[[Array, Array | None], Array]

# Elements of a block: 4 MiB of float64. Smaller ones fit a nearer cache, but take longer to convert
# there than that saves, and two threads would wait for each other between short calls.
BLOCK = 1 << 19
# Elements in a row of several operations: enough for the vector units.
STRETCH = 1 << 11
# Elements that are added one after the other: few, so that the rounding stays that of one number,
# and that BLAS starts no threads of its own.
PART = 1 << 9
# Elements from which loading compiled loops is worth its time.
COMPILED = 1 << 22


def mean_and_variance(x: Array, reduced: int, dtype: npt.DTypeLike) -> _Pair:
    """Mean and biased variance over the first ``reduced`` axes of a view with elements."""
    steps, innermost = _steps(x, reduced)
    sums = _summing(x, reduced, innermost, math.prod(steps), np.dtype(dtype))
    mean, variance = (np.empty(x.shape[reduced:], dtype) for _ in range(2))
    boxes = list(_boxes(x.shape[:reduced], steps[:reduced]))
    for kept in _boxes(x.shape[reduced:], steps[reduced:]):
        m, v = _of_blocks([x[box + kept] for box in boxes], reduced, sums, mean.dtype)
        shape = mean[kept].shape
        mean[kept], variance[kept] = m.reshape(shape), v.reshape(shape)
    return mean, variance


def _of_blocks(blocks: list[Array], reduced: int, sums: _Sums, dtype: np.dtype[Any]) -> _Pair:
    """All blocks of some features: about where their mean lies, then the sums."""
    first = blocks[0][(slice(max(1, len(blocks[0]) // 16)),) * min(reduced, 1)]
    shift = _origin(first[(0,) * reduced].astype(dtype).ravel())
    mean, variance = _from_sums(sums(first, shift), shift, _count(first, reduced))
    near = (np.abs(mean) <= np.sqrt(variance)) & np.isfinite(variance)
    c = None if near.all() else _origin(mean.astype(dtype))  # from 0, all but a bit is left
    count = sum(_count(block, reduced) for block in blocks)
    return _from_sums(_added(sums(block, c) for block in blocks), c, count)


def _summing(x: Array, reduced: int, innermost: bool, size: int, dtype: np.dtype[Any]) -> _Sums:
    """How the two sums of a block are taken: compiled where that can be, and is worth it."""
    fast = _compiled() if x.size > COMPILED and dtype == np.float64 else None
    if fast is not None and x.dtype in fast.TYPES:
        columns, rows, work = fast.columns, fast.rows, None
    else:
        work = _aligned(size, dtype)
        columns, rows = partial(_columns, work=work), partial(_rows, work=work)

    def sums(block: Array, shift: Array | None) -> Array:
        matrix = _matrix(block, reduced, innermost, work)
        return rows(matrix, shift) if innermost else _folded(matrix, shift, columns)

    return sums


@cache
def _compiled() -> Any:
    """The module with compiled loops, or None where numba is not installed."""
    try:
        return import_module("bncore.compiled")
    except ImportError:
        return None


def _from_sums(sums: Array, shift: Array | None, n: int) -> _Pair:
    mean, square = sums / n
    variance = np.maximum(square - mean * mean, 0)  # maximum keeps NaN
    return mean if shift is None else shift + mean, variance


def _folded(matrix: Array, shift: Array | None, columns: Callable[..., Array]) -> Array:
    """The two sums for each column of (n, features); short rows are laid side by side."""
    n, features = matrix.shape
    fold = max(1, min(n, STRETCH // features))
    cut = n - n % fold
    wide = matrix[:cut].reshape(-1, fold * features)
    sums = columns(wide, shift if shift is None else np.tile(shift, fold))
    sums = _wide_sum(sums.reshape(2, fold, features), 1)
    return sums if cut == n else sums + _folded(matrix[cut:], shift, columns)


def _columns(matrix: Array, shift: Array | None, work: Array) -> Array:
    out = _room(matrix, work)
    d = matrix if shift is None else np.subtract(matrix, shift, out=out)
    total = np.add.reduce(d, axis=0)
    return np.stack((total, np.add.reduce(np.multiply(d, d, out=out), axis=0)))


def _rows(matrix: Array, shift: Array | None, work: Array) -> Array:
    """The two sums for each row of (features, n); long rows are cut into parts."""
    features, n = matrix.shape
    length = min(n, PART)
    cut = n - n % length
    d = matrix[:, :cut].reshape(features, -1, length)
    if shift is not None:
        d = np.subtract(d, shift[:, None, None], out=_room(d, work))
    sums = _wide_sum(np.stack((np.einsum("fpn->fp", d), np.vecdot(d, d))), 2)
    return sums if cut == n else sums + _rows(matrix[:, cut:], shift, work)


def _matrix(block: Array, reduced: int, rows: bool, work: Array | None) -> Array:
    """The block as (n, features), or (features, n); in ``work`` if it has another dtype."""
    shape = _count(block, reduced), -1
    if rows:
        block = block.transpose(*range(reduced, block.ndim), *range(reduced))
        shape = shape[::-1]
    if work is not None and block.dtype != work.dtype:
        there = work[: block.size].reshape(block.shape)
        np.copyto(there, block, casting="unsafe")
        block = there
    return block.reshape(shape)


def _room(d: Array, work: Array) -> Array:
    """Where to write what is computed from d: in place, if d is ours."""
    return d if np.may_share_memory(d, work) else work[: d.size].reshape(d.shape)


def _wide_sum(sums: Array, axis: int) -> Array:
    total: Array = np.add.reduce(sums, axis=axis, dtype=np.result_type(sums, np.float64))
    return total


def _added(parts: Iterable[Array]) -> Array:
    """The sum, in pairs of equally many: its rounding grows with the logarithm of their number."""
    waiting: list[Array] = []
    for number, part in enumerate(parts, 1):
        while number % 2 == 0:
            part, number = waiting.pop() + part, number // 2
        waiting.append(part)
    total: Array = sum(reversed(waiting[:-1]), waiting[-1])
    return total


def _steps(x: Array, reduced: int) -> tuple[list[int], bool]:
    """How long a block is in each axis, and whether its innermost one is collapsed.

    A block is a stretch of the memory, but has many elements for each feature.
    """
    inwards = sorted(range(x.ndim), key=lambda axis: (x.shape[axis] == 1, abs(x.strides[axis])))
    rows = inwards[0] < reduced
    features = BLOCK if rows else max(STRETCH, BLOCK // _count(x, reduced))
    steps, room = [1] * x.ndim, BLOCK
    for axis in inwards:
        most = max(1, room if axis < reduced else min(room, features))
        step = x.shape[axis] if x.shape[axis] <= most else 1 << (most.bit_length() - 1)
        steps[axis], room = step, room // step
        features = features if axis < reduced else features // step
    return steps, rows


def _boxes(shape: tuple[int, ...], steps: list[int]) -> Iterator[_Box]:
    return product(
        *(
            [slice(start, start + step) for start in range(0, size, step)]
            for size, step in zip(shape, steps, strict=True)
        )
    )


def _aligned(size: int, dtype: np.dtype[Any]) -> Array:
    """Room that starts with a cache line: a vector does not straddle two of them."""
    line = 64
    room = np.empty(size * dtype.itemsize + line, np.uint8)
    start = -room.ctypes.data % line
    return room[start : start + size * dtype.itemsize].view(dtype)


def _origin(near: Array) -> Array:
    """Where to count from: there, or from 0 where that is no number or differences overflow."""
    return np.where(np.abs(near) < np.sqrt(np.finfo(near.dtype).max), near, 0)


def _count(block: Array, reduced: int) -> int:
    return math.prod(block.shape[:reduced])
