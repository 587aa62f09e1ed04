"""The numbers of the step-by-step page, gradients included, held against a real layer's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import bncore
from bncore.agreement import Numbers
from bncore.differences import mean_size
from bncore.experiments.layer_check import GradientCheck, LayerFound
from bncore.moments import Array
from bncore.rounding import (
    PRECISIONS,
    backward_rounding,
    forward_rounding,
    held_rounding,
    moments_rounding,
)
from ui.questions.steps.state import Pass, StepsState
from ui.state.arrays import fitted
from ui.training.check import Said
from ui.training.layer_words import Given, layer_words

TITLES = {
    "mean": "mean",
    "variance": "variance",
    "x_hat": "x̂",
    "output": "y",
    "a": "a",
    "dy": "gradient of y",
    "dbeta": "gradient of β",
    "dgamma": "gradient of γ",
    "dz": "gradient of z",
}


def asked(state: StepsState, whole: Pass) -> GradientCheck | None:
    """What is asked of the real layer; None where it cannot be."""
    values = whole.values
    if not all(np.isfinite(array).all() for array in values.values()):
        return None
    features = values["mean"].shape
    return GradientCheck(
        values["z"],
        upstream=values["da"],
        gamma=values["gamma"],
        beta=values["beta"],
        moving_mean=fitted(state.moving_mean.array, features, 0.0),
        moving_variance=fitted(state.moving_variance.array, features, 1.0),
        training=whole.training,
        activation=whole.activation,
        epsilon=whole.epsilon,
    )


def checked_words(whole: Pass, found: LayerFound) -> Said:
    """Whether the numbers of the whole pass are the real layer's and TensorFlow's own."""
    v = whole.values
    deviation = np.broadcast_to(np.sqrt(v["variance"]), v["z"].shape)
    return layer_words(found, shown(whole), TITLES, Given("z", v["z"], deviation))


def shown(whole: Pass) -> dict[str, Numbers]:
    """What is on the screen, as it can be compared; in inference mode the statistics are given."""
    v, columns = whole.values, np.arange(whole.values["z"].shape[1])
    rounding = {name: _rounding(whole, name) for name in PRECISIONS}
    names = [name for name in TITLES if whole.training or name not in ("mean", "variance")]
    size = {
        "mean": mean_size(v["mean"], v["variance"]),
        "dz": np.broadcast_to(_terms(v).max(axis=0), v["dz"].shape),
    }
    return {
        name: Numbers(
            v[name],
            np.broadcast_to(columns, v[name].shape),
            {of: bounds[name] for of, bounds in rounding.items()},
            size.get(name),
        )
        for name in names
    }


def _terms(v: Mapping[str, Array]) -> Array:
    """The largest of the three terms of each gradient of z, which may cancel to nothing."""
    terms = [np.abs(v[name]) for name in ("direct", "through_mean", "through_variance")]
    return np.asarray(np.maximum.reduce(terms))


def _rounding(whole: Pass, name: str) -> dict[str, Array]:
    precision, v = PRECISIONS[name], whole.values
    if whole.training:
        split = bncore.split_axes(v["z"].shape, -1)
        statistics = moments_rounding(v["z"], split, v["variance"], precision)
    else:
        statistics = (
            held_rounding(v["mean"], precision),
            held_rounding(v["variance"], precision),
        )
    forward = forward_rounding(
        v["z"], v["mean"], v["variance"], statistics, whole.epsilon, v["gamma"], v["beta"],
        precision,
    )  # fmt: skip
    backward = backward_rounding(v, forward, whole.activation, whole.training, precision)
    return {"mean": statistics[0], "variance": statistics[1], **forward, **backward}
