"""What the recorded training allows to claim about the means. Pure; `words` has the sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

import bncore
from bncore.estimators import BIASED
from bncore.experiments.iris import IrisFound
from bncore.experiments.weights import Weight, count
from bncore.moments import Array
from bncore.paths import targets
from ui.page.claims import Claim, claim
from ui.questions.iris.state import IrisState

LAYER = "BatchNormalization"


def table(weights: Sequence[Weight]) -> pd.DataFrame:
    """Every weight of the real model: its shape, how many numbers, and who changes it."""
    return pd.DataFrame(
        {
            "layer": [w.layer for w in weights],
            "weight": [w.name for w in weights],
            "shape": [str(w.shape) for w in weights],
            "numbers": [w.count for w in weights],
            "changed by": ["optimizer" if w.trainable else "moving average" for w in weights],
        }
    )


def parameters(weights: Sequence[Weight]) -> Claim:
    """How many parameters there are, counted in the real model."""
    inside, learned = count(w for w in weights if w.layer == LAYER)
    everything, trained = count(weights)
    return claim(
        "parameters", inside=inside, learned=learned, everything=everything, trained=trained
    )


def column_moments(x: Array) -> bncore.Moments:
    """Mean and biased variance of each column of all rows."""
    return bncore.batch_moments(x, bncore.split_axes(x.shape, -1))


def lines(state: IrisState, x: Array) -> dict[str, Array]:
    """The expected final moving mean and moving variance of each feature; none for keep 1."""
    if state.keep == 1:
        return {}
    m = column_moments(x)
    return {"mean": m.mean, "variance": _settled(m.variance, len(x), state)}


def _settled(variance: Array, rows: int, state: IrisState) -> Array:
    """Where the moving average of the biased batch variances settles."""
    return targets(variance, rows, state.batch_size, state.epsilon, (BIASED,))["biased"]


def left(state: IrisState, made: int) -> Claim:
    """How many updates there were, and what they left of the initial values."""
    return claim("left", made=made, keep=state.keep, share=state.keep**made)


def expected_variance(state: IrisState, rows: int) -> Claim:
    """Why the moving variance is not that of the columns: mini-batches of a finite set."""
    if state.keep == 1:
        return claim("nothing taken over")
    if state.batch_size == rows:
        return claim("whole data set")
    if state.batch_size == 1:
        return claim("one row a batch")
    ratio = float(_settled(np.ones(1), rows, state)[0])
    rest = rows % state.batch_size
    return claim("mini-batches", size=state.batch_size, rows=rows, ratio=ratio, rest=rest)


def held(x: Array, found: IrisFound) -> Claim:
    """How many means there are and where they are, from the real model and what was recorded."""
    shapes = {w.name: w.shape for w in found.weights if w.layer == LAYER}
    shape = shapes["moving_mean"]
    one_per: dict[tuple[int, ...], str] = {(x.shape[1],): "feature", (len(x),): "sample"}
    moved, column = found.moving_mean[-1].astype(float), column_moments(x).mean
    off = np.abs(moved - column)
    worst = int(off.argmax())
    return claim(
        "holds",
        shape=shape,
        means=math.prod(shape),
        per=one_per.get(shape),
        rows=len(x),
        alike=len(set(shapes.values())) == 1,
        updates=len(found.update),
        off=float(off.max()),
        worst=worst,
        there=float(moved[worst]),
        column=float(column[worst]),
    )
