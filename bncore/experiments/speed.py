"""How fast is it? The same tensor through five ways, with time, memory and error of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bncore.axes import AxisSplit, split_axes
from bncore.experiments.arguments import number_between, settings, whole_number
from bncore.experiments.experiment import Experiment, Found, growing, hold
from bncore.moments import Array

LARGEST = 160_000_000
"""Bytes of the tensor. Its copies, results and what TensorFlow keeps of them took seven times as
much at the peak, which with TensorFlow itself stays within a worker's 2 GiB."""
DTYPES = {"float32": 4, "float64": 8}
"""Bytes of an element."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of one way.

    Args:
        device: for people.
        variance_error: the largest of a feature, as a share of it (NaN: not finite).
        x_hat_error: the largest of an element, in deviations (NaN: not finite).
        peak: bytes beyond the tensor, the result included (None: not measured, since TensorFlow
            keeps what it has freed, and no tool of its own counts on a CPU).
        moments: seconds (k,) for mean and variance; empty where they are not apart.
        forward: seconds (k,) for these and x_hat.
        cpu: seconds (k,) of processor time for ``forward``, by all threads.
    """

    device: str
    variance_error: float
    x_hat_error: float
    peak: int | None
    moments: Array = growing()
    forward: Array = growing()
    cpu: Array = growing()


@dataclass(frozen=True, eq=False, kw_only=True)
class SpeedFound(Found):
    """Every way by its name (``bncore.keras.ways``), and the bytes of the tensor."""

    nbytes: int
    ways: Mapping[str, Measured] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Speed(Experiment[SpeedFound], run_by="bncore.keras.speed:measure"):
    """One random tensor, normalised over all axes but one, in the ways of ``bncore.keras.ways``.

    Args:
        shape, feature_axis, dtype, mean, seed: of normal numbers with deviation 1.
        rounds: how often each way is timed.

    Raises ValueError (TypeError for what is no number).

    >>> Speed((50, 4), 1).split.count
    50
    """

    shape: Sequence[int]
    feature_axis: int
    dtype: str = "float32"
    mean: float = 0.0
    seed: int = 0
    rounds: int = 5

    def __post_init__(self) -> None:
        """Check each field."""
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype is {' or '.join(DTYPES)}; got {self.dtype!r}")
        hold(
            self,
            shape=tuple(whole_number("shape", size, 1) for size in self.shape),
            feature_axis=whole_number("feature_axis", self.feature_axis, 0),
            mean=number_between("mean", self.mean, 1e6),
            **settings(self),
        )
        size = math.prod(self.shape) * DTYPES[self.dtype]
        if size > LARGEST or self.split.count < 2:
            raise ValueError(
                f"the tensor has 2 or more elements for each feature, and {LARGEST / 1e6:.0f} MB "
                f"at most; got shape {self.shape}, {size / 1e6:.0f} MB"
            )

    @property
    def split(self) -> AxisSplit:
        """The axis that is kept, and those that are reduced."""
        return split_axes(tuple(self.shape), self.feature_axis)
