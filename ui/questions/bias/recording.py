"""The gradients of the first layer, update by update, as a player plays them."""

from __future__ import annotations

import numpy as np

from bncore.experiments.bias import BiasFound, Gradients
from ui.drawing.figures import extent
from ui.drawing.player import Curve, Quantity, Recording

CURVES = (
    Curve("normalised", "normalised, training mode", 0, late=True),
    Curve("inference", "normalised, inference mode", 1, "dash"),
    Curve("plain", "without normalisation", 2, "dot"),
)


def played(found: BiasFound) -> dict[str, Gradients]:
    """What has been recorded so far, by curve."""
    return {name: each for name, each in found.gradients.items() if len(each.bias)}


def recording(found: BiasFound, total: int) -> Recording:
    """The norms for the bias and for the kernel, on equal axes."""
    curves = played(found)
    updates = max(len(each.bias) for each in curves.values())
    norms = {
        weight: {name: getattr(each, weight)[:, None] for name, each in curves.items()}
        for weight in ("bias", "kernel")
    }
    low, high = extent(array for arrays in norms.values() for array in arrays.values())
    return Recording(
        unit="update",
        steps=np.arange(1, updates + 1),
        features=("norm",),
        curves=tuple(curve for curve in CURVES if curve.key in curves),
        quantities=tuple(
            Quantity(
                weight,
                f"Gradient of the first layer's {weight} (norm)",
                arrays,
                span=(np.array([low]), np.array([high])),
                log=True,
            )
            for weight, arrays in norms.items()
        ),
        total=total,
        file="bias-gradients",
    )
