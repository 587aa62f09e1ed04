"""Where the layer goes: the words of the study, and what it compares.

Knows neither Keras nor TensorFlow; ``bncore.keras.placement`` trains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


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

BLOCK_ACTIVATIONS = ("tanh", "relu", "sigmoid")
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


def contrasts(variants: Iterable[str]) -> list[tuple[str, str]]:
    """The comparisons that a study of these variants makes, each the first less the second.

    Before against after, and every placement against none. An orphan is none: that it changes
    nothing is seen number for number, and needs no interval.

    >>> contrasts(["none", "before", "orphan"])
    [('before', 'none')]
    """
    asked = list(variants)
    order = [("before", "after")] if {"before", "after"} <= set(asked) else []
    others = [name for name in asked if name not in ("none", "orphan")]
    return order + [(name, "none") for name in others if "none" in asked]
