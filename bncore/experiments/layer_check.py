"""What a real layer makes of a tensor, and of its gradients: a page holds its own numbers to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore.activations import ACTIVATIONS
from bncore.axes import Axes, AxisSplit, split_axes
from bncore.experiments.arguments import finite_reals, number_between, whole_number
from bncore.experiments.experiment import Experiment, hold
from bncore.families import FAMILIES
from bncore.moments import Array


@dataclass(frozen=True, eq=False)
class BackendFound:
    """The same tensor in the engine's TensorFlow backend.

    Args:
        device: where it computed.
        numbers: "mean" and "variance" in ``split.feature_shape``, "x_hat" in the shape of x;
            float32.
    """

    device: str
    numbers: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class LayerFound:
    """A real layer's own numbers; nothing of the engine is in them.

    Args:
        framework, version, layer: "Keras", "3.15.1", and the call that made the layer,
            "BatchNormalization(axis=3, epsilon=0.001, momentum=0.0)".
        numbers: for "float64" and "float32", Keras' default:

            - mean, variance: what a batch normalisation with momentum 0 has stored after this
              batch, in ``split.feature_shape``; None for layers and modes that store nothing
            - x_hat: its output with gamma 1 and beta 0, in the shape of x; output: its output
            - of a gradient check also a, after the activation, and dy, dgamma, dbeta, dz: the
              gradients by the layer's output, by gamma, beta and z
        backend: of the axis explorer's check.
    """

    framework: str
    version: str
    layer: str
    numbers: Mapping[str, Mapping[str, Array | None]]
    backend: BackendFound | None = None


@dataclass(frozen=True, eq=False)
class LayerCheck(Experiment[LayerFound], run_by="bncore.keras.layer_check:check"):
    """A layer in training mode on x.

    Args:
        x: real, finite numbers.
        feature_axis: for "batch" the axis or axes kept (an empty list: none); for the other
            families the channel axis.
        family: a name in ``bncore.FAMILIES``; ``groups`` counts for "group" alone.
        gamma, beta: 1 and 0, or what broadcasts to the feature shape ("batch") or to (channels,)
            (the other families). They are held in the shape that broadcasts against x.

    Raises ValueError or TypeError for what no layer takes.

    >>> asked = LayerCheck([[1.0, 10.0], [3.0, 30.0]], gamma=2.0)
    >>> asked.gamma, asked.split.feature_axes
    (array([[2., 2.]]), (1,))
    """

    x: Any
    feature_axis: Axes = -1
    family: str = "batch"
    groups: int = 1
    epsilon: float = 1e-3
    gamma: Any = 1.0
    beta: Any = 0.0

    def __post_init__(self) -> None:
        """Check each field."""
        hold(
            self,
            x=finite_reals(self.x, "x"),
            epsilon=number_between("epsilon", self.epsilon, math.inf),
        )
        kept = self.parameters
        hold(
            self,
            gamma=_broadcast("gamma", self.gamma, kept),
            beta=_broadcast("beta", self.beta, kept),
        )
        _ = self.split  # its errors are this record's, too

    @property
    def parameters(self) -> AxisSplit:
        """The axes that keep a gamma and a beta."""
        shape = self.x.shape
        if self.family not in FAMILIES:
            raise ValueError(f"family is one of {', '.join(FAMILIES)}; got {self.family!r}")
        split = split_axes(shape, self.feature_axis)
        if self.family != "batch" and (len(split.feature_axes) != 1 or len(shape) < 2):
            raise ValueError(
                f"{FAMILIES[self.family].title} needs samples and one channel axis: rank 2 or more "
                f"and one int; got shape {shape} and feature_axis={self.feature_axis!r}"
            )
        return split

    @property
    def split(self) -> AxisSplit:
        """The axes that keep a statistic."""
        kept = self.parameters
        if self.family == "batch":
            return kept
        groups = whole_number("groups", self.groups, 1)
        return FAMILIES[self.family].split(self.x.shape, kept.feature_axes[0], groups)


@dataclass(frozen=True, eq=False)
class GradientCheck(Experiment[LayerFound], run_by="bncore.keras.gradients:check"):
    """The forward and backward pass of a layer and what follows it, under a gradient tape.

        z -> BatchNormalization -> activation -> a,   loss = sum(upstream * a)

    Args:
        z, upstream: (rows, features).
        gamma, beta, moving_mean, moving_variance: (features,).
        activation: a name in ``bncore.activations.ACTIVATIONS``.

    Raises ValueError or TypeError for what no layer takes.

    >>> one = {"gamma": [1], "beta": [0], "moving_mean": [0], "moving_variance": [1]}
    >>> GradientCheck([[1.0], [3.0]], upstream=[[1.0], [1.0]], **one).gamma
    array([1.])
    """

    z: Any
    upstream: Any
    gamma: Any
    beta: Any
    moving_mean: Any
    moving_variance: Any
    training: bool = True
    activation: str = "relu"
    epsilon: float = 1e-3

    def __post_init__(self) -> None:
        """Check each field."""
        if self.activation not in ACTIVATIONS:
            allowed = ", ".join(ACTIVATIONS)
            raise ValueError(f"activation is one of {allowed}; got {self.activation!r}")
        z = finite_reals(self.z, "z")
        if z.ndim != 2:
            raise ValueError(f"z has shape (rows, features); got {z.shape}")
        weights = ("gamma", "beta", "moving_mean", "moving_variance")
        shapes = {"upstream": z.shape} | dict.fromkeys(weights, z.shape[1:])
        given = {name: _shaped(name, getattr(self, name), shape) for name, shape in shapes.items()}
        epsilon = number_between("epsilon", self.epsilon, math.inf)
        hold(self, z=z, epsilon=epsilon, **given)


def _broadcast(name: str, value: Any, split: AxisSplit) -> Array:
    """A parameter in the shape that broadcasts against x."""
    given = finite_reals(value, name)
    try:
        return np.broadcast_to(given, split.feature_shape).reshape(split.keepdims_shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {split.feature_shape} here, or one that broadcasts to it; got "
            f"shape {given.shape}"
        ) from None


def _shaped(name: str, values: Any, shape: tuple[int, ...]) -> Array:
    array = finite_reals(values, name)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {shape} here; got {array.shape}")
    return array
