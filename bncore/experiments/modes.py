"""The same layer, the same batch, in training and in inference mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import batch_size_of, keeps_of, rows_of, settings
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array


@dataclass(frozen=True, eq=False)
class LayerPath:
    """One layer after every update.

    Args:
        inference: what the batch becomes in inference mode, float32 (k, batch_size, features).
        moving_mean, moving_variance: (k, features).
    """

    inference: Array = growing()
    moving_mean: Array = growing()
    moving_variance: Array = growing()


@dataclass(frozen=True, eq=False)
class ModesFound(Found):
    """What the batch becomes.

    Args:
        training: in training mode, float32 (batch_size, features): it follows from the batch alone.
        first: in inference mode, of a new layer, (batch_size, features).
        update: numbers of the updates, 1-based, int32 (k,).
        layers: each layer by the name of its keep, as ``Modes.layers`` has it.
    """

    training: Array = growing()
    first: Array = growing()
    update: Array = growing()
    layers: Mapping[str, LayerPath] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Modes(Experiment[ModesFound], run_by="bncore.keras.modes:compare"):
    """One batch in both modes, after every update of layers that keep differently.

    The batch that is asked about is the first ``batch_size`` rows; the updates see seeded
    mini-batches of all rows, the same for every layer. Nothing is learned.

    Args:
        data: (rows, features); 1 <= batch_size <= rows.
        keeps: of the layers, one each.
        epsilon: of all layers.

    Raises ValueError, TypeError for what is no number.

    >>> Modes([[1.0], [3.0]], keeps=[0.9, 1], batch_size=2).layers
    {'0.9': 0.9, '1': 1.0}
    """

    data: Any
    keeps: Sequence[float] = (0.9, 0.99, 0.999)
    batch_size: int = 4
    updates: int = 1000
    epsilon: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        x, keeps = rows_of(self.data), tuple(keeps_of(self.keeps).values())
        size = batch_size_of(self.batch_size, len(x))
        hold(self, data=x, keeps=keeps, batch_size=size, **settings(self))

    @property
    def layers(self) -> dict[str, float]:
        """The keeps by their names."""
        return keeps_of(self.keeps)
