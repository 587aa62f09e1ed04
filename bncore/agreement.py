"""Numbers on the screen held against those of a real layer, feature by feature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bncore.differences import relative_difference
from bncore.moments import Array


@dataclass(frozen=True, eq=False)
class Numbers:
    """One array on the screen, computed in float64.

    ``features``: to which feature each number belongs. ``rounding``: how far a layer may be from
    it, by precision (:mod:`bncore.rounding`). ``size``: what each number is measured by; the
    largest number of its feature unless given.
    """

    values: Array
    features: Array
    rounding: Mapping[str, Array]
    size: Array | None = None

    def sizes(self) -> Array:
        """What differences are measured by; 0 where a feature is nothing but rounding.

        >>> values, features = np.array([1.0, -3.0, 1e-17]), np.array([0, 0, 1])
        >>> Numbers(values, features, {"float64": np.array(1e-16)}).sizes()
        array([3., 3., 0.])
        """
        size = self.size
        if size is None:
            largest = np.zeros(int(self.features.max()) + 1)
            np.maximum.at(largest, self.features, np.abs(self.values))
            size = largest[self.features]
        return np.where(size <= self.rounding["float64"], 0.0, size)


@dataclass(frozen=True)
class Compared:
    """One array beside the layer's.

    ``largest``: the largest difference, each feature relative to its own size (as it is, where
    the feature has none). ``explained``: no number is further off than rounding may take it.
    ``finite``: all of the layer's numbers are. ``place``: where the largest difference is, or the
    one that rounding explains least; ``shown`` and ``found`` are what stands there, ``allowed`` is
    what rounding may do to it.
    """

    largest: float
    place: tuple[int, ...]
    shown: float
    found: float
    allowed: float
    explained: bool
    finite: bool


def compare(numbers: Numbers, found: Array, precision: str) -> Compared:
    """Hold an array of the screen against what a layer computed in this precision.

    >>> rounding = {"float64": np.array([1e-12, 1e-19])}
    >>> shown = Numbers(np.array([1e4, 1e-3]), np.arange(2), rounding)
    >>> result = compare(shown, np.array([1e4, 2e-3]), "float64")
    >>> result.largest, result.place, result.explained
    (1.0, (1,), False)
    """
    shown, there = numbers.values, np.asarray(found).reshape(numbers.values.shape)
    bound = np.broadcast_to(numbers.rounding[precision], shown.shape)
    with np.errstate(all="ignore"):
        off = np.abs(there - shown)
        relative = relative_difference(there, shown, numbers.sizes())
        explained = bool((off <= bound).all())
        worst = relative if explained else np.where(np.isfinite(there), off / bound, np.inf)
    place = tuple(int(axis) for axis in np.unravel_index(int(worst.argmax()), shown.shape))
    return Compared(
        float(relative.max()),
        place,
        float(shown[place]),
        float(there[place]),
        float(bound[place]),
        explained,
        bool(np.isfinite(there).all()),
    )


def compare_all(
    shown: Mapping[str, Numbers], found: Mapping[str, Array | None], precision: str
) -> dict[str, Compared]:
    """Every array of the screen that the layer has, too."""
    held = {name: found.get(name) for name in shown}
    return {
        name: compare(shown[name], values, precision)
        for name, values in held.items()
        if values is not None
    }
