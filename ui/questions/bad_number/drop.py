"""The bad number as something to drop on an update: what is drawn, what a drop changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.experiments.bad_number import BAD_NUMBERS, BadNumberFound
from bncore.moments import Array
from ui.drawing.drop import Drop, Dropped
from ui.questions.bad_number.recording import statistics
from ui.questions.bad_number.state import MOST_AFTER, MOST_BEFORE, NUMBERS, BadNumberState, asked
from ui.questions.recorded import INITIAL

DRAWN = 6


def drop(state: BadNumberState, found: BadNumberFound | None, told: bool) -> Drop:
    """The updates of the state's run, with what it came to, if it has ended.

    ValueError or TypeError where the settings cannot be trained.
    """
    fed = asked(state)
    total = fed.before + 1 + fed.after
    return Drop(
        names=NUMBERS,
        features=_drawn(fed.data.shape[1], fed.feature),
        at=Dropped(fed.value, fed.feature, fed.before + 1),
        total=total,
        first=max(1, total - MOST_AFTER),
        last=min(total, MOST_BEFORE + 1),
        keep=fed.keep,
        initial=INITIAL,
        clean=statistics(fed.data),
        spoilt={
            bad: statistics(_everywhere(fed.data, value)) for bad, value in BAD_NUMBERS.items()
        },
        held=None if found is None else held(found),
        told=told,
    )


def held(found: BadNumberFound) -> dict[str, Array]:
    """What the trained layer holds at the end, by statistic."""
    return {"mean": found.moving_mean[-1], "variance": found.moving_variance[-1]}


def dropped(state: BadNumberState, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a drop changes; none where a browser sends what is no drop.

    >>> dropped(BadNumberState(), {"bad": "inf", "feature": 0, "update": 11})
    {'bad': 'inf', 'feature': 0, 'before': 10, 'after': 2190}
    >>> dropped(BadNumberState(), {"update": "soon"})
    {}
    """
    update = chosen.get("update")
    if not isinstance(update, int):
        return {}
    clean = state.before + state.after
    where = {name: chosen.get(name) for name in ("bad", "feature")}
    return {**where, "before": update - 1, "after": clean - update + 1}


def _everywhere(rows: Array, value: float) -> Array:
    """The batch with the bad number in every feature: what becomes of each does not depend on
    the others."""
    bad = rows.copy()
    bad[0] = value
    return bad


def _drawn(features: int, bad: int) -> tuple[int, ...]:
    """The first features, as many as can be told apart, and the bad one."""
    first = np.arange(min(features, DRAWN))
    return tuple(int(each) for each in (first if bad in first else [*first[:-1], bad]))
