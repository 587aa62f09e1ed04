"""The trained layers as the picture of the seats needs them."""

from __future__ import annotations

import numpy as np

from bncore.evidence import output_rounding
from bncore.experiments.batch_axis import AXES, BatchAxisFound
from ui.drawing.seats import SeatedLayer
from ui.questions.batch_axis.state import BatchAxisState


def layers(state: BatchAxisState, found: BatchAxisFound) -> list[SeatedLayer]:
    """Both layers; none where what they return is not finite."""
    made = [_layer(state, found, axis) for axis in AXES]
    return made if all(np.isfinite(layer.returned).all() for layer in made) else []


def _layer(state: BatchAxisState, found: BatchAxisFound, axis: str) -> SeatedLayer:
    """With axis=0 a weight belongs to a seat, with axis=-1 to a feature."""
    kept = (-1, 1) if axis == "0" else (1, -1)
    held = {name: weight.reshape(kept) for name, weight in found.axes[axis].weights.items()}
    largest = np.abs(state.data.array).max()  # on whichever seat it sits
    rounding = output_rounding(
        largest, held["moving_variance"], state.epsilon, held["gamma"], held["beta"]
    )
    return SeatedLayer(f"axis={axis}", held, found.axes[axis].seated, rounding)
