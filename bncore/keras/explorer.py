"""Experiment: what the axis explorer is held against: a real layer, and the engine on TensorFlow.

The layer's numbers come from `bncore.keras.check`, which knows nothing of the engine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from bncore import backends
from bncore.axes import Axes
from bncore.keras import check as layers
from bncore.keras.arguments import finite_reals
from bncore.training.jobs import Chunk


def check(
    x: Any,
    *,
    feature_axis: Axes = -1,
    family: str = "batch",
    groups: int = 1,
    epsilon: float = 1e-3,
    gamma: Any = None,
    beta: Any = None,
) -> Iterator[Chunk]:
    """The chunk of :func:`bncore.keras.check.check`, and beside its values

        backend: {"device": where the engine's TensorFlow backend computed, "found":
            {"mean", "variance": float32 in ``split.feature_shape``, "x_hat": in the shape of x}}

    Raises what that raises.

    >>> (chunk,) = check([[1.0, 10.0], [3.0, 30.0]])
    >>> chunk.values["backend"]["found"]["mean"]
    array([ 2., 20.], dtype=float32)
    """
    (chunk,) = layers.check(
        x, feature_axis=feature_axis, family=family, groups=groups, epsilon=epsilon, gamma=gamma,
        beta=beta,
    )  # fmt: skip
    data = finite_reals(x, "x")
    split, _ = layers.splits(data.shape, feature_axis, family, groups)
    backend = backends.get("tensorflow")
    with np.errstate(over="ignore"):  # beyond float32 it is given infinity, as the layer is
        grouped = data.astype(np.float32).reshape(split.shape)
    moments = backend.batch_moments(grouped, split)
    x_hat = backend.normalize(grouped, split, moments, epsilon).reshape(data.shape)
    found = {"mean": moments.mean, "variance": moments.variance, "x_hat": x_hat}
    beside = {"device": backend.device, "found": found}
    yield dataclasses.replace(chunk, values={**chunk.values, "backend": beside})
