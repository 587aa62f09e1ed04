"""What follows a batch normalisation: activations and their slopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bncore.moments import Array


@dataclass(frozen=True)
class Activation:
    """An elementwise function and its derivative, both of the pre-activation.

    >>> ACTIVATIONS["relu"].slope(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 1.])
    """

    id: str
    formula: str
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _relu_slope(y: Array) -> Array:
    return (y > 0).astype(y.dtype)  # 0 at 0, as TensorFlow has it


def _tanh_slope(y: Array) -> Array:
    return np.asarray(1 - np.tanh(y) ** 2)


def _sigmoid(y: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(y / 2)))  # overflows nowhere


def _sigmoid_slope(y: Array) -> Array:
    return np.asarray(_sigmoid(y) * (1 - _sigmoid(y)))


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        activation.id: activation
        for activation in (
            Activation("relu", "max(0, y)", lambda y: np.maximum(y, 0), _relu_slope),
            Activation("tanh", "tanh(y)", np.tanh, _tanh_slope),
            Activation("sigmoid", "1/(1+exp(-y))", _sigmoid, _sigmoid_slope),
            Activation("linear", "y", lambda y: y, np.ones_like),
        )
    }
)
