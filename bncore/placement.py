"""Where the layer goes: the words of the study, and what may be said about its results.

Knows neither Keras nor TensorFlow; ``bncore.keras.placement`` trains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.stats import t

from bncore.moments import Array


@dataclass(frozen=True)
class Placement:
    """Where batch normalisations stand: around the activation of every block, on the output.

    ``orphan`` layers are constructed beside the model and never called.
    """

    id: str
    title: str
    before: bool = False
    after: bool = False
    output: bool = False
    orphan: bool = False


PLACEMENTS: Mapping[str, Placement] = MappingProxyType(
    {
        placement.id: placement
        for placement in (
            Placement("none", "none"),
            Placement("before", "before the activation", before=True),
            Placement("after", "after the activation", after=True),
            Placement("output", "before it, and on the output", before=True, output=True),
            Placement("orphan", "orphan: made, never added", orphan=True),
        )
    }
)

ACTIVATIONS = ("tanh", "relu", "sigmoid")
BLOCKS = ("dense", "conv")

# An activation counts as saturated within this share of its range's end, where its slope is
# below a tenth of the largest; relu has one flat side only and its units are counted as dead.
SATURATED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"tanh": (-0.95, 0.95), "sigmoid": (0.025, 0.975)}
)

BINS = 60
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"pre": (-6.0, 6.0), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "relu": (0.0, 6.0)}
)


@dataclass(frozen=True)
class Verdict:
    """What ``count`` paired differences between two variants allow to say.

    ``difference`` is their mean, ``margin`` the half width of its 95 % interval (NaN for one).
    ``identical``: all are exactly zero, and there is at least one. ``larger``: the interval leaves
    out zero, so that the spread over the initialisations alone would hardly give this difference.
    """

    difference: float
    margin: float
    identical: bool
    larger: bool
    count: int


def judge(values: Array, baseline: Array, step: float = 0.0) -> Verdict:
    """Compare k results of a variant with those of another one from the same initial weights.

        d_i = values_i - baseline_i
        margin = t(k-1, 97.5 %) * sqrt(max(var(d, ddof=1), step^2 / 6) / k)

    The paired t interval (Student 1908). Paired, since replica i has the same initial weights
    and batches in every variant: what the initialisations have in common drops out. Without any
    effect, one comparison in twenty is called larger, whatever k is.

    Args:
        values, baseline: shape (k,). Replicas that diverged in either (NaN) are left out.
        step: the smallest difference that the measure can have (an accuracy of m rows: 1 / m).
            Equal differences may be equal by rounding alone, whose variance is step^2 / 12 in
            each of the two values.

    >>> judge(np.array([0.9, 0.91, 0.93]), np.array([0.8, 0.82, 0.82])).larger
    True
    >>> judge(np.array([0.9, 0.7, 0.8]), np.array([0.8, 0.8, 0.8])).larger
    False
    """
    differences = np.asarray(values, np.float64) - np.asarray(baseline, np.float64)
    differences = differences[np.isfinite(differences)]
    count = differences.size
    if not count:
        return Verdict(np.nan, np.nan, False, False, 0)
    identical = bool(np.array_equal(values, baseline, equal_nan=True))
    mean, margin = float(differences.mean()), float("nan")
    if count > 1:
        spread = max(differences.var(ddof=1), step**2 / 6)
        margin = float(t.ppf(0.975, count - 1) * np.sqrt(spread / count))
    return Verdict(mean, margin, identical, bool(abs(mean) > margin), count)
