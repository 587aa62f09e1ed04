"""Both outputs of a layer for a batch of any size, by the engine."""

from __future__ import annotations

import bncore
from bncore.experiments.modes import ModesFound
from ui.drawing.strips import Strips
from ui.questions.modes.figures import held
from ui.questions.modes.state import ModesState


def strips(state: ModesState, found: ModesFound, update: int) -> Strips:
    """The layer that is looked at after this update; the batch is the first `tried` rows."""
    x, (mean, variance) = state.data.array, held(state, found, update)
    batch = x[: state.tried]
    split = bncore.split_axes(batch.shape, -1)
    own = bncore.batch_moments(batch, split)
    moving = bncore.Moments(mean.astype(float), variance.astype(float), own.count)
    training, inference = (
        bncore.normalize(batch, split, moments, state.epsilon) for moments in (own, moving)
    )
    return Strips(x, moving.mean, moving.variance, state.epsilon, training, inference)
