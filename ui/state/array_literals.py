"""Arrays written as code: `[[1, 2], [3, 4]]`, `np.array(...)`, and what NumPy prints.

No `eval`: a small reader that knows brackets, commas, spaces and numbers, and nothing else.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

_WRAPPER = re.compile(
    r"^\s*(?:[A-Za-z_][\w.]*\s*=\s*)?(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*\s*\(\s*(.*?)"
    r"\s*(?:,\s*(?:dtype|shape|device|requires_grad)\s*=.*)?,?\s*\)\s*;?\s*$",
    re.DOTALL,
)
_ASSIGNED = re.compile(r"^\s*[A-Za-z_]\w*\s*=\s*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(rf"\s*(?:(?P<mark>[\[\](),;])|(?P<number>{_NUMBER.pattern})(?=[\s,;\[\]()]|$))")
_MAX_DEPTH = 8


class LiteralError(ValueError):
    """Text with brackets that is not an array."""


def parse_literal(text: str) -> np.ndarray:
    """The float64 array written as code or printed by NumPy; LiteralError otherwise.

    >>> parse_literal("[[1, 2], [3, 4]]")
    array([[1., 2.],
           [3., 4.]])
    >>> parse_literal("array([[1. , 0.5],\\n       [3. , 4. ]], dtype=float32)").shape
    (2, 2)
    >>> parse_literal("[[1. 2.]\\n [3. 4.]]").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if "..." in text or "…" in text:
        raise LiteralError(
            "The printout was shortened with '...'. Print all of it: paste array.tolist()."
        )
    body = _unwrapped(text)
    tokens = _tokens(body)
    value, position = _value(tokens, 0, 0)
    if position < len(tokens):
        raise LiteralError(f"After the array there is more: {tokens[position]!r}. Paste one array.")
    return _full(value)


def _unwrapped(text: str) -> str:
    """Without `x = np.array(` and `, dtype=...)`."""
    match = _WRAPPER.match(text)
    if match and match.group(1).lstrip().startswith(("[", "(")):
        return match.group(1)
    return _ASSIGNED.sub("", text)


def _tokens(text: str) -> list[str]:
    tokens, position, text = [], 0, text.rstrip()
    # A comma without a space is a separator in code and a decimal mark in half of the world.
    # Where spaces separate the cells already, it can only be the second: not code, so not ours.
    if re.search(r"\d,\d", text) and re.search(r"\d[ ]+[+-]?[\d.]", text):
        raise LiteralError(
            "Commas and spaces both stand between numbers. Separate all cells by ', ' and write "
            "decimals with a point."
        )
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            rest = text[position:].strip()
            raise LiteralError(
                f"{rest[:20]!r} is not a number. Allowed: nested brackets of numbers, "
                "such as [[1, 2], [3, 4]]."
            )
        tokens.append(match.group("mark") or match.group("number"))
        position = match.end()
    if ";" in tokens:
        raise LiteralError("Semicolons inside brackets. Write rows as [[1, 2], [3, 4]].")
    return tokens


def _value(tokens: list[str], position: int, depth: int) -> tuple[Any, int]:
    if position >= len(tokens):
        raise LiteralError("A bracket is not closed. Write [[1, 2], [3, 4]].")
    if depth > _MAX_DEPTH:
        raise LiteralError(f"Brackets are nested more than {_MAX_DEPTH} deep.")
    token = tokens[position]
    if token not in "[(":
        if token in "]),":
            raise LiteralError(f"{token!r} stands where a number belongs.")
        return float(token), position + 1
    closing = "]" if token == "[" else ")"
    items: list[Any] = []
    position += 1
    while position < len(tokens) and tokens[position] != closing:
        item, position = _value(tokens, position, depth + 1)
        items.append(item)
        if position < len(tokens) and tokens[position] == ",":
            position += 1
    if position >= len(tokens):
        raise LiteralError("A bracket is not closed. Write [[1, 2], [3, 4]].")
    return items, position + 1


def _full(value: Any) -> np.ndarray:
    try:
        return np.array(value, dtype=np.float64)
    except ValueError as error:
        raise LiteralError(
            "The rows have different lengths. Every bracket at one level needs the same number."
        ) from error
