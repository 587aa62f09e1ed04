"""The recorded run of the moving statistics, as a player plays it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bncore.experiments.moving import MovingFound, RecordedLayer
from bncore.moments import Array
from bncore.paths import batch_sizes
from bncore.variants import VARIANTS
from ui.drawing.player import Curve, Formula, Later, Level, Quantity, Recording
from ui.questions.moving.answers import data_moments, settled
from ui.questions.moving.state import MovingState
from ui.questions.recorded import INITIAL, after_the_start, since_the_start


def recording(state: MovingState, found: MovingFound) -> Recording:
    """Every update, the layers' initial state before it as step 0."""
    return Recording(
        unit="update",
        steps=np.concatenate([[0], found.update]),
        features=tuple(f"feature {number}" for number in range(state.data.shape[1])),
        curves=tuple(
            Curve(name, SHORT[name], number, _DASHES[number % len(_DASHES)])
            for number, name in enumerate(found.layers)
        ),
        quantities=(
            _variance(state, found),
            Quantity(
                "mean",
                "Moving mean",
                _from_the_start(found.layers, "mean"),
                (Level("mean of the data", data_moments(state).mean),),
            ),
            *(
                Quantity(f"taken_{name}", "", _taken(state, found.layers, name), pictured=False)
                for name in INITIAL
            ),
            Quantity(
                "batch_variance",
                "",
                Later(found.layers, lambda name: _batches(found.layers[name].batch_variance)),
                pictured=False,
            ),
        ),
        formulas=(
            Formula("moving mean", "mean", "taken_mean", state.keep),
            Formula("stored", "taken_variance", "batch_variance"),
            Formula("moving variance", "variance", "taken_variance", state.keep),
        ),
        total=state.updates,
        file="moving-statistics",
    )


def _variance(state: MovingState, found: MovingFound) -> Quantity:
    """What is stored, over the biased variance; beside it where theory says that it settles."""
    lines = {name: np.asarray(line) for name, line in settled(state).items()}
    return Quantity(
        "variance",
        "Moving variance",
        _from_the_start(found.layers, "variance"),
        tuple(map(Level, lines, lines.values(), ("dash", "dot", "dashdot"))),
        over=Level("over the biased variance", lines.get("biased", data_moments(state).variance)),
        log=True,
    )


def drawn_feature(state: MovingState) -> int:
    """The feature that is drawn, if the data have it."""
    return min(state.feature, state.data.shape[1] - 1)


SHORT = {
    "keras-3": "Keras 3",
    "keras-2": "Keras 2 formula",
    "unbiased": "unbiased formula",
    "tf_keras": "tf_keras, fused",
}
_DASHES = ("solid", "dash", "dashdot", "dot")


def _from_the_start(layers: Mapping[str, RecordedLayer], name: str) -> Later:
    """The recorded statistics after each update, and what the layer held before the first."""
    return Later(
        layers, lambda layer: since_the_start(name, getattr(layers[layer], f"moving_{name}"))
    )


def _taken(state: MovingState, layers: Mapping[str, RecordedLayer], name: str) -> Later:
    """What each update took over: the batch's mean, or its variance as this layer stores it."""

    def taken(layer: str) -> Array:
        batches = getattr(layers[layer], f"batch_{name}").astype(float)
        if name == "variance":
            batches *= _factors(state, layer, len(batches))[:, None]
        return after_the_start(batches)

    return Later(layers, taken)


def _batches(variance: Array) -> Array:
    """Each batch's variance; no formula shows the one before the first update."""
    return np.concatenate([variance[:1], variance])


def _factors(state: MovingState, layer: str, updates: int) -> Array:
    """What this layer multiplies each batch's variance by: the last of an epoch is smaller."""
    epoch = batch_sizes(len(state.data.array), state.batch_size)
    estimator = VARIANTS[layer].estimator
    known = {rows: estimator.factor(rows, state.epsilon) for rows in set(epoch)}
    return np.resize([known[rows] for rows in epoch], updates)
