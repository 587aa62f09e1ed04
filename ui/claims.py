"""What an answer claims, apart from the words for it.

A page's decisions return claims, each of a kind and with its numbers; one table makes the words.
So a test can hold every claim against its own computation, and notice a kind that has no check.

    def claims(state, values): return [claim("gap", left=0.46)]
    SENTENCES = {"gap": lambda left: f"A gap of {left:.3g} is left."}
    worded(claims(state, values), SENTENCES)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Sentences = Mapping[str, Callable[..., str]]


@dataclass(frozen=True)
class Claim:
    """One claim: its kind, and the numbers (and names) that it rests on."""

    kind: str
    numbers: Mapping[str, Any]


def claim(kind: str, **numbers: Any) -> Claim:
    """A claim of this kind.

    >>> claim("gap", left=0.5).numbers["left"]
    0.5
    """
    return Claim(kind, numbers)


def worded(claims: Iterable[Claim], sentences: Sentences) -> list[str]:
    """Each claim in the words of its kind.

    >>> worded([claim("gap", left=0.5)], {"gap": lambda left: f"A gap of {left} is left."})
    ['A gap of 0.5 is left.']
    """
    return [sentences[each.kind](**each.numbers) for each in claims]
