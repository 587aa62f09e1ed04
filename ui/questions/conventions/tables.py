"""The conventions page's tables of all that is known, and of how arrays are called."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

import bncore
from bncore.conventions import CONVENTIONS
from bncore.implementations import IMPLEMENTATIONS, Implementation
from bncore.porting import LAYOUTS, ROLES
from ui.questions.conventions.state import TITLES, ConventionsState, status


def matching(state: ConventionsState) -> tuple[Implementation, ...]:
    """The rows of the big table that pass its filters."""
    wanted = state.find.strip().lower()
    return tuple(
        row
        for row in IMPLEMENTATIONS
        if row.family in state.families
        and row.status in state.known
        and wanted in " ".join(map(str, vars(row).values())).lower()
    )


def big_table(state: ConventionsState) -> pd.DataFrame:
    """Every implementation that passes the filters."""
    return _rows(matching(state), int(state.rank))


@lru_cache(64)
def _rows(rows: tuple[Implementation, ...], rank: int) -> pd.DataFrame:
    shape = (2,) * (rank - 1) + (3,)
    split = bncore.split_axes(shape, feature_axis=-1)

    def at_rank(row: Implementation) -> str:
        if not row.convention:
            return "–"
        return CONVENTIONS[row.convention].estimator_for(split).formula

    return pd.DataFrame(
        [
            {
                "implementation": row.name,
                "versions": row.versions,
                f"stores at rank {rank}": at_rank(row),
                "stores": row.stores,
                "normalises with": row.normalises,
                "momentum": row.momentum,
                "epsilon": row.epsilon,
                "axis names": row.axis,
                "list of axes": row.several_axes,
                "one element": row.one_element,
                "known": row.known,
                "here": status(row.convention) if row.convention else "–",
                "source": row.source,
            }
            for row in rows
        ]
    )


def names_table(state: ConventionsState) -> pd.DataFrame:
    """The four arrays by their names in both frameworks."""
    return pd.DataFrame(
        {
            "": ROLES,
            TITLES[state.source]: LAYOUTS[state.source].names,
            TITLES[state.target]: LAYOUTS[state.target].names,
        }
    )
