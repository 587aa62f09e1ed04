"""What does the bias before a batch normalisation do? Its gradient is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import batch_size_of, labelled, one_of, settings
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array
from bncore.placement import BLOCK_ACTIVATIONS

MODELS = ("normalised", "plain")


@dataclass(frozen=True)
class Parameters:
    """Of real models with and without ``use_bias`` in the first layer."""

    with_bias: int
    without: int


@dataclass(frozen=True, eq=False)
class Gradients:
    """Euclidean norms of the gradients of the first layer at each update, before it."""

    bias: Array = growing()
    kernel: Array = growing()


@dataclass(frozen=True)
class Measured:
    """A trained model in one mode, on the first batch.

    Args:
        bias_gradient, kernel_gradient: norms, as in ``Gradients``.
        output_change: the largest change of a logit when every bias grows by 1.
    """

    bias_gradient: float
    kernel_gradient: float
    output_change: float


@dataclass(frozen=True)
class BothModes:
    """The normalised model in both modes, and the plain one."""

    training: Measured
    inference: Measured
    plain: Measured


@dataclass(frozen=True, eq=False)
class Normalisation:
    """The batch normalisation of the trained model, and what the first batch brings to it.

    Args:
        z: (batch_size, units), of the first layer, its bias included.
        gamma, beta, moving_mean, moving_variance: (units,).
    """

    z: Array = growing()
    gamma: Array = growing()
    beta: Array = growing()
    moving_mean: Array = growing()
    moving_variance: Array = growing()


@dataclass(frozen=True, eq=False)
class BiasFound(Found):
    """What was counted, recorded and, at the end, measured.

    Args:
        parameters: by the names of ``MODELS``.
        gradients: float32 (k,), of both models in training mode, by name, and as ``"inference"``
            of the normalised one in inference mode, on the same batches.
        measured: after training.
        normalisation: after training, float32.
    """

    parameters: Mapping[str, Parameters] = field(default_factory=dict)
    gradients: Mapping[str, Gradients] = field(default_factory=dict)
    measured: BothModes | None = None
    normalisation: Normalisation | None = None


@dataclass(frozen=True, eq=False)
class Bias(Experiment[BiasFound], run_by="bncore.keras.bias:effect"):
    """Dense(units) -> BatchNormalization -> activation -> Dense, trained with SGD, bias in use.

    Beside it the same model without the batch normalisation ("plain"), for scale.

    Args:
        data, labels: (rows, features), and (rows,) whole numbers from 0.
        activation: one of ``bncore.placement.BLOCK_ACTIVATIONS``.
        updates, batch_size, learning_rate, seed: of the training; the same batches for both.
        keep, epsilon: of the batch normalisation.

    Raises ValueError, TypeError for what is no number.

    >>> Bias([[1.0], [2.0]], [0, 1], batch_size=2).labels
    array([0, 1], dtype=int32)
    """

    data: Any
    labels: Any
    units: int = 64
    activation: str = "tanh"
    updates: int = 200
    batch_size: int = 16
    learning_rate: float = 0.1
    keep: float = 0.99
    epsilon: float = 1e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Check each field."""
        x, y = labelled(self.data, self.labels)
        hold(
            self,
            data=x,
            labels=y,
            activation=one_of("activation", self.activation, BLOCK_ACTIVATIONS),
            batch_size=batch_size_of(self.batch_size, len(x)),
            **settings(self),
        )
