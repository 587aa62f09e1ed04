"""The gradients of the first layer, update by update."""

from __future__ import annotations

import numpy as np

from bncore.experiments.bias import MODELS, BiasFound
from ui.drawing.figures import Figure, trajectory
from ui.drawing.palette import Palette

NAMES = dict(zip(MODELS, ("Dense → BatchNormalization", "Dense alone"), strict=True))


def gradients(found: BiasFound, total: int, palette: Palette) -> Figure | None:
    """The norms for bias and kernel of both models; None before both have made an update."""
    named = {NAMES[model]: gradients for model, gradients in found.gradients.items()}
    curves = {f"{name}, bias": gradients.bias for name, gradients in named.items()}
    curves |= {f"{name}, kernel": gradients.kernel for name, gradients in named.items()}
    length = min(map(len, curves.values()), default=0)
    if not length:
        return None
    # A gradient of exactly 0 has no place on a logarithmic axis.
    drawn = {name: np.maximum(curve[:length], 1e-12) for name, curve in curves.items()}
    return trajectory(
        np.arange(1, length + 1), drawn, {}, palette,
        title="First layer's gradient norms, training mode",
        total=total, log=False, log_y=True,
    )  # fmt: skip
