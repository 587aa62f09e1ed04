"""The axis explorer's numbers held against a real layer's own."""

from __future__ import annotations

import numpy as np

from bncore.agreement import Numbers
from bncore.axes import Axes
from bncore.experiments.layer_check import LayerCheck, LayerFound
from bncore.moments import Array
from bncore.rounding import PRECISIONS, forward_rounding, moments_rounding
from ui.questions.axes.state import AxisState, Picture, channel_axis
from ui.training.backend_words import with_backend
from ui.training.check import Said
from ui.training.layer_words import Given, layer_words

TITLES = {"mean": "mean", "variance": "variance", "x_hat": "x̂", "output": "output"}


def asked(state: AxisState, p: Picture) -> LayerCheck | None:
    """What is asked of the real layer; None where it would take none of it."""
    if not np.isfinite(p.x).all() or p.x.size == 0:
        return None
    kept = list(p.split.feature_axes)
    batch: Axes = kept[0] if len(kept) == 1 else kept
    axis = batch if state.family == "batch" else channel_axis(state)
    return LayerCheck(
        p.x, axis, state.family, state.groups, state.epsilon, gamma=p.gamma, beta=p.beta
    )


def checked_words(state: AxisState, p: Picture, found: LayerFound) -> Said:
    """Whether mean, variance, x̂ and output on the screen are the real layer's own, and how far the
    engine on TensorFlow is from them."""
    with np.errstate(invalid="ignore"):
        given = Given("x", p.x, _spread(p, np.sqrt(p.moments.variance)))
    numbers = shown(state, p)
    said = layer_words(found, numbers, TITLES, given)
    return said if found.backend is None else with_backend(said, found.backend, numbers, TITLES)


def shown(state: AxisState, p: Picture) -> dict[str, Numbers]:
    """What is on the screen, as it can be compared."""
    rounding = {name: _rounding(state, p, name) for name in PRECISIONS}
    statistics = np.arange(p.moments.mean.size).reshape(p.moments.mean.shape)
    arrays = {
        "mean": (p.moments.mean, statistics),
        "variance": (p.moments.variance, statistics),
        "x_hat": (p.x_hat, p.index),
        "output": (p.output, p.index),
    }
    # A mean near 0 has no digits of its own: it is measured by the deviation, too.
    size = {"mean": np.maximum(np.abs(p.moments.mean), np.sqrt(p.moments.variance))}
    return {
        name: Numbers(
            values, features, {of: bounds[name] for of, bounds in rounding.items()}, size.get(name)
        )
        for name, (values, features) in arrays.items()
    }


def _rounding(state: AxisState, p: Picture, name: str) -> dict[str, Array]:
    precision, moments = PRECISIONS[name], p.moments
    mean, variance = moments_rounding(p.x, p.split, moments.variance, precision)
    forward = forward_rounding(
        p.x,
        _spread(p, moments.mean),
        _spread(p, moments.variance),
        (_spread(p, mean), _spread(p, variance)),
        state.epsilon,
        p.gamma.reshape(p.parameters.keepdims_shape),
        p.beta.reshape(p.parameters.keepdims_shape),
        precision,
    )
    return {"mean": mean, "variance": variance, **forward}


def _spread(p: Picture, statistic: Array) -> Array:
    """A statistic beside every cell that shares it, in the shape of the data."""
    wide = np.broadcast_to(statistic.reshape(p.split.keepdims_shape), p.split.shape)
    return wide.reshape(p.x.shape)
