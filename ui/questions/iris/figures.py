"""The Iris classifier over the updates: its moving statistics, its loss, its accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import trajectory
from ui.questions.iris.answers import lines
from ui.questions.iris.state import IrisState, updates


def figures(
    state: IrisState, x: Array, names: Sequence[str], values: Mapping[str, Any], key: str
) -> None:
    """Moving mean and variance of every feature; loss and accuracy."""
    if state.keep < 1:
        st.caption("Dotted: expected final value.")
    targets, each = lines(state, x, names), values
    drawn = [
        (
            f"Moving {statistic} of every feature",
            dict(zip(names, each[f"moving_{statistic}"].T, strict=True)),
            targets[statistic],
        )
        for statistic in ("mean", "variance")
    ]
    drawn.append(("Loss of the mini-batch", {"loss": each["loss"]}, {}))
    accuracy = {"accuracy": each["accuracy"]}
    drawn.append(("Accuracy on all rows, inference mode", accuracy, {}))
    columns = [*st.columns(2), *st.columns(2)]
    parts = ("mean", "variance", "loss", "accuracy")
    for column, part, (title, series, target) in zip(columns, parts, drawn, strict=True):
        figure = trajectory(
            each["update"],
            series,
            target,
            palette.current(),
            title=title,
            total=updates(state, len(x)),
            log=False,
        )
        column.plotly_chart(figure, key=f"{key}-{part}", config={"displaylogo": False})
