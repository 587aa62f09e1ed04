"""Moving statistics: one update, the whole trajectory, and where it ends.

Every average in use is the same step towards the new value,

    new = old + w(t) * (value - old),

and the frameworks differ only in the weight w of update t = 1, 2, ...:

    exponential      w = 1 - keep
    zero-debiased    w = (1 - keep) / (1 - keep^t)      (1 at the first update)
    plain average    w = 1 / t
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bncore.axes import AxisSplit
from bncore.conventions import Convention
from bncore.estimators import VarianceEstimator
from bncore.moments import Array, Moments


@dataclass(frozen=True)
class MovingStatistics:
    """What a layer carries from training to inference; never changed in place.

    ``updates`` counts the updates so far: the zero-debiased and the plain average need it.

    >>> MovingStatistics.initial((2,))
    MovingStatistics(mean=array([0., 0.]), variance=array([1., 1.]), updates=0)
    """

    mean: Array
    variance: Array
    updates: int = 0

    @classmethod
    def initial(cls, feature_shape: tuple[int, ...]) -> MovingStatistics:
        """Mean 0 and variance 1, as the layers here start.

        Haiku's averages start at 0, the variance's too; its first update replaces them, as it
        does in every zero-debiased average.
        """
        return cls(np.zeros(feature_shape), np.ones(feature_shape), 0)


def update_weight(convention: Convention, update: int) -> float:
    """w(t), the weight of the new value at update t = 1, 2, ...

    Raises ``ValueError`` for the zero-debiased average with keep = 1, which is 0/0.

    >>> from bncore.conventions import CONVENTIONS
    >>> [round(update_weight(CONVENTIONS[c], 2), 4) for c in ("keras-3", "keras-2.2.4", "paper")]
    [0.01, 0.5025, 0.5]
    """
    if update < 1:
        raise ValueError(f"updates are counted from 1; got {update}")
    keep = convention.keep
    if keep is None:
        return 1 / update
    if not convention.zero_debiased:
        return 1 - keep
    if keep == 1:
        raise ValueError(
            f"{convention.title} {convention.versions} divides its moving average by "
            "1 - keep^t, which is 0/0 for keep = 1; use keep < 1"
        )
    return (1 - keep) / (1 - keep**update)


def update_moving(
    moving: MovingStatistics, batch: Moments, convention: Convention, split: AxisSplit
) -> MovingStatistics:
    """The moving statistics after one more batch.

    mean <- mean + w * (batch mean - mean), variance <- variance + w * (stored - variance),
    where ``stored`` is the estimator's version of the batch variance. A mean or variance that is
    NaN stays so, with keep = 0 as well (0 * NaN is NaN, as in Keras 3); only the first update of
    a plain or zero-debiased average lets go of what was there before.

    Raises ``ValueError`` when the feature shapes differ, or for one element per statistic or
    epsilon 0 where the convention refuses it.

    >>> import bncore
    >>> split = bncore.split_axes((2, 1), feature_axis=-1)
    >>> batch = bncore.batch_moments([[0.0], [2.0]], split)
    >>> start = MovingStatistics.initial((1,))
    >>> update_moving(start, batch, bncore.CONVENTIONS["torch"], split)
    MovingStatistics(mean=array([0.1]), variance=array([1.1]), updates=1)
    """
    if moving.mean.shape != batch.mean.shape or moving.variance.shape != batch.variance.shape:
        raise ValueError(
            f"the moving statistics have shapes {moving.mean.shape} (mean) and "
            f"{moving.variance.shape} (variance), the batch statistics {batch.mean.shape}; start "
            "from MovingStatistics.initial(split.feature_shape)"
        )
    if batch.count == 1 and convention.one_element == "refuse":
        raise ValueError(
            f"{convention.title} expects more than 1 value per channel when training: with one "
            f"element per statistic (shape {split.shape}, axes kept {split.feature_axes}) there "
            "is no variance to estimate. Use a larger batch."
        )
    if convention.positive_epsilon and convention.epsilon == 0:
        raise ValueError(
            f"{convention.title} refuses epsilon 0 when training (batch_norm eps must be positive "
            "during training). Use epsilon above 0."
        )
    if batch.count == 1 and convention.one_element == "identity":
        return moving
    weight = update_weight(convention, moving.updates + 1)
    stored = convention.estimator_for(split).stored(batch.variance, batch.count, convention.epsilon)
    drops = weight == 1 and _drops_its_start(convention)
    return MovingStatistics(
        _towards(moving.mean, batch.mean, weight, drops),
        _towards(moving.variance, stored, weight, drops),
        moving.updates + 1,
    )


def _drops_its_start(convention: Convention) -> bool:
    """Whether the initial value is never looked at: not so for keep = 0, which multiplies it."""
    return convention.keep is None or convention.zero_debiased


def _towards(old: Array, value: Array, weight: float, drops: bool) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.array(value) if drops else (1 - weight) * old + weight * value


def moving_trajectory(
    batches: Iterable[Moments],
    convention: Convention,
    split: AxisSplit,
    start: MovingStatistics | None = None,
) -> MovingStatistics:
    """The moving statistics after every update, stacked: index 0 is the start.

    ``mean`` and ``variance`` have shape ``(updates + 1, *feature_shape)``. For a batch that is
    repeated, pass ``itertools.repeat(moments, updates)``. ``split`` gives rank and axes (the
    batch size may differ from batch to batch, the counts are those of the moments).

    >>> import bncore
    >>> split = bncore.split_axes((2, 1), feature_axis=-1)
    >>> batch = bncore.batch_moments([[0.0], [2.0]], split)
    >>> path = moving_trajectory([batch] * 3, bncore.CONVENTIONS["torch-cumulative"], split)
    >>> path.variance[:, 0], path.updates
    (array([1., 2., 2., 2.]), 3)
    """
    state = start or MovingStatistics.initial(split.feature_shape)
    states = [state]
    for batch in batches:
        state = update_moving(state, batch, convention, split)
        states.append(state)
    return MovingStatistics(
        np.stack([s.mean for s in states]), np.stack([s.variance for s in states]), state.updates
    )


def remaining_share(convention: Convention, updates: int) -> float:
    """The share of the initial value that is left after ``updates`` updates: keep^t.

    0 for the averages that drop the initial value at their first update. So, for a batch that
    is repeated, value = target + share * (initial - target): the closed form.

    >>> from bncore.conventions import CONVENTIONS
    >>> round(remaining_share(CONVENTIONS["keras-3"], 688), 4)
    0.001
    """
    if updates == 0:
        return 1.0
    if convention.keep is None or convention.zero_debiased:
        return 0.0
    return float(convention.keep**updates)


def moving_after(
    start: MovingStatistics,
    batch: Moments,
    convention: Convention,
    split: AxisSplit,
    updates: int,
) -> MovingStatistics:
    """The moving statistics after the same batch ``updates`` times, in closed form.

    >>> import bncore
    >>> split = bncore.split_axes((2, 1), feature_axis=-1)
    >>> batch = bncore.batch_moments([[0.0], [2.0]], split)
    >>> end = moving_after(MovingStatistics.initial((1,)), batch, bncore.CONVENTIONS["torch"],
    ...                    split, updates=200)
    >>> end.mean.round(6), end.variance.round(6)
    (array([1.]), array([2.]))
    """
    if updates < 0:
        raise ValueError(f"the number of updates is 0 or more; got {updates}")
    if updates == 0:
        return start
    once = update_moving(start, batch, convention, split)  # also refuses what cannot be done
    if once is start or updates == 1:
        return once
    fresh = start.updates == 0
    share = (
        remaining_share(convention, updates)
        if fresh
        else _share_from(convention, start.updates, updates)
    )
    stored = convention.estimator_for(split).stored(batch.variance, batch.count, convention.epsilon)
    twice = update_moving(once, batch, convention, split)
    return MovingStatistics(
        _closed(start.mean, batch.mean, share, twice.mean),
        _closed(start.variance, stored, share, twice.variance),
        start.updates + updates,
    )


def _closed(start: Array, value: Array, share: float, twice: Array) -> Array:
    # Of what is not finite no share can be taken: after two updates it stays as it is.
    known = np.isfinite(start) & np.isfinite(twice)
    with np.errstate(invalid="ignore"):
        return np.where(known, share * start + (1 - share) * value, twice)


def _share_from(convention: Convention, done: int, more: int) -> float:
    return math.prod(1 - update_weight(convention, done + t) for t in range(1, more + 1))


def updates_until(keep: float, share: float) -> int:
    """How many updates until at most ``share`` of the initial value is left.

    t = ceil(log(share) / log(keep)). Raises ``ValueError`` where that never happens.

    >>> [updates_until(0.99, share) for share in (0.5, 0.01, 0.001)]
    [69, 459, 688]
    """
    if not 0 < share < 1:
        raise ValueError(f"share lies between 0 and 1, such as 0.01; got {share!r}")
    if not 0 <= keep < 1:
        raise ValueError(f"the initial value fades for keep from 0 to below 1; got {keep!r}")
    return 1 if keep == 0 else math.ceil(math.log(share) / math.log(keep))


def expected_ratio(
    estimator: VarianceEstimator, batch_size: int, rows: int, epsilon: float
) -> float:
    """Where theory says the moving variance settles, over the biased variance of all the data.

    Mini-batches of m rows drawn without replacement from N rows have, on average, the biased
    variance (m-1)/m * N/(N-1) times the data's; the estimator's factor comes on top. With
    Bessel's correction the product is N/(N-1) for every m > 1: the data's *unbiased* variance.
    Exact for one element per row (rank 2) and batches of equal size.

    Raises ``ValueError`` unless 1 <= batch_size <= rows and rows > 1.

    Source: finite-population sampling, Cochran 1977, theorem 2.2.

    >>> from bncore.estimators import BIASED, UNBIASED
    >>> [round(expected_ratio(e, 4, 60, 1e-3), 4) for e in (BIASED, UNBIASED)]
    [0.7627, 1.0169]
    """
    if not 1 <= batch_size <= rows or rows < 2:
        raise ValueError(
            f"a mini-batch holds between 1 and all of at least 2 rows; got batch size "
            f"{batch_size} of {rows} rows"
        )
    sampled = (batch_size - 1) / batch_size * rows / (rows - 1)
    return float(estimator.stored(np.array(sampled), batch_size, epsilon))
