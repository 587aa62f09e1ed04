"""Real layers of every installed framework: one case run by each, and arrays carried over."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncore.experiments.arguments import as_float32, number_between, settings
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array


@dataclass(frozen=True, eq=False)
class LiveRun:
    """What one layer did.

    Args:
        version: of the packages that ran.
        mean, variance: the moving statistics after each update, float32 (updates, features).
        difference: (updates,), the largest difference of either from the engine's, each feature
            relative to its own size (``bncore.differences.moving_difference``).
        refused: instead of these, what the framework (or the engine) said.
    """

    version: str = ""
    mean: Array = growing()
    variance: Array = growing()
    difference: Array = growing()
    refused: str = ""


@dataclass(frozen=True, eq=False)
class LiveFound(Found):
    """What each layer did, by the name of its convention."""

    runs: Mapping[str, LiveRun] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LiveLayers(Experiment[LiveFound], run_by="bncore.keras.live:compare"):
    """One batch fed again and again to real layers, which the engine follows.

    Args:
        batch: (rows, features) or (rows, height, width, channels), channels last.
        layers: by the name of a convention that is installed (``bncore.frameworks.installed``) the
            layer's keep and epsilon.

    Raises ValueError, TypeError for what is no number.

    >>> LiveLayers([[1.0], [3.0]], {"keras-3": (0.5, 1e-3)}, updates=2).batch.dtype
    dtype('float32')
    """

    batch: Any
    layers: Mapping[str, tuple[float, float]]
    updates: int = 1000

    def __post_init__(self) -> None:
        """Check each field."""
        x = as_float32(self.batch, "batch")
        if x.ndim not in (2, 4):
            raise ValueError(f"batch has rank 2 or 4, channels last; got shape {x.shape}")
        layers = {
            name: (number_between("keep", keep, 1.0), number_between("epsilon", epsilon, math.inf))
            for name, (keep, epsilon) in self.layers.items()
        }
        hold(self, batch=x, layers=layers, **settings(self))


@dataclass(frozen=True, eq=False)
class CarriedOutput:
    """Outputs in inference mode, (rows, features), what computed them, and whether it is real."""

    who: str
    real: bool
    output: Array


@dataclass(frozen=True, eq=False)
class CarriedFound:
    """The outputs of both layers, and the target's with the epsilon that it has by default."""

    source: CarriedOutput
    target: CarriedOutput
    forgotten: Array
    default_epsilon: float


@dataclass(frozen=True, eq=False)
class CarriedLayer(Experiment[CarriedFound], run_by="bncore.keras.live:carry"):
    """The same four arrays in a layer of each framework, both asked for the same rows.

    A framework that is not installed is computed by the engine, and named so.

    Args:
        arrays: (4, features): gamma, beta, moving mean, moving variance.
        x: (rows, features).
        source, target: names in ``bncore.CONVENTIONS``.
        keep, epsilon: of the trained layer; the target gets them too.

    Raises ValueError, TypeError for what is no number.

    >>> CarriedLayer([[1], [0], [2], [-1]], [[3]], "keras-3", "torch")
    Traceback (most recent call last):
    ...
    ValueError: a moving variance is 0 or more
    """

    arrays: Any
    x: Any
    source: str
    target: str
    keep: float = 0.99
    epsilon: float = 1e-3

    def __post_init__(self) -> None:
        """Check each field."""
        held, rows = as_float32(self.arrays, "arrays"), as_float32(self.x, "x")
        if held.ndim != 2 or len(held) != 4 or rows.ndim != 2 or rows.shape[1] != held.shape[1]:
            raise ValueError(
                "arrays has shape (4, features) and x (rows, features); got "
                f"{held.shape}, {rows.shape}"
            )
        if (held[3] < 0).any():
            raise ValueError("a moving variance is 0 or more")
        hold(self, arrays=held, x=rows, **settings(self))
