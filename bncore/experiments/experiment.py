"""What is asked of a worker, and how what comes back grows.

An experiment is a pair of frozen records: one of what is asked, which checks its fields where it is
made, and one of what was found, which comes chunk by chunk. A generator in `bncore.keras` takes the
one and yields the other. Nothing in this package imports Keras.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

import numpy as np

FoundT = TypeVar("FoundT", covariant=True)
RecordT = TypeVar("RecordT")

Part = tuple[int, int]
"""(i, n): the i-th of n parts of an experiment's work, i from 0."""


class Experiment(Generic[FoundT]):
    """What is asked: the base of frozen dataclasses that check their fields where they are made.

    `FoundT` is the record of what comes back. `run_by` names the generator, "package.module:name":
    a worker takes it from the record's type, so nobody who asks can choose it.

    >>> class Counting(Experiment[int], run_by="bncore.keras.counting:count"):
    ...     pass
    >>> Counting.run_by
    'bncore.keras.counting:count'
    """

    run_by: ClassVar[str] = ""

    def __init_subclass__(cls, run_by: str = "", **more: Any) -> None:
        """Note which generator runs experiments of this type."""
        super().__init_subclass__(**more)
        cls.run_by = run_by or cls.run_by


@dataclass(frozen=True, eq=False)
class Found:
    """What every experiment tells beside what it found; the base of the records that come back.

    Args:
        versions: what it was run with, by package.
        stopped: a sentence for each part whose training diverged, by the part's name.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    stopped: Mapping[str, str] = field(default_factory=dict)


def growing() -> Any:
    """A field for an array whose pieces come chunk by chunk: of shape (0,) before the first one."""
    return field(default_factory=lambda: np.empty(0))


def hold(record: object, **checked: Any) -> None:
    """Give fields of a frozen record their checked values; for its ``__post_init__`` alone."""
    for name, value in checked.items():
        object.__setattr__(record, name, value)


def is_record(value: object) -> bool:
    """Whether this is a dataclass' instance: a value with named fields."""
    return is_dataclass(value) and not isinstance(value, type)


def entries(value: object) -> dict[str, Any]:
    """The fields of a record, or what a mapping holds, by name."""
    if is_record(value):
        return {each.name: getattr(value, each.name) for each in fields(cast(Any, value))}
    return dict(cast(Mapping[str, Any], value))


def joined(parts: Iterable[RecordT | None]) -> RecordT:
    """What was found in successive chunks, as one record (or mapping) of their kind.

    Arrays are joined along their first axis, and records and mappings name by name; of anything
    else the newest counts. What has not come is no part: None, "", (), and an array of shape (0,).
    Of no part at all an empty mapping comes.

    >>> joined([{"n": np.array([1, 2]), "last": 2}, {"n": np.array([3]), "last": 3}])
    {'n': array([1, 2, 3]), 'last': 3}
    """
    there = [part for part in parts if part is not None]
    if len(there) == 1:
        return there[0]
    held = [entries(part) for part in there]
    names = dict.fromkeys(name for part in held for name in part)
    whole = {name: _grown([part[name] for part in held if name in part]) for name in names}
    return cast(RecordT, type(there[0])(**whole) if there and is_record(there[0]) else whole)


def _grown(values: list[Any]) -> Any:
    there = [value for value in values if not _missing(value)] or values[-1:]
    if all(isinstance(value, np.ndarray) and value.ndim > 0 for value in there):
        return there[0] if len(there) == 1 else np.concatenate(there)
    if all(is_record(value) or isinstance(value, Mapping) for value in there):
        return joined(there)
    return there[-1]


def _missing(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.shape == (0,))
    return value is None or (isinstance(value, str | tuple) and not value)
