"""The moving mean of every position or feature over the updates."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bncore.experiments.batch_axis import BatchAxisFound
from ui.drawing import palette
from ui.drawing.figures import trajectory
from ui.questions.batch_axis.state import BatchAxisState


def moving_means(state: BatchAxisState, found: BatchAxisFound, axis: str, key: str) -> None:
    """The curves of the run that is being made of the layer with this axis."""
    if axis not in found.axes:
        return
    moved = found.axes[axis].moving_mean
    curves = moved.shuffled if len(moved.shuffled) else moved.fixed
    if not len(curves):
        return
    name = "position" if axis == "0" else "feature"
    figure = trajectory(
        np.arange(1, len(curves) + 1),
        {f"{name} {i}": curve for i, curve in enumerate(curves.T)},
        {},
        palette.current(),
        title=f"axis={axis}: moving mean of every {name}",
        total=state.updates,
        log=False,
    )
    st.plotly_chart(figure, key=f"{key}-{axis}", config={"displaylogo": False})
