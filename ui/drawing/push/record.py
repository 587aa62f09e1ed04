"""What is pushed: the numbers of one feature, its batch normalisation, and the engine's outputs."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

import bncore
from bncore.moments import Array

MODES = ("training", "inference")


@dataclass(frozen=True, eq=False)
class Push:
    """One feature of a batch before its batch normalisation.

    Args:
        z: (n,), before it is pushed.
        gamma, beta, mean, variance: of the layer, the moving ones.
        by: how far it is pushed, at first.
        mode: one of `MODES`, at first.
    """

    z: Array
    gamma: float
    beta: float
    mean: float
    variance: float
    epsilon: float
    by: float = 0.0
    mode: str = MODES[0]

    @property
    def far(self) -> float:
        """How far it can be pushed: about as far as it spreads, a round number.

        >>> Push(np.array([0.0, 3.0]), 1, 0, 0, 1, 1e-3).far
        2.0
        """
        half = float(np.ptp(self.z)) / 2 or 1.0
        power = 10.0 ** math.floor(math.log10(half))
        return next(step * power for step in (1, 2, 5, 10) if step * power >= half)

    @property
    def pushed(self) -> float:
        """How far it is pushed, where a link says more than is possible."""
        return min(max(self.by, -self.far), self.far)

    def outputs(self) -> Array:
        """What the engine makes of the pushed numbers, (n,).

        >>> Push(np.array([1.0, 3.0]), 1, 5, 0, 1, 0.0, by=1).outputs()
        array([4., 6.])
        """
        rule = replace(bncore.CONVENTIONS["keras-3"], epsilon=self.epsilon)
        moving = bncore.MovingStatistics(np.array([self.mean]), np.array([self.variance]))
        trace = bncore.batch_norm(
            (self.z + self.pushed)[:, None],
            moving,
            rule,
            training=self.mode == MODES[0],
            gamma=[self.gamma],
            beta=[self.beta],
        )
        return trace.output[:, 0]


def record(push: Push) -> dict[str, Any]:
    """All of it as JSON takes it.

    >>> told = record(Push(np.array([1.0, 3.0]), 1, 5, 0, 1, 0.0, by=9))
    >>> told["by"], told["outputs"]
    (1.0, [4.0, 6.0])
    """
    return {
        **asdict(push),
        "z": push.z.tolist(),
        "by": push.pushed,
        "far": push.far,
        "outputs": push.outputs().tolist(),
    }
