"""The gradients of the first layer, update by update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ui.drawing.figures import Figure, trajectory
from ui.drawing.palette import Palette

NAMES = {"normalised": "Dense → BatchNormalization", "plain": "Dense alone"}


def gradients(values: Mapping[str, Any], total: int, palette: Palette) -> Figure | None:
    """The norms for bias and kernel of both models; None before both have made an update."""
    curves = {
        f"{NAMES[model]}, {weight}": values[f"{weight}_gradient"][model]
        for weight in ("bias", "kernel")
        for model in values["bias_gradient"]
    }
    length = min(map(len, curves.values()))
    if not length:
        return None
    # A gradient of exactly 0 has no place on a logarithmic axis.
    drawn = {name: np.maximum(curve[:length], 1e-12) for name, curve in curves.items()}
    return trajectory(
        np.arange(1, length + 1), drawn, {}, palette,
        title="First layer's gradient norms, training mode",
        total=total, log=False, log_y=True,
    )  # fmt: skip
