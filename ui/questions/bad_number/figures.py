"""What the layer holds of every feature, over the updates."""

from __future__ import annotations

import numpy as np

from bncore.experiments.bad_number import BadNumberFound
from bncore.moments import Array
from ui.drawing.figures import Figure, trajectory
from ui.drawing.palette import Palette
from ui.questions.bad_number.state import BadNumberState


def held(state: BadNumberState, found: BadNumberFound, palette: Palette) -> dict[str, Figure]:
    """The moving mean and the moving variance of every feature."""
    curves = {"mean": found.moving_mean, "variance": found.moving_variance}
    return {
        name: trajectory(
            found.update,
            {f"feature {i}": drawn(curve) for i, curve in enumerate(curves[name].T)},
            {},
            palette,
            title=f"Moving {name} of every feature",
            total=state.before + 1 + state.after,
            log=False,
            at=state.before + 1,
        )
        for name in curves
    }


def drawn(curve: Array) -> Array:
    """A curve without what cannot be drawn beside the others: it ends at the bad number.

    >>> drawn(np.array([1.0, 2.0, np.inf, 1e18]))
    array([ 1.,  2., nan, nan])
    """
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(curve) < 1e6, curve, np.nan)
