"""What a page says, before it is words: claims, each of a kind and with its numbers.

A pure function decides what is claimed; one table, by kind, makes the sentences. A test holds the
numbers of every kind against its own computation, and fails where a kind has no check.

    WORDS = {"share": lambda left: f"{left:.2g} is left."}
    say([claim("share", left=0.5)], WORDS)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Words = Mapping[str, Callable[..., str]]


@dataclass(frozen=True, eq=False)
class Claim:
    """One thing that is said: its kind, and the numbers (and names) that it rests on."""

    kind: str
    numbers: Mapping[str, Any]


def claim(kind: str, /, **numbers: Any) -> Claim:
    """A claim of this kind.

    >>> claim("gap", left=0.5).numbers["left"]
    0.5
    """
    return Claim(kind, numbers)


def sentence(found: Claim, words: Words) -> str:
    """The claim in words.

    >>> sentence(claim("share", left=0.5), {"share": lambda left: f"{left:.2g} is left."})
    '0.5 is left.'
    """
    return words[found.kind](**found.numbers)


def worded(claims: Iterable[Claim], words: Words) -> list[str]:
    """Each claim in the words of its kind.

    >>> worded([claim("gap", left=0.5)], {"gap": lambda left: f"A gap of {left} is left."})
    ['A gap of 0.5 is left.']
    """
    return [sentence(each, words) for each in claims]


def say(claims: Iterable[Claim], words: Words, between: str = " ") -> str:
    """Several claims, one behind the other."""
    return between.join(worded(claims, words))
