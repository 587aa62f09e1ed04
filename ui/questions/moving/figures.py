"""Moving variance and moving mean over the updates, with every target line."""

from __future__ import annotations

import streamlit as st

from bncore.experiments.moving import MovingFound, RecordedLayer
from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import trajectory
from ui.questions.moving.answers import data_moments, settled
from ui.questions.moving.state import VARIANT_TITLES, MovingState


def drawn_feature(state: MovingState) -> int:
    """The feature that is drawn, if the data have it."""
    return min(state.feature, state.data.shape[1] - 1)


def figures(state: MovingState, found: MovingFound, key: str, at: int | None = None) -> None:
    """Both statistics of the chosen feature; `at`: the update that is looked at."""
    feature = drawn_feature(state)
    lines = {
        "variance": {name: line[feature] for name, line in settled(state).items()},
        "mean": {"mean of the data": data_moments(state).mean[feature]},
    }
    for column, statistic in zip(st.columns(2), ("variance", "mean"), strict=True):
        curves = {
            VARIANT_TITLES[name]: _moving(layer, statistic)[:, feature]
            for name, layer in found.layers.items()
        }
        figure = trajectory(
            found.update,
            curves,
            lines[statistic],
            palette.current(),
            title=f"Moving {statistic} of feature {feature}",
            total=state.updates,
            log=state.log,
            log_y=state.log and statistic == "variance" and min(lines["variance"].values()) > 0,
            at=at,
        )
        column.plotly_chart(figure, key=f"{key}-{statistic}", config={"displaylogo": False})


def _moving(layer: RecordedLayer, statistic: str) -> Array:
    return layer.moving_mean if statistic == "mean" else layer.moving_variance
