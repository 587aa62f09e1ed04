"""What a page says, before it is words: claims, each of a kind and with its numbers.

A pure function decides what is claimed; one table, by kind, makes the sentences. A test holds the
numbers of every kind against its own computation, and fails where a kind has no check.

    WORDS = {"share": lambda left: f"{left:.2g} is left."}
    say([Claim.of("share", left=0.5)], WORDS)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Words = Mapping[str, Callable[..., str]]


@dataclass(frozen=True, eq=False)
class Claim:
    """One thing that is said: its kind, and its numbers by name."""

    kind: str
    numbers: Mapping[str, Any]

    @classmethod
    def of(cls, kind: str, /, **numbers: Any) -> Claim:
        """A claim of this kind about these numbers."""
        return cls(kind, numbers)


def sentence(claim: Claim, words: Words) -> str:
    """The claim in words.

    >>> sentence(Claim.of("share", left=0.5), {"share": lambda left: f"{left:.2g} is left."})
    '0.5 is left.'
    """
    return words[claim.kind](**claim.numbers)


def say(claims: Iterable[Claim], words: Words, between: str = " ") -> str:
    """Several claims, one behind the other."""
    return between.join(sentence(claim, words) for claim in claims)
