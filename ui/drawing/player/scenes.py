"""Pictures of a step that are no curves: its data rows, a cloud with a mean, or balls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bncore.moments import Array

NO_ROW = -1
"""Fills up the rows of a smaller batch."""

NOT_LOST, UNTRAINED = -1, -2
"""What stands for the update at which a repetition diverged, where there is none."""


@dataclass(frozen=True, eq=False)
class Rows:
    """All rows of the data, a column for each feature; those that a step takes light up.

    Two needles stand on each feature's scale: what the step's rows gave, and what is made of it.

    Args:
        title, note: what it shows, and what else its caption says.
        data: (rows, features).
        taken: (steps, batch size), row numbers, filled up with -1.
        groups: which group each row belongs to, (rows,), and what the groups are called.
        curve: whose needles they are.
        batch, moving: the quantities with the needles' numbers.
    """

    key: str
    title: str
    note: str
    data: Array
    taken: Array
    groups: tuple[Array, tuple[str, ...]]
    curve: str
    batch: str
    moving: str

    def arrays(self) -> dict[str, Array]:
        """The numbers, by the names under which a browser knows them."""
        groups = np.asarray(self.groups[0], np.int32)
        return {
            f"{self.key}/data": np.asarray(self.data, np.float64),
            f"{self.key}/taken": np.asarray(self.taken, np.int32),
            f"{self.key}/groups": groups,
        }

    def words(self) -> dict[str, Any]:
        """What else a browser needs."""
        names = ("key", "title", "note", "curve", "batch", "moving")
        told = {name: getattr(self, name) for name in names}
        return {**told, "kind": "rows", "groups": self.groups[1]}


@dataclass(frozen=True, eq=False)
class Plane:
    """Rows as points, by two of their numbers, and a mean that moves towards them.

    Points are known at some steps; at those between, they are where they were last.

    Args:
        title, note: what it shows, and what else its caption says.
        axes: what the two numbers are called.
        rows: what the rows are called, in the plural.
        at: the steps of which the points are known, ascending, (s,).
        points: (s, rows, 2).
        wrong: whether a row is classified wrong there, (s, rows).
        mean, variance: at every step, (steps, 2).
        span: the least and the largest of both numbers, ((2,), (2,)); `together` finds them.
    """

    key: str
    title: str
    note: str
    axes: tuple[str, str]
    rows: str
    at: Array
    points: Array
    wrong: Array
    mean: Array
    variance: Array
    span: tuple[Array, Array] = (np.zeros(2), np.zeros(2))

    def arrays(self) -> dict[str, Array]:
        """The numbers, by the names under which a browser knows them."""
        held = {
            "at": np.asarray(self.at, np.int32),
            "points": self.points,
            "wrong": np.asarray(self.wrong, np.uint8),
            "mean": self.mean,
            "variance": self.variance,
        }
        return {f"{self.key}/{name}": each for name, each in held.items()}

    def words(self) -> dict[str, Any]:
        """What else a browser needs."""
        told = {name: getattr(self, name) for name in ("key", "title", "note", "axes", "rows")}
        return {**told, "kind": "plane", "span": [ends.tolist() for ends in self.span]}


@dataclass(frozen=True, eq=False)
class Ended:
    """How the repetitions of a curve ended at each step, (steps, k) each.

    Args:
        error: the share of wrong rows.
        learned: whether that is better than chance.
        lost: the update at which a repetition diverged; NOT_LOST, or UNTRAINED.
    """

    error: Array
    learned: Array
    lost: Array


@dataclass(frozen=True, eq=False)
class Balls:
    """A ball for each repetition in a cup for each curve; one that diverged has flown out.

    Args:
        title, note: what it shows, and what else its caption says.
        curves: by their keys.
        chance: the error of always saying the most common class.
    """

    key: str
    title: str
    note: str
    curves: Mapping[str, Ended]
    chance: float

    def arrays(self) -> dict[str, Array]:
        """The numbers, by the names under which a browser knows them."""
        held = {}
        for curve, ended in self.curves.items():
            held[f"{self.key}/{curve}/error"] = np.asarray(ended.error, np.float64)
            held[f"{self.key}/{curve}/learned"] = np.asarray(ended.learned, np.uint8)
            held[f"{self.key}/{curve}/lost"] = np.asarray(ended.lost, np.int32)
        return held

    def words(self) -> dict[str, Any]:
        """What else a browser needs."""
        told = {name: getattr(self, name) for name in ("key", "title", "note", "chance")}
        return {**told, "kind": "balls"}


Scene = Rows | Plane | Balls


def together(planes: Mapping[str, Plane]) -> tuple[Plane, ...]:
    """Planes on the same scale, which holds every point and every mean with its deviation.

    >>> one = np.ones((1, 2))
    >>> plane = Plane("a", "A", "", ("x", "y"), "rows", [1], [3 * one], [[False]], one, 4 * one)
    >>> together({"a": plane})[0].span
    (array([-1., -1.]), array([3., 3.]))
    """
    far = [
        each
        for plane in planes.values()
        for spread in [np.sqrt(plane.variance)]
        for each in (plane.mean - spread, plane.mean + spread, np.reshape(plane.points, (-1, 2)))
    ]
    held = np.concatenate(far) if far else np.zeros((1, 2))
    held = held[np.isfinite(held).all(axis=1)] if np.isfinite(held).any() else np.zeros((1, 2))
    span = (held.min(axis=0), held.max(axis=0))
    return tuple(replace(plane, span=span) for plane in planes.values())
