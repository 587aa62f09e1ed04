"""The sentences about a study, by kind of claim."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bncore.comparisons import Pair, Verdict
from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.classifier.state import TITLES
from ui.questions.placement.state import GUESSES

ALL_LOST = "every repetition of both diverged"


def _order(
    verdict: Verdict, pair: Pair, lost: Sequence[int], count: int, answer: str, guess: str
) -> str:
    shown = GUESSES[answer] + " is better" * verdict.clear
    return f"Before or after the activation: **{shown}**. {_less(verdict, pair, lost, count)}" + (
        feedback(guess, answer, GUESSES)
    )


def _no_order(verdict: Verdict, pair: Pair, lost: Sequence[int], count: int) -> str:
    begun = "Before or after the activation: **no verdict**"
    if sum(lost) == 2 * count:
        return f"{begun}, {ALL_LOST}."
    return f"{begun}. {_less(verdict, pair, lost, count)}"


def _less(verdict: Verdict, pair: Pair, lost: Sequence[int], count: int) -> str:
    return f"“Before” less “after”: {difference(verdict)}{_diverged(pair, lost, count)}."


def _against(verdict: Verdict, pair: Pair, lost: Sequence[int], count: int) -> str:
    begun = f"{TITLES[pair[0]].capitalize()}, against {pair[1]}: "
    if sum(lost) == 2 * count:
        return f"{begun}nothing to compare, {ALL_LOST}."
    text = difference(verdict)
    if verdict.clear:
        text = f"**{text}**"
    elif not verdict.identical and verdict.count > 1:
        text += ", no clear difference"
    return f"{begun}{text}{_diverged(pair, lost, count)}."


def _diverged(pair: Pair, lost: Sequence[int], count: int) -> str:
    """What is to be said where repetitions diverged, in brackets."""
    if not any(lost):
        return ""
    each = ", ".join(f"“{name}” {n} of {count}" for name, n in zip(pair, lost, strict=True))
    return f" (diverged: {each}; they count as always naming the most common class)"


def difference(found: Verdict) -> str:
    """A paired difference in points of accuracy, with its interval.

    It has as many digits as show on which side of zero the interval ends.

    >>> difference(Verdict(0.016, 0.013, False, True, 8))
    '+1.6 points (± 1.3)'
    >>> difference(Verdict(0.01304, 0.01296, False, True, 8))
    '+1.304 points (± 1.296)'
    """
    if found.identical:
        return "identical, number for number"
    value, margin = 100 * found.difference, 100 * found.margin
    if np.isnan(margin):
        return f"{value:+.2g} points (one repetition: this may be chance)"
    fewest = max(0, 1 - math.floor(math.log10(margin))) if margin else 2  # two of the margin's
    digits = next(
        (n for n in range(fewest, 12) if _excludes_zero(value, margin, n) == found.clear), fewest
    )
    return f"{round(value, digits) + 0.0:+.{digits}f} points (± {margin:.{digits}f})"


def _excludes_zero(value: float, margin: float, digits: int) -> bool:
    return abs(round(value, digits)) > round(margin, digits)


def _orphan(made: int, listed: int, moved: int, same: bool) -> str:
    results = "; its results are those of “none”, number for number" * same
    return (
        f"The orphan: {made} layers were made, **{listed} of them are in `model.layers`** and the "
        f"weights of {moved} changed. A layer that is made and not added to the model does "
        f"nothing, and no error says so{results}."
    )


WORDS: Words = {
    "order": _order,
    "no order": _no_order,
    "against": _against,
    "orphan": _orphan,
    "nothing to compare": lambda: (
        "Nothing to compare: choose “none” and another placement, or two others."
    ),
}
