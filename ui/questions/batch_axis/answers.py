"""What the recorded steps allow to claim about the batch axis. Pure; `words` has the sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

import bncore
from bncore.differences import relative_difference
from bncore.experiments.batch_axis import AXES, BatchAxisFound, InOrders
from bncore.moments import Array
from ui.page.claims import Claim, claim
from ui.questions.batch_axis.state import BatchAxisState

ROUNDING = 1e-5  # of a feature's largest output, in float32

PLACES = {"row": "the mean of row 0", "grand": "the mean of all numbers", "start": "the initial 0"}


def means(state: BatchAxisState, axis: str) -> Array:
    """The means that a layer with this axis stores: of each row (0) or each feature (-1)."""
    return bncore.batch_moments(
        state.data.array, bncore.split_axes(state.data.shape, int(axis))
    ).mean


def changed_outputs(outputs: InOrders) -> Array:
    """How much each row's own outputs differ between the two orders (largest of its features)."""
    changed: Array = np.abs(outputs.shuffled[0] - outputs.fixed[0]).max(axis=1)
    return changed


def shuffled(outputs: InOrders) -> Claim:
    """What giving the same rows in another order did to their outputs."""
    fixed, moved = outputs.fixed[0], outputs.shuffled[0]
    off = np.abs(moved - fixed).max(axis=0)
    largest = float(off.max())
    if not np.isfinite(largest):
        return claim("not finite")
    if largest == 0:
        return claim("same outputs")
    size = np.abs(fixed).max(axis=0)
    shares = relative_difference(moved, fixed, size).max(axis=0)
    worst = int(shares.argmax())
    return claim(
        "outputs but for rounding" if shares[worst] < ROUNDING else "other outputs",
        largest=largest,
        share=float(shares[worst]) if size[worst] else None,
        elsewhere=bool(off[worst] < largest),
    )


def drift(state: BatchAxisState, axis: str, moving: InOrders) -> Claim:
    """Where the moving means stand after each run, measured from the lines."""
    own = means(state, axis)
    fixed, moved = moving.fixed[-1].astype(float), moving.shuffled[-1].astype(float)
    distances = {"fixed": _far(fixed, own), "shuffled": _far(moved, own)}
    if axis != "0":
        return claim("drift of features", **distances, between=_far(fixed, moved))
    grand = float(state.data.array.mean())
    return claim("drift of positions", **distances, grand=grand, from_grand=_far(moved, grand))


def left(state: BatchAxisState) -> Claim:
    """How much of the initial value the moving means still hold."""
    share = state.keep**state.updates
    return claim("left", updates=state.updates, keep=state.keep, share=share)


def nearest(state: BatchAxisState, moving: InOrders) -> str | None:
    """The guess that position 0 of the shuffled axis=0 run came nearest to.

    None where two of them are closer together than a moving average of shuffled rows wanders, or
    than float32 may leave it off.
    """
    row_means = means(state, "0")
    reached = float(moving.shuffled[-1][0])
    places = {"row": float(row_means[0]), "grand": float(row_means.mean()), "start": 0.0}
    far = {name: abs(place - reached) for name, place in places.items()}
    first, second, _ = sorted(far, key=lambda name: far[name])
    # The variance of an average with weights (1-k), (1-k)k, ... of independent draws.
    wander = float(row_means.std()) * np.sqrt((1 - state.keep) / (1 + state.keep))
    remembered = min(state.updates, 1 / (1 - state.keep)) if state.keep < 1 else 0
    rounding = np.finfo(np.float32).eps * float(np.abs(row_means).max()) * remembered
    return first if abs(places[first] - places[second]) > 4 * wander + rounding else None


def measured(state: BatchAxisState, moving: InOrders) -> Claim:
    """Where position 0 went when the rows were shuffled."""
    found, reached = nearest(state, moving), float(moving.shuffled[-1][0])
    if found is None:
        return claim("no verdict", reached=reached)
    return claim("nearest", reached=reached, found=found)


def answers(state: BatchAxisState, found: BatchAxisFound) -> list[Claim]:
    """The answer, from what the steps returned."""
    rows, features = state.data.shape
    changes = {axis: float(changed_outputs(found.axes[axis].outputs).max()) for axis in AXES}
    first = found.axes["0"]
    made = claim(
        "answer",
        kept=first.shapes["moving_mean"],
        rows=rows,
        features=features,
        asked=state.new_rows,
        errors={name: step.error for name, step in first.steps.items()},
        largest=changes["0"],
        beside=changes["-1"],
    )
    return [made, *[claim("as many rows")] * (state.new_rows == rows)]


def _far(values: Array, place: Any) -> float:
    return float(np.abs(values - place).max())
