"""The weights of a real model, as a page lists them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Weight:
    """One weight.

    Args:
        layer: the class of the layer that holds it, "Dense".
        name: of the weight in its layer, "kernel".
        trainable: whether the optimizer changes it.
    """

    layer: str
    name: str
    shape: tuple[int, ...]
    trainable: bool

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def count(weights: Iterable[Weight]) -> tuple[int, int]:
    """How many numbers weights hold, and how many of them are trainable.

    >>> count([Weight("Dense", "kernel", (2, 3), True), Weight("Dense", "bias", (3,), False)])
    (9, 6)
    """
    held = list(weights)
    return sum(w.count for w in held), sum(w.count for w in held if w.trainable)
