"""Arguments of experiments, checked once, with errors that say what is allowed."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from bncore.moments import Array, as_real_array


def finite_reals(values: Any, name: str) -> Array:
    """Finite real numbers in float64.

    Raises TypeError for what is not real numbers, ValueError for nothing at all, NaN or infinity.

    >>> finite_reals([[1, 2]], "data").dtype
    dtype('float64')
    """
    x = as_real_array(values, name)
    if not x.size:
        raise ValueError(f"{name} needs at least one element; got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds NaN or infinite values; replace them by finite numbers")
    return x.astype(np.float64)


def as_float32(values: Any, name: str) -> Array:
    """Finite real numbers in float32, the precision in which Keras computes by default.

    Raises what :func:`finite_reals` raises, and ValueError for numbers beyond float32.

    >>> as_float32([[1, 2]], "data").dtype
    dtype('float32')
    """
    with np.errstate(over="ignore"):
        single = finite_reals(values, name).astype(np.float32)
    if not np.isfinite(single).all():
        raise ValueError(f"{name} holds values beyond float32 (3.4e38), in which layers compute")
    return single


def rows_of(data: Any, least: int = 1) -> Array:
    """Data of shape (rows, features), with so many rows or more, in float32.

    >>> rows_of([[1.0, 2.0]]).shape
    (1, 2)
    """
    x = as_float32(data, "data")
    if x.ndim != 2 or len(x) < least:
        enough = f" with {least} rows or more" if least > 1 else ""
        raise ValueError(f"data has shape (rows, features){enough}; got {x.shape}")
    return x


def labelled(data: Any, labels: Any, ranks: tuple[int, ...] = (2,)) -> tuple[Array, Array]:
    """Rows (float32, of one of these ranks) and the class of each row (int32, from 0).

    >>> labelled([[1.0], [2.0]], [0, 1])[1]
    array([0, 1], dtype=int32)
    """
    x, y = as_float32(data, "data"), np.asarray(labels)
    if x.ndim not in ranks:
        allowed = " or ".join(map(str, ranks))
        raise ValueError(f"data has rank {allowed}, rows first; got shape {x.shape}")
    if y.shape != (len(x),) or y.dtype.kind not in "iu" or y.min() < 0:
        raise ValueError(
            f"labels are {len(x)} whole numbers from 0, one per row; got {y.dtype} of shape "
            f"{y.shape}"
        )
    return x, y.astype(np.int32)


def held_out(
    x: Array, y: Array, share: float, seed: int
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Training rows and validation rows with their labels, after a seeded permutation.

    >>> [len(rows) for rows, _ in held_out(np.zeros((10, 2)), np.zeros(10), 0.2, seed=0)]
    [8, 2]
    """
    training, validation = split_rows(len(x), share, np.random.default_rng(seed))
    return (x[training], y[training]), (x[validation], y[validation])


@dataclass(frozen=True)
class Rows:
    """How many rows are trained on, and how many are held out."""

    training: int
    validation: int


def rows_held_out(rows: int, share: float) -> Rows:
    """What becomes of so many rows where this share of them is held out.

    >>> rows_held_out(10, 0.25)
    Rows(training=8, validation=2)
    """
    count = round(rows * number_between("validation", share, 0.9))
    if not 0 < count < rows:
        raise ValueError(f"validation leaves rows on both sides; got {share} of {rows} rows")
    return Rows(rows - count, count)


def split_rows(rows: int, share: float, generator: np.random.Generator) -> tuple[Array, Array]:
    """The numbers of the rows to train on and of those held out, after a permutation.

    >>> [part.size for part in split_rows(10, 0.2, np.random.default_rng(0))]
    [8, 2]
    """
    count = rows_held_out(rows, share).validation
    order = generator.permutation(rows)
    return order[count:], order[:count]


def batch_size_of(value: Any, rows: int, of: str = "rows of the data") -> int:
    """A batch size from 1 to the rows that there are.

    >>> batch_size_of(33, 32)
    Traceback (most recent call last):
    ...
    ValueError: batch_size is between 1 and the 32 rows of the data; got 33
    """
    size = whole_number("batch_size", value, 1)
    if size > rows:
        raise ValueError(f"batch_size is between 1 and the {rows} {of}; got {size}")
    return size


def one_of(name: str, value: Any, allowed: Iterable[str]) -> str:
    """A name that is allowed.

    >>> one_of("value", "seven", ["nan", "inf"])
    Traceback (most recent call last):
    ...
    ValueError: value is one of nan, inf; got 'seven'
    """
    names = list(allowed)
    if value not in names:
        raise ValueError(f"{name} is one of {', '.join(names)}; got {value!r}")
    return str(value)


def whole_number(name: str, value: Any, least: int) -> int:
    """An int that is at least ``least``.

    >>> whole_number("updates", np.int64(3), 1)
    3
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is a whole number; got {value!r}") from None
    if isinstance(value, bool) or number < least:
        raise ValueError(f"{name} is a whole number, {least} or more; got {value!r}")
    return number


def number_between(name: str, value: Any, most: float) -> float:
    """A finite float from 0 to ``most``.

    >>> number_between("keep", 0.99, 1.0)
    0.99
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is a number; got {value!r}") from None
    if not (0 <= number <= most and math.isfinite(number)):
        limit = "a finite number, 0 or more" if most == math.inf else f"from 0 to {most:g}"
        raise ValueError(f"{name} is {limit}; got {value!r}")
    return number


def keeps_of(keeps: Iterable[Any]) -> dict[str, float]:
    """One keep or several, by what results call them.

    >>> keeps_of([0.9, 1])
    {'0.9': 0.9, '1': 1.0}
    """
    found = [number_between("keep", keep, 1.0) for keep in keeps]
    if not found:
        raise ValueError("keeps names at least one keep")
    return {repr(keep).removesuffix(".0"): keep for keep in found}


_SETTINGS: Mapping[str, Callable[[str, Any], Any]] = {
    "keep": lambda name, value: number_between(name, value, 1.0),
    **dict.fromkeys(
        ("epsilon", "learning_rate"), lambda name, value: number_between(name, value, math.inf)
    ),
    "validation": lambda name, value: number_between(name, value, 0.9),
    **dict.fromkeys(
        ("updates", "epochs", "units", "hidden", "depth", "replicas", "rounds"),
        lambda name, value: whole_number(name, value, 1),
    ),
    "seed": lambda name, value: whole_number(name, value, 0),
}


def settings(record: Any) -> dict[str, Any]:
    """The fields of a record that many experiments have, checked as their names demand.

    A keep is from 0 to 1, an epsilon or a learning rate 0 or more, the share for validation at
    most 0.9; a seed is a whole number from 0, and what is counted (updates, epochs, units) from 1.

    >>> from bncore.experiments.freezing import Freezing
    >>> settings(Freezing([[1.0], [2.0]], keep=0))
    {'keep': 0.0, 'epsilon': 0.001, 'learning_rate': 0.1}
    """
    names = [field.name for field in fields(record)]
    return {
        name: _SETTINGS[name](name, getattr(record, name)) for name in names if name in _SETTINGS
    }
