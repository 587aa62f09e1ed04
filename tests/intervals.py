"""The interval of a mean difference, computed anew for the tests of what pages claim."""

import math
import statistics

from scipy import stats


def interval(first, second, comparisons, step, overlap, shared):
    """The corrected resampled t interval of the pairs that are there: mean and half width."""
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if math.isfinite(a - b)]
    off = [a - b for a, b in pairs]
    if len(off) < 2:
        return (statistics.fmean(off) if off else math.nan), math.nan
    variance = max(statistics.variance(off), step**2 / 6)
    within = variance / len(off) + overlap * min(variance, shared)
    quantile = stats.t.isf(0.05 / comparisons / 2, len(off) - 1)
    return statistics.fmean(off), quantile * math.sqrt(within)
