"""The default backend: float64, blocked and merged (see :mod:`bncore.moments`)."""

from __future__ import annotations

from typing import Any

from bncore import families, moments
from bncore.axes import AxisSplit
from bncore.backends import Backend
from bncore.moments import Array, Moments


class _NumPy:
    name = "numpy"
    device = "CPU"

    def batch_moments(self, x: Any, split: AxisSplit) -> Moments:
        return moments.batch_moments(x, split)

    def normalize(self, x: Any, split: AxisSplit, of: Moments, epsilon: float) -> Array:
        return families.normalize(moments.as_real_array(x), split, of, epsilon)


def backend() -> Backend:
    """The NumPy backend."""
    return _NumPy()
