"""The four norms of one tensor beside each other. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from itertools import combinations

import numpy as np

import bncore
from ui.drawing.blocks import Block, Groups
from ui.page.claims import Claim, Words, claim, say
from ui.questions.axes.state import AxisState, Picture, channel_axis, picture
from ui.state.amounts import counted
from ui.state.numbers import format_number

Norms = Mapping[str, Picture | str]
"""By name what the engine makes of each norm, or why it makes nothing."""


def in_norm(state: AxisState, family: str) -> AxisState:
    """The same tensor in one of the norms. Batch norm keeps the channels, as the paper does."""
    return dataclasses.replace(state, family=family, kept=(channel_axis(state),))


def norms(state: AxisState) -> Norms:
    """The four of them."""
    found: dict[str, Picture | str] = {}
    for name in bncore.FAMILIES:
        try:
            found[name] = picture(in_norm(state, name))
        except ValueError as problem:
            found[name] = str(problem)
    return found


def blocks(state: AxisState, found: Norms) -> list[Block]:
    """One block for each norm."""
    made = []
    for name, p in found.items():
        title = bncore.FAMILIES[name].title
        if isinstance(p, str):
            made.append(Block(name, title, "", problem=p))
            continue
        groups = Groups(p.index, p.moments.mean, p.moments.variance, p.x_hat)
        words = _summary(name, p), code(in_norm(state, name))
        made.append(Block(name, title, *words, groups))
    return made


def _summary(name: str, p: Picture) -> str:
    family, count = bncore.FAMILIES[name], p.moments.mean.size
    stored = "keeps" if family.keeps_moving_statistics else "no"
    many = f"{counted(count, 'mean')} of {counted(p.split.count, 'cell')}" + " each" * (count > 1)
    return f"one mean per {family.kept}: {many}; {stored} moving statistics"


def code(state: AxisState) -> str:
    """How the norm of this state is written in Keras.

    >>> code(AxisState(family="group", groups=2, epsilon=0.5))
    'keras.layers.GroupNormalization(groups=2, axis=1, epsilon=0.5)'
    """
    axis, shape = channel_axis(state), state.data.shape
    if len(shape) == 1 and state.family != "batch":
        return ""  # no layer of these takes a tensor without channels
    layer, arguments = {
        "batch": ("BatchNormalization", f"axis={axis}"),
        "layer": ("LayerNormalization", f"axis={list(range(1, len(shape)))}"),
        "instance": ("GroupNormalization", f"groups={shape[axis]}, axis={axis}"),
        "group": ("GroupNormalization", f"groups={state.groups}, axis={axis}"),
    }[state.family]
    return f"keras.layers.{layer}({arguments}, epsilon={format_number(state.epsilon)})"


def claims(found: Norms) -> list[Claim]:
    """Which of the norms share the same cells here: they compute the same."""
    drawn = {name: p for name, p in found.items() if not isinstance(p, str)}
    same = [
        claim("same cells", first=bncore.FAMILIES[a].title, second=bncore.FAMILIES[b].title)
        for a, b in combinations(drawn, 2)
        if _same_cells(drawn[a], drawn[b])
    ]
    return same or [claim("all differ", count=len(drawn))]


def words(found: Norms) -> str:
    """The answer in words."""
    return say(claims(found), WORDS)


WORDS: Words = {
    "same cells": lambda first, second: (
        f"**{first} and {second.lower()} share the same cells here**: the same means, the same x̂."
    ),
    "all differ": lambda count: f"No two of these {count} norms group the cells in the same way.",
}


def _same_cells(a: Picture, b: Picture) -> bool:
    """Whether two groupings are the same, whatever the numbers of the groups."""
    pairs = np.unique(np.stack([a.index.ravel(), b.index.ravel()]), axis=1).shape[1]
    return bool(pairs == a.moments.mean.size == b.moments.mean.size)
