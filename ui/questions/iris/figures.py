"""The Iris classifier over the updates: its moving statistics, its loss, its accuracy."""

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
    """Moving mean and variance of every feature; loss and accuracy."""
    if state.keep < 1:
        st.caption("Dotted: expected final value.")
    targets = lines(state, x, names)
    drawn = [
        (
            f"Moving {statistic} of every feature",
            dict(zip(names, curves.T, strict=True)),
            targets[statistic],
        )
        for statistic, curves in (("mean", found.moving_mean), ("variance", found.moving_variance))
    ]
    drawn.append(("Loss of the mini-batch", {"loss": found.loss}, {}))
    accuracy = {"accuracy": found.accuracy}
    drawn.append(("Accuracy on all rows, inference mode", accuracy, {}))
    columns = [*st.columns(2), *st.columns(2)]
    parts = ("mean", "variance", "loss", "accuracy")
    for column, part, (title, series, target) in zip(columns, parts, drawn, strict=True):
        figure = trajectory(
            found.update,
            series,
            target,
            palette.current(),
            title=title,
            total=updates(state, len(x)),
            log=False,
        )
        column.plotly_chart(figure, key=f"{key}-{part}", config={"displaylogo": False})
