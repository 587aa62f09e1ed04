"""Where the outputs of both modes differ, and what the updates do about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import bncore
from bncore.estimators import BIASED
from bncore.experiments.modes import ModesFound
from bncore.moments import Array
from bncore.paths import HALF_UNIT, LARGEST, targets
from ui.page.claims import Claim, claim, worded
from ui.questions.modes.state import ModesState, size_of_batch
from ui.questions.modes.words import WORDS

ROUNDING = 1e-5  # of outputs whose deviation is 1, in float32
SMALL = 0.01  # of that deviation
SETTLES = 0.9  # a smaller keep remembers fewer than 10 batches: it follows each of them


def gaps(found: ModesFound) -> dict[str, Array]:
    """The mean distance between both outputs after every update, by keep."""
    return {
        keep: np.abs(layer.inference - found.training).mean(axis=(1, 2))
        for keep, layer in found.layers.items()
    }


def first_gap(found: ModesFound) -> float:
    """The mean distance between both outputs of a new layer."""
    return float(np.abs(found.first - found.training).mean())


def final_gap(state: ModesState, found: ModesFound) -> float | None:
    """The gap that is left when the moving statistics are where they settle.

    None where float32 cannot hold these data: where the layer's own output in training mode is
    another than the exact one, or would be on other batches, the exact final gap says nothing
    about the layer.
    """
    x, size = state.data.array, size_of_batch(state)
    with np.errstate(all="ignore"):
        exact = _normalised(x[:size], _column_moments(x[:size]), state.epsilon)
    close = np.allclose(exact, found.training, rtol=SMALL / 10, atol=SMALL / 10)
    if not close or not _held(x, size, state.epsilon):
        return None
    return _left(x, size, state.epsilon)


def _held(x: Array, size: int, epsilon: float) -> bool:
    """Whether float32 holds the mean and the variance of every batch, and the differences."""
    _, variance = _settled(x, size, epsilon)
    with np.errstate(all="ignore"):
        lost = HALF_UNIT * np.abs(x).max(axis=0) / np.sqrt(variance + epsilon)
        squares = ((x - x.mean(axis=0)) ** 2).sum(axis=0)
    varied = np.ptp(x, axis=0) > 0  # equal rows lose nothing: they are their own mean
    return bool((lost <= SMALL)[varied].all() and (squares <= LARGEST).all())


def _settled(x: Array, size: int, epsilon: float) -> tuple[Array, Array]:
    """Where the moving mean and the moving variance settle, exactly."""
    moments = _column_moments(x)
    settled = targets(moments.variance, len(x), size, epsilon, (BIASED,))["biased"]
    return moments.mean, settled


def _left(x: Array, size: int, epsilon: float) -> float:
    """The mean distance of both outputs of the first rows, with settled statistics, exactly."""
    rows, (mean, variance) = x[:size], _settled(x, size, epsilon)
    with np.errstate(all="ignore"):
        settled = _normalised(rows, bncore.Moments(mean, variance, len(x)), epsilon)
        return float(np.abs(settled - _normalised(rows, _column_moments(rows), epsilon)).mean())


def _normalised(x: Array, moments: bncore.Moments, epsilon: float) -> Array:
    return bncore.normalize(x, bncore.split_axes(x.shape, -1), moments, epsilon)


def _column_moments(x: Array) -> bncore.Moments:
    return bncore.batch_moments(x, bncore.split_axes(x.shape, -1))


def outcome(first: float, last: float) -> str:
    """What became of a gap between outputs whose deviation is about 1.

    >>> outcome(1.0, 0.001), outcome(1.0, 0.3), outcome(1.0, 1.05), outcome(1.0, 2.0)
    ('vanishes', 'shrinks', 'stays', 'grows')
    >>> outcome(1e3, 0.4), outcome(3e-8, 5e-8)
    ('shrinks', 'stays')
    """
    if max(first, last) < ROUNDING:
        return "stays"
    if last <= SMALL * min(first, 1.0):
        return "vanishes"
    if last < 0.9 * first:
        return "shrinks"
    return "stays" if last <= 1.1 * first else "grows"


def words(state: ModesState, found: ModesFound) -> list[str]:
    """The answer, computed from the recorded outputs."""
    return worded(claims(state, found), WORDS)


def claims(state: ModesState, found: ModesFound) -> list[Claim]:
    """What became of the gap, how large it is, and what is left of it."""
    first = first_gap(found)
    ends = {keep: float(curve[-1]) for keep, curve in gaps(found).items()}
    if not np.isfinite([first, *ends.values()]).all():
        return [claim("not finite", why=_not_finite(state, found))]
    keep = min(ends, key=lambda name: float(name))
    became = outcome(first, ends[keep])
    made = [
        claim("outcome", keep=keep, found=became, guess=state.guess),
        claim("apart", first=first, updates=len(found.update), ends=ends),
        *_expected(state, final_gap(state, found), tuple(ends)),
    ]
    if size_of_batch(state) == 1:
        made.append(claim("one row", largest=float(np.abs(found.training).max())))
    return made


def _not_finite(state: ModesState, found: ModesFound) -> str:
    """Why there is no gap: a division by zero, or numbers beyond float32."""
    with np.errstate(all="ignore"):
        variance = state.data.array[: size_of_batch(state)].astype(np.float32).var(axis=0)
    moving = [layer.moving_variance for layer in found.layers.values()]
    zero = (variance == 0).any() or any((held == 0).any() for held in moving)
    if state.epsilon == 0 and zero:
        return "division"
    return "unknown" if np.isfinite(variance).all() else "beyond"


def _expected(state: ModesState, left: float | None, keeps: Sequence[str]) -> list[Claim]:
    """What is left of the gap once the moving statistics have settled, if they do."""
    x, size = state.data.array, size_of_batch(state)
    if left is None:
        return [claim("not predicted")]
    if left <= ROUNDING:
        return [claim("no gap", whole=size == len(x))]
    found = claim(
        "gap", left=left, size=size, rows=len(x), rest=len(x) % size,
        whole=_left(x, len(x), state.epsilon),
    )  # fmt: skip
    quick = [keep for keep in keeps if float(keep) < SETTLES]
    return [found, *[claim("unsettled", keeps=quick)] * bool(quick)]
