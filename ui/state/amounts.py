"""How many, and how much, as a sentence says it."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context

_UPWARDS = Context(prec=2, rounding=ROUND_CEILING)


def counted(number: int, noun: str) -> str:
    """A number of things; one of them has no plural.

    >>> counted(1, "row"), counted(1797, "row")
    ('1 row', '1,797 rows')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def at_most(value: float) -> str:
    """Two digits of what a number does not exceed: it is rounded up, but for float64's own dust.

    >>> [at_most(value) for value in (0.0353, 2.701e-5, 0.1 + 0.2, 0.0)]
    ['0.036', '2.8e-05', '0.3', '0']
    """
    return f"{float(_UPWARDS.create_decimal(f'{value:.12g}')):.2g}"
