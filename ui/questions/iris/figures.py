"""The Iris classifier over the updates: its moving statistics."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bncore.experiments.iris import IrisFound
from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import trajectory
from ui.questions.iris.answers import lines
from ui.questions.iris.state import IrisState, updates


def figures(state: IrisState, x: Array, names: Sequence[str], found: IrisFound, key: str) -> None:
    """Moving mean and variance of every feature, while they grow."""
    targets = lines(state, x)
    for column, statistic in zip(st.columns(2), ("mean", "variance"), strict=True):
        held = getattr(found, f"moving_{statistic}")
        target = targets.get(statistic)
        figure = trajectory(
            found.update,
            dict(zip(names, held.T, strict=True)),
            {} if target is None else dict(zip(names, target.tolist(), strict=True)),
            palette.current(),
            title=f"Moving {statistic} of every feature",
            total=updates(state, len(x)),
            log=False,
        )
        column.plotly_chart(figure, key=f"{key}-{statistic}", config={"displaylogo": False})
