"""Moving statistics of real layers, side by side, at every update."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import as_float32, batch_size_of, one_of, settings
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array
from bncore.variants import OPTIMIZERS, as_variant


@dataclass(frozen=True, eq=False)
class RecordedLayer:
    """What one layer held, float32.

    Args:
        moving_mean, moving_variance, gamma, beta: after each update, (k, features).
        batch_mean, batch_variance: of its batch, the variance biased, (k, features).
        loss: before the update, (k,).
    """

    moving_mean: Array = growing()
    moving_variance: Array = growing()
    batch_mean: Array = growing()
    batch_variance: Array = growing()
    gamma: Array = growing()
    beta: Array = growing()
    loss: Array = growing()


@dataclass(frozen=True, eq=False)
class MovingFound(Found):
    """What the layers held.

    Args:
        update: numbers of the updates, 1-based, int32 (k,).
        layers: by the ids of ``bncore.variants.VARIANTS``.
    """

    update: Array = growing()
    layers: Mapping[str, RecordedLayer] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Moving(Experiment[MovingFound], run_by="bncore.keras.moving:train"):
    """One batch normalisation layer per variant, trained on the same mini-batches.

    The model is the one of the 2018 question: nothing but that layer, trained to reproduce its
    input (or another target) by mean squared error.

    Args:
        data: (rows, ..., features), rank 2 to 4, channels last; computed in float32.
        target: what the output is compared with, of the same shape; None: the data themselves.
        variants: ids of ``bncore.variants.VARIANTS``; they advance together.
        batch_size: None: all rows. The smaller last batch of an epoch is kept, as in ``fit``.
        keep: weight of the old value, 0 to 1 (Keras calls it momentum).
        epsilon: 0 or more.
        updates: training steps, not epochs.
        optimizer: an id of ``bncore.variants.OPTIMIZERS``; None as learning rate: its own.
        seed: of the mini-batches; the same seed gives the same numbers, bit for bit.
        shuffle: a new permutation of the rows in every epoch, or the rows in order.

    Raises ValueError, TypeError for what is no number.

    >>> asked = Moving([[0.0], [2.0], [4.0]])
    >>> asked.batch_size, asked.learning_rate
    (3, 0.01)
    """

    data: Any
    target: Any = None
    variants: Sequence[str] = ("keras-3",)
    batch_size: Any = None  # held as the number that it stands for, as is the learning rate
    keep: float = 0.99
    epsilon: float = 1e-3
    updates: int = 10_000
    optimizer: str = "sgd"
    learning_rate: Any = None
    seed: int = 0
    shuffle: bool = True

    def __post_init__(self) -> None:
        """Check each field."""
        x, variants = _tensor("data", self.data), _different(self.variants)
        y = x if self.target is None else _tensor("target", self.target)
        if y.shape != x.shape:
            raise ValueError(f"target has the shape of the data, {x.shape}; got {y.shape}")
        size = len(x) if self.batch_size is None else batch_size_of(self.batch_size, len(x))
        _refuse_single_elements(variants, x.shape, size)
        optimizer = one_of("optimizer", self.optimizer, OPTIMIZERS)
        if self.learning_rate is None:
            hold(self, learning_rate=OPTIMIZERS[optimizer].learning_rate)
        hold(
            self,
            data=x,
            target=y,
            variants=variants,
            batch_size=size,
            optimizer=optimizer,
            shuffle=bool(self.shuffle),
            **settings(self),
        )


def _tensor(name: str, values: Any) -> Array:
    x = as_float32(values, name)
    if not 2 <= x.ndim <= 4:
        raise ValueError(
            f"{name} has rank 2 to 4, such as (rows, features) or (rows, height, width, "
            f"channels); got shape {x.shape}"
        )
    return x


def _different(ids: Sequence[str]) -> tuple[str, ...]:
    if isinstance(ids, str) or not ids or len(set(ids)) != len(ids):
        raise ValueError(f"variants is a list of one or more different ids; got {ids!r}")
    return tuple(as_variant(id).id for id in ids)


def _refuse_single_elements(variants: Sequence[str], shape: tuple[int, ...], size: int) -> None:
    smallest = (shape[0] % size or size) * math.prod(shape[1:-1])
    if smallest == 1 and "unbiased" in variants:
        raise ValueError(
            f"{as_variant('unbiased').title}: with {shape[0]} rows and a batch size of {size}, a "
            "batch has one element per statistic, and its unbiased variance is 0/0; choose another "
            "batch size or leave this layer out"
        )
