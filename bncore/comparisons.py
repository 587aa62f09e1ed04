"""What k paired repetitions allow to say about several variants at once. Pure.

A page makes several comparisons, and its promise is about the page: where the variants differ in
nothing, at most one page in twenty shows any difference (``RISK``). Each comparison therefore gets
its share of that (Bonferroni; the intervals: Dunn 1961, "Multiple comparisons among means"), and
the interval that is shown is the one that decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binom, t

from bncore.moments import Array

RISK = 0.05

Pair = tuple[str, str]


@dataclass(frozen=True)
class Verdict:
    """What ``count`` paired differences between two variants allow to say.

    ``difference`` is their mean, ``margin`` the half width of its interval (NaN for one).
    ``identical``: all are exactly zero, and there is at least one. ``clear``: the interval
    excludes zero.
    """

    difference: float
    margin: float
    identical: bool
    clear: bool
    count: int


def judge(
    values: Array,
    baseline: Array,
    *,
    step: float = 0.0,
    comparisons: int = 1,
    overlap: float = 0.0,
    shared: float = np.inf,
) -> Verdict:
    """Compare k results of a variant with those of another one from the same repetitions.

        d_i = values_i - baseline_i
        v = max(var(d, ddof=1), step^2 / 6)
        margin = t(k - 1, 1 - RISK / (2 comparisons)) * sqrt(v / k + overlap * min(v, shared))

    The paired t interval (Student 1908), simultaneous for all comparisons (Bonferroni). Paired,
    since repetition i has the same weights, rows and batches in every variant: what is easy or
    hard about them drops out. Repetitions that split the same rows anew are tested on some of the
    same rows, so the d_i are not independent; ``overlap`` makes up for that (Nadeau and Bengio
    2003, "Inference for the generalization error": the corrected resampled t test). What a test
    on the same rows cannot have in common, as the luck of the initial weights, is left out of it
    by ``shared``.

    Args:
        values, baseline: shape (k,). Pairs in which either is NaN are left out.
        step: the smallest difference that the measure can have (an accuracy of m rows: 1 / m).
            Equal differences may be equal by rounding alone, whose variance is step^2 / 12 in
            each of the two values.
        comparisons: how many are made together.
        overlap: validation rows over training rows, where all repetitions split the same rows; 0
            where each has rows of its own.
        shared: the largest variance that the choice of the rows can give to a d_i.

    >>> judge(np.array([0.9, 0.91, 0.93]), np.array([0.8, 0.82, 0.82])).clear
    True
    >>> judge(np.array([0.9, 0.91, 0.93]), np.array([0.8, 0.82, 0.82]), comparisons=100).clear
    False
    """
    differences = np.asarray(values, np.float64) - baseline
    differences = differences[np.isfinite(differences)]
    count = differences.size
    if not count:
        return Verdict(np.nan, np.nan, False, False, 0)
    identical = bool(np.array_equal(values, baseline, equal_nan=True))
    mean, margin = float(differences.mean()), float("nan")
    if count > 1:
        variance = max(differences.var(ddof=1), step**2 / 6)
        quantile = t.ppf(1 - RISK / (2 * comparisons), count - 1)
        margin = float(quantile * np.sqrt(variance / count + overlap * min(variance, shared)))
    return Verdict(mean, margin, identical, bool(abs(mean) > margin), count)


def accuracies_judged(
    accuracies: Mapping[str, Array], pairs: Sequence[Pair], *, training: int, validation: int
) -> dict[Pair, Verdict]:
    """All comparisons of a page, the first of each pair less the second, in accuracy.

    Two models differ at most on the rows that one of them gets wrong, so the choice of m rows
    gives their difference a variance of at most (wrong_a + wrong_b) / m.

    Args:
        accuracies: (k,) of each variant, on validation rows that each repetition chose anew.
        pairs: what is compared, all of it together.
        training, validation: how many rows each repetition has for what.

    >>> found = {"none": np.full(4, 0.5), "before": np.array([0.9, 0.91, 0.93, 0.92])}
    >>> accuracies_judged(found, [("before", "none")], training=800, validation=200)[
    ...     "before", "none"
    ... ].clear
    True
    """
    return {
        (first, second): judge(
            accuracies[first], accuracies[second], step=1 / validation, comparisons=len(pairs),
            overlap=validation / training,
            shared=float(2 - np.mean(accuracies[first]) - np.mean(accuracies[second])) / validation,
        )
        for first, second in pairs
    }  # fmt: skip


def lowest(
    values: Mapping[str, Array], *, step: float = 0.0, overlap: float = 0.0
) -> tuple[str, ...]:
    """The variants that no other one is clearly below.

    Where it is one alone, it is the smallest: each of the others has one clearly below it, and the
    chain ends with this one. Which one that is, is seen only afterwards, so it is chosen among
    all pairs: each of them counts as a comparison.

    >>> lowest({"none": np.array([5.0, 5.1]), "before": np.array([1.0, 1.1])})
    ('before',)
    """
    pairs = list(combinations(values, 2))
    found = {
        (a, b): judge(values[a], values[b], step=step, comparisons=len(pairs), overlap=overlap)
        for a, b in pairs
    }
    beaten = {
        second if verdict.difference < 0 else first
        for (first, second), verdict in found.items()
        if verdict.clear
    }
    return tuple(name for name in values if name not in beaten)


def learned(accuracy: Array, chance: Array, rows: int, trainings: int) -> Array:
    """Which trainings got more rows right than they would by naming the most common class.

        P(binomial(rows, chance) >= right) <= RISK / trainings

    The exact binomial test, corrected for all trainings together (Bonferroni). On labels that are
    pure noise a model is right by chance, independently for every row, so this one needs no other
    assumption.

    Args:
        accuracy: (k,), the share of right validation rows; NaN (diverged) has not learned.
        chance: (k,), the share of the most common class among them.
        rows: how many validation rows there are.
        trainings: how many are asked about together.

    >>> learned(np.array([0.6, 0.7]), np.array([0.5, 0.5]), rows=100, trainings=16)
    array([False,  True])
    """
    right = np.round(np.nan_to_num(accuracy) * rows)
    return np.asarray(binom.sf(right - 1, rows, chance) <= RISK / trainings)
