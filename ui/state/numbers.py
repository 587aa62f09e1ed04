"""Numbers as people type and paste them, read exactly or refused with a reason.

`st.number_input` and `st.data_editor` turn 1,5 into 15 without a word, so the app reads text by
itself. One rule decides everything: a text is tried under every *reading* (which characters
separate cells, which one is the decimal mark); it is accepted where all readings that work agree,
and refused, with the readings shown, where two of them differ.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ui.state.array_literals import LiteralError, parse_literal

MAX_CELLS = 4096
MAX_CHARACTERS = 200_000

_SIGNS = str.maketrans(dict.fromkeys("−‐‑‒–﹣－", "-") | {"＋": "+", "\ufeff": "", "\u200b": ""})
_SPACES = "\u00a0\u2007\u2009\u202f"  # no-break and thin spaces: group digits, or separate cells
_GROUP = rf"[{_SPACES}'’]"
_EXPONENT = r"(?:[eE][+-]?\d+)?"


def _grammar(decimal: str, group: str) -> re.Pattern[str]:
    whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}})+)"
    return re.compile(rf"[+-]?(?:{whole}(?:[{decimal}]\d+)?|{whole}\.|[{decimal}]\d+){_EXPONENT}")


# What a number looks like when the point, the comma, or either is its decimal mark.
_POINT = _grammar(r".", rf"(?:,|{_GROUP})")
_COMMA = _grammar(r",", rf"(?:\.|{_GROUP})")
_EITHER = _grammar(r".,", _GROUP)


class NumberError(ValueError):
    """Text that is not one number (or one table) beyond doubt; the message says what to do."""


def format_number(value: float) -> str:
    """The shortest text that reads back as exactly the same float.

    >>> format_number(1.50), format_number(3.0), format_number(1e-7)
    ('1.5', '3', '1e-07')
    """
    text = repr(float(value))
    return text.removesuffix(".0")


def format_share(share: float) -> str:
    """A share of a whole in percent, without an exponent; never rounded to all or to nothing.

    >>> [format_share(share) for share in (0.0, 1e-9, 0.0066, 0.625, 0.99996, 1.0)]
    ['0 %', 'less than 0.01 %', '0.66 %', '62 %', 'more than 99.9 %', '100 %']
    """
    if 0 < share < 1e-4:
        return "less than 0.01 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{100 * share:.{3 if share > 0.99 else 2}g} %"


def parse_number(text: str) -> float:
    """The one finite number that `text` means; NumberError where it is none or could be two.

    >>> parse_number("1,5"), parse_number("−2.5e-3"), parse_number("1.234,5")
    (1.5, -0.0025, 1234.5)
    >>> parse_number("1,234")
    Traceback (most recent call last):
    ...
    ui.state.numbers.NumberError: '1,234' can be read as 1.234 or as 1234. Write one of these.
    """
    cleaned = text.translate(_SIGNS).strip(" \t\r\n" + _SPACES)
    if not cleaned:
        raise NumberError("There is no number here. Type one, such as 0.5, 0,5 or 1e-3.")
    readings = {value for read in _conventions(cleaned) if (value := read(cleaned)) is not None}
    if not readings:
        raise NumberError(
            f"{_quote(text)} is not a number. Allowed: digits with a decimal point or comma, "
            "such as 0.5, 0,5 or 1e-3."
        )
    if len(readings) > 1:
        either = " or as ".join(format_number(value) for value in sorted(readings))
        raise NumberError(f"{_quote(text)} can be read as {either}. Write one of these.")
    value = readings.pop()
    if not math.isfinite(value):
        raise NumberError(f"{_quote(text)} is too large. Allowed: up to about 1.8e308.")
    return value


def parse_matrix(text: str) -> np.ndarray:
    """The array in pasted `text`: float64, rank 2 for a table, any rank for a NumPy literal.

    Read are spreadsheet cells (tabs), semicolons, spaces, commas, `[[1, 2], [3, 4]]` and what
    NumPy prints. Decimal commas are recognised where the whole paste leaves no doubt.

    >>> parse_matrix("1,5\\t2\\n3\\t4,25")
    array([[1.5 , 2.  ],
           [3.  , 4.25]])
    >>> parse_matrix("1,2,3")
    array([[1., 2., 3.]])
    >>> parse_matrix("1,5\\n2,5")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ui.state.numbers.NumberError: This can be read as 2 × 1 (1.5; 2.5) or as 2 × 2 (1, 5; 2, 5)...
    """
    if len(text) > MAX_CHARACTERS:
        raise NumberError(
            f"This has {len(text)} characters; at most {MAX_CHARACTERS} are read. Paste less."
        )
    cleaned = text.translate(_SIGNS).strip("\r\n")
    if not cleaned.strip():
        raise NumberError("There is nothing to read. Type or paste numbers.")
    if "[" in cleaned or "(" in cleaned:
        try:
            return _bounded(parse_literal(cleaned))
        except LiteralError as error:
            raise NumberError(str(error)) from error
    readings = _table_readings(cleaned)
    if len(readings) > 1:
        either = " or as ".join(_describe(array) for array in readings[:2])
        raise NumberError(
            f"This can be read as {either}. Separate the cells by tabs or semicolons, "
            "or write decimals with a point."
        )
    return readings[0]


def _conventions(text: str) -> list[Callable[[str], float | None]]:
    """Readers of one number. A text without any comma is never read as a comma locale's."""
    return [_read_point, _read_either, _read_comma] if "," in text else [_read_point]


