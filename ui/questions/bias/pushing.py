"""The trained layer's first unit, with its bias to be pushed. Pure."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np

from bncore.experiments.bias import Normalisation
from ui.drawing.push import Push
from ui.questions.bias.state import BiasState

UNIT = 0


def pushing(state: BiasState, found: Normalisation) -> Push | None:
    """What the first batch brings to this unit; None where its outputs are no numbers."""
    z, gamma, beta, mean, variance = (each[..., UNIT].astype(float) for each in astuple(found))
    spreads = np.array([z.var(), variance]) + state.epsilon
    if not np.isfinite([*z, gamma, beta, mean, *spreads]).all() or spreads.min() <= 0:
        return None
    return Push(
        z,
        gamma=float(gamma),
        beta=float(beta),
        mean=float(mean),
        variance=float(variance),
        epsilon=state.epsilon,
        by=state.push,
        mode=state.mode,
    )
