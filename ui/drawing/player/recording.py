"""What a player plays: curves of some quantities over recorded steps, with all their numbers.

    Recording(
        unit="update",
        steps=np.arange(3),
        features=("feature 0", "feature 1"),
        curves=(Curve("keras-3", "Keras 3"),),
        quantities=(Quantity("mean", "Moving mean", {"keras-3": moving_mean}),),
    )

The arrays go to the browser as they are (`encoded`); the words beside them go with the page's
message (`described`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.drawing.player.scenes import Scene

_TYPES = {"float32": "f4", "float64": "f8", "int32": "i4", "uint8": "u1"}
_EDGE = 8  # arrays begin at multiples of the widest number's bytes


class Later(Mapping[str, Array]):
    """Arrays by the keys of their curves, each made whenever it is asked for.

    A page that runs again describes its recording and sends none of its numbers.

    >>> later = Later(["keras-3"], lambda key: np.zeros((2, 1)))
    >>> list(later), later["keras-3"].shape
    (['keras-3'], (2, 1))
    """

    def __init__(self, keys: Iterable[str], made: Callable[[str], Array]) -> None:
        self._keys, self._made = tuple(keys), made

    def __getitem__(self, key: str) -> Array:
        if key not in self._keys:
            raise KeyError(key)
        return self._made(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True)
class Curve:
    """One line of every picture: its key, its words, its colour (of the palette) and its dash.

    One whose first step would answer the prediction is `late`, as a level may be.
    """

    key: str
    label: str
    color: int = 0
    dash: str = "solid"
    late: bool = False


@dataclass(frozen=True, eq=False)
class Level:
    """What a quantity is held against: a number for each feature.

    One that would answer the prediction is `late`: it is not drawn before the picture has moved.
    """

    label: str
    values: Array
    dash: str = "dash"
    late: bool = False


@dataclass(frozen=True)
class Bins:
    """Equal bins from `low` to `high`; the first and the last count what lies beyond, too.

    `flat` are the ranges of values that a picture marks as flat. A hill has its share of `word`
    written on it, which the quantity `beside` holds.
    """

    low: float
    high: float
    flat: tuple[tuple[float, float], ...] = ()
    beside: str = ""
    word: str = ""


@dataclass(frozen=True, eq=False)
class Quantity:
    """What is recorded of every curve: by the curve's key an array (steps, features).

    With `bins` it is an array (steps, features, bins) of how often each value occurs, and drawn as
    hills that change from step to step.

    `bands` is drawn around a curve: by its key the least and the largest of what it averages.
    `over` is drawn as 1: each feature of the picture is divided by its number. `pictured` is false
    for what only the arithmetic needs. `log` lets the vertical axis be logarithmic, where a page
    leaves it to the visitor, and makes it so elsewhere; a curve's numbers that are not above 0 then
    stand at its lower end. `span` is where the axis begins and ends for each feature, if the
    numbers may leave it. `lost` says what it means where a curve's numbers are none at the end.
    """

    key: str
    title: str
    values: Mapping[str, Array]
    levels: tuple[Level, ...] = ()
    bands: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)
    over: Level | None = None
    span: tuple[Array, Array] | None = None
    bins: Bins | None = None
    log: bool = False
    lost: str = ""
    pictured: bool = True


@dataclass(frozen=True)
class Formula:
    """How a quantity comes about: `of` = keep · before + (1 - keep) · `taken`.

    Without keep it is `taken` times whatever makes `of` of it.
    """

    name: str
    of: str
    taken: str
    keep: float | None = None


@dataclass(frozen=True)
class Event:
    """What happened at a step: every picture has a line there, and its label."""

    step: int
    label: str


@dataclass(frozen=True, eq=False)
class Recording:
    """Everything that a player shows.

    Args:
        unit: what a step is called, in the singular.
        steps: the steps' numbers, ascending.
        features: what the columns of the arrays are called.
        together: every picture has all features, each a line of its own, instead of the one that
            is looked at. That is for few features and one curve.
        scale: how the steps stand beside each other where the visitor does not choose it: by their
            numbers ("linear"), their logarithms ("log"), or all as far from the next ("each").
        total: the last step that a run will make, which leaves room for it while it goes on.
        opens: which of the steps a player stands at first, where the first one has little to show.
        scenes: other pictures of a step, above those of the quantities.

    An array may have fewer rows than there are steps: what it holds has not come that far.
    """

    unit: str
    steps: Array
    features: tuple[str, ...]
    curves: tuple[Curve, ...]
    quantities: tuple[Quantity, ...]
    formulas: tuple[Formula, ...] = ()
    events: tuple[Event, ...] = ()
    together: bool = False
    scale: str = "linear"
    total: int = 0
    opens: int = 0
    file: str = "recording"
    scenes: tuple[Scene, ...] = ()


def described(recording: Recording) -> dict[str, Any]:
    """The words of a recording, as JSON takes them."""
    return {
        "unit": recording.unit,
        "steps": "steps",
        "scale": recording.scale,
        "total": recording.total,
        "opens": min(recording.opens, max(len(recording.steps) - 1, 0)),
        "features": list(recording.features),
        "curves": [vars(curve) for curve in recording.curves],
        "scenes": [scene.words() for scene in recording.scenes],
        "quantities": [
            {
                "kind": "hills" if quantity.bins else "curves",
                "key": quantity.key,
                "title": quantity.title,
                "levels": [_level(level) for level in quantity.levels],
                "over": quantity.over and _level(quantity.over),
                "span": quantity.span and [_told(ends) for ends in quantity.span],
                "bins": quantity.bins and vars(quantity.bins),
                "log": quantity.log,
                "lost": quantity.lost,
            }
            for quantity in recording.quantities
            if quantity.pictured
        ],
        "formulas": [
            {"name": each.name, "of": each.of, "from": each.taken, "keep": each.keep}
            for each in recording.formulas
        ],
        "events": [vars(event) for event in recording.events],
        "together": recording.together,
        "file": recording.file,
    }


def arrays_of(recording: Recording) -> dict[str, Array]:
    """The numbers of a recording, by the names under which a browser knows them."""
    steps = np.asarray(recording.steps)
    arrays = {"steps": steps if steps.dtype.kind == "f" else steps.astype(np.int32)}
    for quantity in recording.quantities:
        arrays |= {f"{quantity.key}/{key}": each for key, each in quantity.values.items()}
        for key, ends in quantity.bands.items():
            for name, each in zip(("low", "high"), ends, strict=True):
                arrays[f"{quantity.key}/{key}/{name}"] = each
    for scene in recording.scenes:
        arrays |= scene.arrays()
    return {name: _known(array) for name, array in arrays.items()}


def encoded(arrays: Mapping[str, Array]) -> bytes:
    """Arrays as a browser reads them: a header's length (4 bytes), the header, the arrays.

    >>> curve, steps = Curve("a", "A"), np.arange(2, dtype=np.int32)
    >>> one = Quantity("loss", "Loss", {"a": np.zeros((2, 1), np.float32)})
    >>> len(encoded(arrays_of(Recording("epoch", steps, ("loss",), (curve,), (one,))))) % 8
    0
    """
    header = json.dumps(
        [
            {"name": name, "type": _TYPES[array.dtype.name], "shape": array.shape}
            for name, array in arrays.items()
        ]
    ).encode()
    pieces = [_padded(len(header).to_bytes(4, "little") + header)]
    return b"".join([*pieces, *(_padded(array.tobytes()) for array in arrays.values())])


def _level(level: Level) -> dict[str, Any]:
    return {**vars(level), "values": _told(level.values)}


def _told(values: Array) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in np.atleast_1d(values)]


def _known(array: Array) -> Array:
    """An array in a type that the browser reads, little-endian."""
    known = array if array.dtype.name in _TYPES else array.astype(np.float64)
    return np.ascontiguousarray(known.astype(known.dtype.newbyteorder("<"), copy=False))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _EDGE)
