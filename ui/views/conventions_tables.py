"""The conventions page's table of all that is known, and carrying a layer over."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import bncore
from bncore.conventions import CONVENTIONS
from bncore.implementations import IMPLEMENTATIONS, Implementation
from bncore.moments import Array
from bncore.porting import LAYOUTS, ROLES
from ui.views.conventions import TITLES, ConventionsState, status


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


def carry_arguments(state: ConventionsState) -> dict[str, Any] | None:
    """What both layers are asked; None where they cannot be."""
    arrays = state.layer.array
    if len(arrays) != 4 or (arrays[3] < 0).any():
        return None
    return {
        "arrays": arrays, "x": probe(arrays), "source": state.source, "target": state.target,
        "epsilon": state.epsilon,
    }  # fmt: skip


def probe(arrays: Array) -> Array:
    """Rows around the moving mean: a deviation below it, on it, a deviation above."""
    mean, variance = arrays[2], arrays[3]
    return mean + np.array([[-1.0], [0.0], [1.0]]) * np.sqrt(np.maximum(variance, 0))


def carried_words(values: Mapping[str, Any]) -> str:
    """What the two layers returned."""
    own, used = values["default_epsilon"], values["epsilon"]
    if own == used:
        forgotten = f"{used:g} is the target's default epsilon, too."
    elif values["forgotten"] > 1e-6:
        forgotten = (
            f"Keep the target's default epsilon {own:g} instead of {used:g}, and the outputs are "
            f"**{values['forgotten']:.2g}** apart."
        )
    else:
        forgotten = (
            f"The target's default epsilon is {own:g}, not {used:g}. These rows hardly show it: "
            f"with it, the outputs are {values['forgotten']:.2g} apart."
        )
    return (
        f"Both were asked for the same rows in inference mode: source, {values['who']['source']}; "
        f"target, {values['who']['target']}. Largest difference **{values['difference']:.2g}**. "
        f"{forgotten}"
    )
