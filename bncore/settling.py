"""Which variance does a moving variance hold? A claim, judged by the path of each estimator.

Under every estimator the whole path of the average is known (:mod:`bncore.paths`), the initial
value that is still in it included. An estimator whose path the moving variance is further from than
rounding allows is out. A name is given once the others are out by what was known before: as soon as
what is left of the initial value, and the rounding, are below the distance between the targets.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from bncore.estimators import VarianceEstimator
from bncore.moments import Array
from bncore.paths import Case

CLOSE = 1e-3
"""How close to its target an average has to come to have reached it, relative to its size; and
always a quarter of the distance to the next target."""

Kind = Literal["nothing", "stays", "unlike", "open", "near", "reached", "averages"]


@dataclass(frozen=True)
class Settling:
    """What can be said about a moving variance after some updates, and on what it rests.

    kind:
        nothing   no feature has a variance that float32 can average: nothing to compare
        stays     float32 can never move the average away from its initial value 1
        unlike    it is on no estimator's path
        open      two or more estimators (``possible``) are not told apart
        near      one estimator, not reached: because of ``left``, or of ``rounding``
        reached   one estimator, whose target is met within ``CLOSE``
        averages  one estimator, of mini-batches, which keep the average moving
    possible: the estimators that it may be; one where there is a name.
    share, left: keep^t, and the same relative to the smallest target.
    miss: the largest relative difference of a feature from the target of ``possible[0]``.
    rival, apart: the other estimator whose target is nearest to that of ``possible[0]``, and its
        relative distance (None and infinite where no other one is defined); of those that are not
        told apart, the smallest distance among them.
    rounding: what float32 may leave, relative to the target: in the feature where it is most, for
        "open" where it is least; then, or where the claim never becomes stronger in the end.
    when: the update after which the claim becomes stronger, whichever of them it is: fewer are
        possible, or the target is reached. None where that is not certain to come.
    """

    kind: Kind
    update: int
    possible: tuple[VarianceEstimator, ...] = ()
    share: float = 1.0
    left: float = 1.0
    miss: float = math.nan
    rival: VarianceEstimator | None = None
    apart: float = 0.0
    rounding: float = math.inf
    when: int | None = None


def settling_of(
    moving_variance: Array, case: Case, update: int, batch_variance: Array | None = None
) -> Settling:
    """What the moving variance (features,) after this many updates allows to claim.

    ``batch_variance`` holds the biased variance of every batch, (updates, features), where they
    differ: with mini-batches.

    >>> case = Case.of([[0.0], [2.0]], batch_size=2, keep=0.9, epsilon=1e-3)
    >>> [settling_of(np.array([2 - 0.9**t]), case, t).kind for t in (5, 50, 200)]
    ['open', 'open', 'reached']
    >>> settling_of(np.array([2 - 0.9**80]), case, 80).possible[0].id
    'n/(n-1)'
    """
    if case.stays() and (moving_variance == 1).all():
        return Settling("stays", update)
    if not case.usable.any():
        return Settling("nothing", update)
    blank = Settling("unlike", update, share=case.share(update), left=case.left(update))
    fit = [e for e in case.candidates if _fits(moving_variance, case, e, update, batch_variance)]
    possible = tuple(
        e for e in case.candidates if any(not told_apart(case, e, other, update) for other in fit)
    )
    if not possible:
        return blank
    if len(possible) > 1:
        return _open(blank, case, possible)
    return _named(blank, case, possible[0], moving_variance)


def told_apart(case: Case, a: VarianceEstimator, b: VarianceEstimator, update: float) -> bool:
    """Whether a float32 average after so many updates shows which of the two it is.

    It does where less of the initial value is left than the targets are apart, and where in some
    feature the two paths are further apart than both may have been rounded.
    """
    if a is b or case.left(update) >= distance(case, a, b):
        return False
    gap = np.abs(case.targets[a.id] - case.targets[b.id]) * (1 - case.share(update))
    rounded = case.rounding(a, update) + case.rounding(b, update)
    return bool((gap > rounded)[case.usable].any())


def distance(case: Case, a: VarianceEstimator, b: VarianceEstimator) -> float:
    """The distance of two targets, relative to the larger one (all features have the same)."""
    first, second = case.targets[a.id][case.usable], case.targets[b.id][case.usable]
    return float((np.abs(first - second) / np.maximum(np.abs(first), np.abs(second))).min())


def _fits(
    moving_variance: Array,
    case: Case,
    estimator: VarianceEstimator,
    update: int,
    batch_variance: Array | None,
) -> bool:
    with np.errstate(invalid="ignore"):  # what overflows is not usable
        off = np.abs(moving_variance - case.exact(estimator, update, batch_variance))
    return bool((off <= case.rounding(estimator, update))[case.usable].all())


def _open(blank: Settling, case: Case, possible: tuple[VarianceEstimator, ...]) -> Settling:
    def narrower(update: int) -> bool:
        return all(any(told_apart(case, e, other, update) for other in possible) for e in possible)

    when = first_update(case, narrower)
    if when is not None and when <= blank.update:  # these mini-batches happen to hide it
        when = None
    at = _end(case) if when is None else blank.update
    return replace(
        blank,
        kind="open",
        possible=possible,
        apart=min(distance(case, a, b) for a, b in itertools.combinations(possible, 2)),
        rounding=min(float(_relative(case, e, at).min()) for e in possible),
        when=when,
    )


def _named(
    blank: Settling, case: Case, estimator: VarianceEstimator, moving_variance: Array
) -> Settling:
    others = [o for o in case.candidates if o is not estimator]
    rival = min(others, key=partial(distance, case, estimator), default=None)
    apart = distance(case, estimator, rival) if rival else math.inf
    close = min(CLOSE, apart / 4)

    def reached(update: int) -> bool:
        return case.left(update) + float(_relative(case, estimator, update).max()) <= close

    kind: Kind = "averages"
    if case.whole:
        kind = "reached" if reached(blank.update) else "near"
    when = first_update(case, reached) if kind == "near" else None
    at = _end(case) if kind == "near" and when is None else blank.update
    target = case.targets[estimator.id][case.usable]
    return replace(
        blank,
        kind=kind,
        possible=(estimator,),
        miss=float(np.abs(moving_variance[case.usable] / target - 1).max()),
        rival=rival,
        apart=apart,
        rounding=float(_relative(case, estimator, at).max()),
        when=when,
    )


def _relative(case: Case, estimator: VarianceEstimator, update: float) -> Array:
    target = np.abs(case.targets[estimator.id][case.usable])
    return np.asarray(case.rounding(estimator, update)[case.usable] / target)


def first_update(case: Case, holds: Callable[[int], bool]) -> int | None:
    """The first update after which something holds that comes with time; None: it never does.

    What comes with time holds in the end if ever: once nothing is left of the initial value.

    >>> case = Case.of([[0.0], [2.0]], batch_size=2, keep=0.9, epsilon=1e-3)
    >>> first_update(case, lambda t: case.share(t) < 0.5)
    7
    """
    end = _end(case)
    if case.keep >= 1 or not holds(end):
        return None
    low, high = 0, end
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _end(case: Case) -> int:
    """An update after which nothing that could be seen is left of the initial value."""
    if not 0 < case.keep < 1:
        return 1
    smallest = min(float(np.abs(t[case.usable]).min()) for t in case.targets.values())
    return math.ceil(math.log(1e-12 * min(smallest, 1.0)) / math.log(case.keep))
