"""A diagram with slots: what stands in it, and what is said of each place for the tile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where the tile can be put.

    Args:
        label: its name, short.
        said: a sentence or some, for when the tile is there.
        line: the code of what it changes, in a line.
        code: the whole code.
        color: of the palette, the colour of its curve; None where there is no curve.
        also: other places that are filled as well.
    """

    label: str
    said: str
    line: str
    code: str
    color: int | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """What stands beside each other: names of places, and the words of blocks.

    What is `outside` the model is not joined with it by arrows.
    """

    parts: tuple[str, ...]
    label: str = ""
    outside: bool = False


@dataclass(frozen=True)
class Diagram:
    """Groups from left to right, and the places in them.

    Args:
        title: what is chosen.
        tile: the words on the tile.
        home: the place where it lies before any is chosen.
        nowhere: what is chosen then.
        start: what is said then.

    ValueError where a place stands in no group, or in several.
    """

    title: str
    tile: str
    home: str
    nowhere: str
    start: str
    groups: tuple[Group, ...]
    places: Mapping[str, Place]

    def __post_init__(self) -> None:
        standing = [part for group in self.groups for part in group.parts if part in self.places]
        if sorted(standing) != sorted(self.places):
            raise ValueError(f"places {sorted(self.places)}, but in the groups {sorted(standing)}")
        if self.home not in self.places:
            raise ValueError(f"the tile's home {self.home!r} is no place")


def record(diagram: Diagram, chosen: str) -> dict[str, Any]:
    """A diagram as JSON takes it; `chosen` is a place, or nowhere.

    >>> groups, places = (Group(("Dense", "in")),), {"in": Place("in", "Said.", "a", "a")}
    >>> record(Diagram("Where?", "tile", "in", "-", "Drag it.", groups, places), "-")["groups"]
    ({'parts': ('Dense', 'in'), 'label': '', 'outside': False},)
    """
    return {**asdict(diagram), "chosen": chosen}
