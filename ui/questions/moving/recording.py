"""The recorded run of the moving statistics, as a player plays it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.moments import Array
from bncore.variants import VARIANTS
from ui.drawing.player import Average, Curve, Level, Quantity, Recording
from ui.questions.moving.answers import data_moments, settled
from ui.questions.moving.state import MovingState

INITIAL = {"mean": 0.0, "variance": 1.0}


def recording(state: MovingState, values: Mapping[str, Any]) -> Recording:
    """Every update, the layers' initial state before it as step 0."""
    variants: Mapping[str, Mapping[str, Array]] = values["variants"]
    lines = {name: np.asarray(line) for name, line in settled(state).items()}
    biased = lines.get("biased", data_moments(state).variance)
    return Recording(
        unit="update",
        steps=np.concatenate([[0], values["update"]]),
        features=tuple(f"feature {number}" for number in range(state.data.shape[1])),
        curves=tuple(
            Curve(name, SHORT[name], number, _DASHES[number % len(_DASHES)])
            for number, name in enumerate(variants)
        ),
        quantities=(
            Quantity(
                "variance",
                "Moving variance",
                _from_the_start(variants, "variance"),
                tuple(Level(name, line, "dash") for name, line in lines.items()),
                over=Level("over the biased variance", biased),
                log=True,
            ),
            Quantity(
                "mean",
                "Moving mean",
                _from_the_start(variants, "mean"),
                (Level("mean of the data", data_moments(state).mean),),
            ),
            *(
                Quantity(f"taken_{name}", "", _taken(state, variants, name), pictured=False)
                for name in INITIAL
            ),
        ),
        averages=tuple(
            Average(f"moving {name}", name, f"taken_{name}", state.keep) for name in INITIAL
        ),
        file="moving-statistics",
    )


SHORT = {
    "keras-3": "Keras 3",
    "keras-2": "Keras 2 formula",
    "unbiased": "unbiased formula",
    "tf_keras": "tf_keras, fused",
}
_DASHES = ("solid", "dash", "dashdot", "dot")


def _from_the_start(variants: Mapping[str, Mapping[str, Array]], name: str) -> dict[str, Array]:
    """The recorded statistics after each update, and what the layer held before the first."""
    return {
        variant: np.concatenate(
            [np.full_like(held[f"moving_{name}"][:1], INITIAL[name]), held[f"moving_{name}"]]
        )
        for variant, held in variants.items()
    }


def _taken(
    state: MovingState, variants: Mapping[str, Mapping[str, Array]], name: str
) -> dict[str, Array]:
    """What each update took over: the batch's mean, or its variance as this layer stores it."""
    found = {}
    for variant, held in variants.items():
        taken = held[f"batch_{name}"].astype(float)
        if name == "variance":
            counts, estimator = _counts(state, len(taken)), VARIANTS[variant].estimator
            factors = {n: estimator.factor(int(n), state.epsilon) for n in set(counts.tolist())}
            taken *= np.array([factors[n] for n in counts.tolist()])[:, None]
        found[variant] = np.concatenate([np.zeros_like(taken[:1]), taken])
    return found


def _counts(state: MovingState, updates: int) -> Array:
    """How many rows each update saw: the last batch of an epoch holds what is left."""
    rows, size = len(state.data.array), state.batch_size
    epoch = [min(size, rows - start) for start in range(0, rows, size)]
    return np.resize(epoch, updates)
