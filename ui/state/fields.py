"""Fields of a page's state: what each may hold, and how it is written in an address or a file.

A page declares its state once, as a frozen dataclass whose fields are made here:

    @dataclass(frozen=True)
    class AxisState:
        data: FrozenArray = fields.array([[1, 10], [2, 20]], ranks=(1, 5))
        layout: str = fields.choice("NHWC", ("NHWC", "NCHW"))
        axes: tuple[int, ...] = fields.integers((-1,), -6, 5)
        epsilon: float = fields.number(1e-3, 0, 1)
        batch_size: int | None = fields.integer(None, 1, 4096, optional=True)

Link, file, reset and the widgets all read that declaration, so that a value is checked by the
same rule wherever it comes from.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ui.state.arrays import FrozenArray, decode_array, encode_array
from ui.state.numbers import NumberError, format_number, parse_number

_SEPARATOR = "~"  # stands unescaped in an address, and in no value's text
_NONE = "none"


class FieldError(ValueError):
    """A value that its field does not allow; the message says what is allowed."""


class Spec(Protocol):
    """What a field may hold: `check` a value, or read it from the text of an address."""

    def check(self, value: Any) -> Any:
        """The value in its canonical type, or FieldError."""

    def decode(self, text: str) -> Any:
        """The value that `encode_value` wrote as `text`, unchecked; FieldError if unreadable."""


@dataclass(frozen=True)
class Choice:
    """One of the given words."""

    options: tuple[str, ...]
    own: bool = False  # stands in no link

    def check(self, value: Any) -> str:
        if value not in self.options:
            raise FieldError(f"{_quote(value)} is not one of {', '.join(self.options)}")
        return str(value)

    def decode(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Choices:
    """Any of the given words, each at most once, kept in the declared order."""

    options: tuple[str, ...]
    at_least: int = 0

    def check(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, tuple | list):
            raise FieldError(f"{_quote(value)} is not a list of words")
        unknown = [word for word in value if word not in self.options]
        if unknown:
            raise FieldError(f"{_quote(unknown[0])} is not one of {', '.join(self.options)}")
        if len(set(value)) < self.at_least:
            raise FieldError(f"choose at least {self.at_least}")
        return tuple(word for word in self.options if word in value)

    def decode(self, text: str) -> tuple[str, ...]:
        return _split(text)


@dataclass(frozen=True)
class Number:
    """A finite number within bounds (both included); None where `optional`."""

    minimum: float = -np.inf
    maximum: float = np.inf
    optional: bool = False
    whole: bool = False

    def check(self, value: Any) -> float | int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise FieldError(f"{_quote(value)} is not a number")
        number = value if isinstance(value, int) else float(value)
        if not _is_finite(number):
            raise FieldError(
                f"{_quote(value)} is not finite or too large; allowed are up to 1.8e308"
            )
        if self.whole and number != int(number):
            raise FieldError(f"{format_number(number)} is not a whole number")
        if not self.minimum <= number <= self.maximum:
            raise FieldError(f"{format_number(number)} is not {self.allowed}")
        return int(number) if self.whole else float(number)

    @property
    def allowed(self) -> str:
        """The bounds in words, such as 'between 0 and 1'."""
        low, high = format_number(self.minimum), format_number(self.maximum)
        if np.isinf(self.maximum):
            return "a finite number" if np.isinf(self.minimum) else f"{low} or more"
        return f"{high} or less" if np.isinf(self.minimum) else f"between {low} and {high}"

    def decode(self, text: str) -> float | None:
        return None if text == _NONE else _number(text)


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise FieldError(f"{_quote(value)} is neither true nor false")
        return bool(value)

    def decode(self, text: str) -> bool:
        try:
            return {"1": True, "0": False, "true": True, "false": False}[text.lower()]
        except KeyError:
            raise FieldError(f"{_quote(text)} is neither 1 nor 0") from None


@dataclass(frozen=True)
class Text:
    """A line of text."""

    longest: int = 200

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or not all(c.isprintable() for c in value):
            raise FieldError(f"{_quote(value)} is not a line of text")
        if len(value) > self.longest:
            raise FieldError(f"it is longer than {self.longest} characters")
        return value

    def decode(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Integers:
    """A list of whole numbers, such as axes or a shape."""

    minimum: int
    maximum: int
    longest: int = 6
    shortest: int = 0

    def check(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, tuple | list):
            raise FieldError(f"{_quote(value)} is not a list of whole numbers")
        self._check_length(len(value))
        each = Number(self.minimum, self.maximum, whole=True)
        return tuple(int(each.check(item) or 0) for item in value)

    def decode(self, text: str) -> tuple[float, ...]:
        items = _split(text)
        self._check_length(len(items))
        return tuple(_number(item) for item in items)

    def _check_length(self, length: int) -> None:
        if not self.shortest <= length <= self.longest:
            raise FieldError(
                f"it has {length} entries; allowed are {self.shortest} to {self.longest}"
            )


@dataclass(frozen=True)
class Array:
    """Numbers of any of the given ranks."""

    ranks: tuple[int, int] = (1, 6)
    max_elements: int = 4096

    def check(self, value: Any) -> FrozenArray:
        array = value if isinstance(value, FrozenArray) else _frozen(value)
        low, high = self.ranks
        if not low <= len(array.shape) <= high:
            raise FieldError(f"its rank is {len(array.shape)}; allowed are {low} to {high}")
        if not 1 <= array.array.size <= self.max_elements:
            raise FieldError(
                f"it holds {array.array.size} numbers; allowed are 1 to {self.max_elements}"
            )
        if not np.isfinite(array.array).all():
            raise FieldError("it holds a number that is not finite (NaN or infinity)")
        return array

    def decode(self, text: str) -> FrozenArray:
        try:
            return decode_array(text, self.max_elements)
        except ValueError as error:
            raise FieldError(str(error)) from error


def choice(default: str, options: Sequence[str]) -> Any:
    """A field that holds one of `options`."""
    return _field(Choice(tuple(options)), default)


def prediction(labels: Mapping[str, str]) -> Any:
    """A field for what a visitor predicts: one of `labels`, at first its first one (none).

    It stays with its visitor: no link brings somebody else's.
    """
    options = tuple(labels)
    return _field(Choice(options, own=True), options[0])


def choices(default: Sequence[str], options: Sequence[str], at_least: int = 0) -> Any:
    """A field that holds any of `options` (a tuple)."""
    return _field(Choices(tuple(options), at_least), default)


def number(
    default: float | None,
    minimum: float = -np.inf,
    maximum: float = np.inf,
    *,
    optional: bool = False,
) -> Any:
    """A field that holds a finite float within bounds."""
    return _field(Number(minimum, maximum, optional), default)


def integer(default: int | None, minimum: float, maximum: float, *, optional: bool = False) -> Any:
    """A field that holds an int within bounds."""
    return _field(Number(minimum, maximum, optional, whole=True), default)


def flag(default: bool) -> Any:
    """A field that holds a bool."""
    return _field(Flag(), default)


def text(default: str = "", longest: int = 200) -> Any:
    """A field that holds a line of text."""
    return _field(Text(longest), default)


def integers(
    default: Sequence[int], minimum: int, maximum: int, *, longest: int = 6, shortest: int = 0
) -> Any:
    """A field that holds a tuple of ints (axes, a shape)."""
    return _field(Integers(minimum, maximum, longest, shortest), default)


def array(default: Any, ranks: tuple[int, int] = (1, 6), max_elements: int = 4096) -> Any:
    """A field that holds a FrozenArray."""
    return _field(Array(ranks, max_elements), default)


def is_own(spec: Spec) -> bool:
    """Whether a field stays with its visitor, and stands in no link."""
    return isinstance(spec, Choice) and spec.own


def specs(kind: type) -> dict[str, Spec]:
    """The declared fields of a state class by name, in order."""
    return {field.name: field.metadata["spec"] for field in dataclasses.fields(kind)}


def replace(record: Any, changes: Mapping[str, Any]) -> Any:
    """A new record with checked `changes`; FieldError names the field that refuses."""
    declared = specs(type(record))
    checked = {}
    for name, value in changes.items():
        if name not in declared:
            raise FieldError(f"{name}: there is no such setting")
        try:
            checked[name] = declared[name].check(value)
        except FieldError as error:
            raise FieldError(f"{name}: {error}") from error
    return dataclasses.replace(record, **checked)


def encode_value(value: Any) -> str:
    """The text of a field's value in an address; each kind of value has one spelling.

    >>> [encode_value(v) for v in (True, 3, 0.001, None, (0, -1), "NHWC")]
    ['1', '3', '0.001', 'none', '0~-1', 'NHWC']
    """
    if isinstance(value, FrozenArray):
        return encode_array(value)
    if isinstance(value, tuple | list):
        return _SEPARATOR.join(encode_value(item) for item in value) or _SEPARATOR
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return format_number(value)
    return _NONE if value is None else str(value)


def _field(spec: Spec, default: Any) -> Any:
    # Checked here, so that a page whose default breaks its own rule fails at import, not in use.
    return dataclasses.field(default=spec.check(default), metadata={"spec": spec})


def _split(text: str) -> tuple[str, ...]:
    return () if text == _SEPARATOR else tuple(text.split(_SEPARATOR))


def _number(text: str) -> float:
    try:
        return parse_number(text)
    except NumberError as error:
        raise FieldError(f"{_quote(text)} is not a number") from error


def _frozen(value: Any) -> FrozenArray:
    try:
        return FrozenArray(value)
    except (ValueError, TypeError) as error:
        raise FieldError("it is not a full grid of numbers") from error
    except OverflowError as error:
        raise FieldError(
            "it holds a number that is too large; allowed are up to 1.8e308"
        ) from error


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def _quote(value: Any) -> str:
    shown = str(value)
    return repr(shown if len(shown) <= 40 else shown[:37] + "...")