def _read_point(token: str) -> float | None:
    return _float(token, ",") if _POINT.fullmatch(token) else None


def _read_comma(token: str) -> float | None:
    return _float(token.replace(".", "").replace(",", ".")) if _COMMA.fullmatch(token) else None


def _read_either(token: str) -> float | None:
    return _float(token.replace(",", ".")) if _EITHER.fullmatch(token) else None


def _float(token: str, group: str = "") -> float:
    return float(re.sub(f"[{group}{_SPACES}'’]", "", token))


def _table_readings(text: str) -> list[np.ndarray]:
    """Every different table that `text` can mean (at least one, or NumberError)."""
    lines = [line.strip(" \r") for line in text.splitlines() if line.strip()]
    readings: list[np.ndarray] = []
    first_problem: NumberError | None = None
    for rows in _cell_splits(lines):
        for read in _conventions(text):
            try:
                array = _bounded(np.array(_read_rows(rows, read)))
            except NumberError as error:
                first_problem = first_problem or error
                continue
            if not any(np.array_equal(array, other) for other in readings):
                readings.append(array)
    if first_problem is not None and not readings:
        raise first_problem
    return readings


def _cell_splits(lines: list[str]) -> list[list[list[str]]]:
    """The ways to cut lines into cells: tabs or semicolons decide; else spaces or commas might."""
    text = "\n".join(lines)
    for mark in "\t;":
        if mark in text:
            if all(line.endswith(mark) for line in lines):
                lines = [line[:-1] for line in lines]
            return [[[cell.strip(" ") for cell in line.split(mark)] for line in lines]]
    patterns = [r"[ ]+"]
    if any(space in text for space in _SPACES):
        patterns.append(rf"[ {_SPACES}]+")
    if "," in text:
        patterns += [r",[ ]+", r"[ ]*,[ ]*"]
    return [[re.split(pattern, line) for line in lines] for pattern in patterns]


def _read_rows(rows: list[list[str]], read: Callable[[str], float | None]) -> list[list[float]]:
    lengths = {len(row) for row in rows}
    table = []
    for i, row in enumerate(rows, 1):
        values = [read(cell) for cell in row]
        if None in values:
            j = values.index(None) + 1
            raise NumberError(
                f"Row {i}, column {j}: {_quote(row[j - 1])} is not a number. "
                "Allowed: digits with a decimal point or comma."
            )
        table.append([value for value in values if value is not None])
    if len(lengths) > 1:
        i = next(i for i, row in enumerate(rows, 1) if len(row) != len(rows[0]))
        raise NumberError(
            f"Row 1 has {len(rows[0])} numbers, row {i} has {len(rows[i - 1])}. "
            "Every row needs the same number."
        )
    return table


def _bounded(array: np.ndarray) -> np.ndarray:
    if array.size > MAX_CELLS:
        raise NumberError(f"This has {array.size} numbers; at most {MAX_CELLS} fit here.")
    if array.size == 0:
        raise NumberError("There is no number in it. Type or paste numbers.")
    if not np.isfinite(array).all():
        raise NumberError("A number in it is not finite. Allowed: up to about 1.8e308.")
    return array


def _describe(array: np.ndarray) -> str:
    shape = " × ".join(map(str, array.shape))
    rows = ["; ".join(", ".join(format_number(v) for v in row[:4]) for row in array[:2])]
    more = " …" if array.shape[0] > 2 or array.shape[1] > 4 else ""
    return f"{shape} ({rows[0]}{more})"


def _quote(value: Any) -> str:
    shown = str(value).strip()
    return repr(shown if len(shown) <= 40 else shown[:37] + "...")
