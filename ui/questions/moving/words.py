"""The sentences about a recorded moving variance, made from what is claimed about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bncore.estimators import BIASED, KERAS_2, UNBIASED, VarianceEstimator
from bncore.paths import Case
from bncore.settling import Settling
from ui.page.predictions import feedback, predictions

GUESSES = predictions(
    biased="the biased one",
    unbiased="the unbiased one, n/(n-1)",
    keras2="Keras 2's, n/(n-(1+epsilon))",
)
_ANSWERS = {BIASED.id: "biased", UNBIASED.id: "unbiased", KERAS_2.id: "keras2"}


def sentence(title: str, claim: Settling, case: Case) -> str:
    """What is claimed of the layer of this title: the answer first, then its numbers."""
    return f"**{title}**{_SENTENCES[claim.kind](claim, case)}{left_out(case, claim)}"


def guess_words(claim: Settling, guess: str) -> str:
    """Which variance stock Keras 3 stores, and the prediction; empty where there is no name."""
    if claim.kind not in ("reached", "near", "averages"):
        return ""
    answer = _ANSWERS[claim.possible[0].id]
    return f"Stock Keras 3 stores **{GUESSES[answer]}**.{feedback(guess, answer, GUESSES)}"


def multiplies(estimator: VarianceEstimator, case: Case) -> str:
    """What the estimator does to the biased variance of a batch of n rows.

    >>> case = Case.of([[1.0], [2.0], [3.0], [4.0], [5.0]], 5, keep=0.99, epsilon=1e-3)
    >>> multiplies(UNBIASED, case), multiplies(KERAS_2, case)
    ('n = 5, so this layer multiplies by 5/4: 25 % too large', 'n = 5, so this layer multiplies \
by 5/3.999: 25.03 % too large')
    """
    n = case.batch_size
    factor = estimator.factor(n, case.epsilon)
    if estimator.id == BIASED.id:
        return f"n = {n}, and this layer multiplies by 1: it stores the biased variance itself"
    divisor = n - 1 if estimator.id == UNBIASED.id else n - (1 + case.epsilon)
    words = f"n = {n}, so this layer multiplies by {n}/{divisor:.10g}"
    if not factor > 0:
        return f"{words} = {factor:.4g}: no variance at all"
    return f"{words}: {100 * (factor - 1):.4g} % too large"


def percent(share: float) -> str:
    """A relative difference in per cent; below 0.001 % as a plain number.

    >>> percent(0.2), percent(0.00025), percent(1.9e-07), percent(3.0)
    ('20 %', '0.025 %', '1.9e-07', '300 %')
    """
    if share < 1e-5:
        return f"{share:.2g}"
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:,.0f} %"


def left_out(case: Case, claim: Settling) -> str:
    """The features about which nothing can be said, and why."""
    if claim.kind in ("stays", "nothing"):
        return ""
    found = [f"{_features(mask)} {why}" for mask, why in _reasons(case) if mask.any()]
    return f" Left out: {'; '.join(found)}." if found else ""


def _reasons(case: Case) -> list[tuple[np.ndarray, str]]:
    return [
        (case.variance == 0, "constant"),
        (
            case.too_small,
            "so small a variance that, times 1 − keep, it is below 1.2e-38, float32's smallest "
            "normal number: its moving variance can never get there",
        ),
        (case.too_large, "a variance above 3.4e+38, float32's largest number"),
    ]


def _features(mask: np.ndarray) -> str:
    numbers = np.flatnonzero(mask)
    shown = ", ".join(map(str, numbers[:5])) + ", …" * (len(numbers) > 5)
    return f"feature{'s' * (len(numbers) > 1)} {shown}:"


def _name(estimator: VarianceEstimator) -> str:
    return "biased" if estimator.id == BIASED.id else estimator.id


def _names(claim: Settling) -> str:
    *first, last = (_name(estimator) for estimator in claim.possible)
    return f"{', '.join(first)} and {last}"


def _after(claim: Settling) -> str:
    return f"{claim.update:,} update{'s' * (claim.update > 1)}"


def _nothing(claim: Settling, case: Case) -> str:
    if case.batch_size == 1:
        return (
            ": no verdict, there is no variance to compare. A batch of one row has the variance 0, "
            "whatever the row holds."
        )
    found = [f"{_features(mask)} {why}" for mask, why in _reasons(case) if mask.any()]
    return f": no verdict, there is no variance to compare. {'; '.join(found).capitalize()}."


def _stays(claim: Settling, case: Case) -> str:
    if case.keep == 1:
        return ": with keep 1 nothing new is taken over, so it stays at 1 for ever."
    return (
        f": stays at 1 for ever. With keep {case.keep:.10g} an update changes it by less than "
        "float32 can hold beside 1 (6e-8)."
    )


def _unlike(claim: Settling, case: Case) -> str:
    n = case.batch_size
    if any(not np.isfinite(e.factor(n, case.epsilon)) for e in (UNBIASED, KERAS_2)):
        return f": no verdict. With n = {n} and epsilon {case.epsilon:g} a correction divides by 0."
    return f": no verdict. It follows none of these: {', '.join(map(_name, case.candidates))}."


def _open(claim: Settling, case: Case) -> str:
    if claim.when is None:
        return _never(claim, case)
    if len(claim.possible) == len(case.candidates):
        return (
            f": not there yet after {_after(claim)}: {claim.share:.2g} of the initial variance 1 "
            f"is left. The first targets are told apart after about {claim.when:,}."
        )
    return (
        f": {_names(claim)} are not told apart yet after {_after(claim)}; they will be after about "
        f"{claim.when:,}. They are {percent(claim.apart)} apart, and {percent(claim.left)} of the "
        f"initial variance 1 is left, relative to the smallest variance.{_ruled_out(claim, case)}"
    )


def _ruled_out(claim: Settling, case: Case) -> str:
    others = [_name(e) for e in case.candidates if e not in claim.possible]
    return f" It is not {' or '.join(others)}." if others else ""


def _never(claim: Settling, case: Case) -> str:
    ruled_out = _ruled_out(claim, case)
    if claim.apart == 0:
        return f": {_names(claim)} are the same here (epsilon {case.epsilon:g}).{ruled_out}"
    if not case.whole and claim.rounding < claim.apart / 2:
        return (
            f": {_names(claim)} are not told apart by these mini-batches: they are "
            f"{percent(claim.apart)} apart.{ruled_out}"
        )
    return (
        f": {_names(claim)} cannot{' all' * (len(claim.possible) > 2)} be told apart, however "
        f"long it is trained: they are "
        f"{percent(claim.apart)} apart, and with keep {case.keep:.10g} rounding in float32 may "
        f"leave the average {percent(claim.rounding)} away from its target.{ruled_out}"
    )


def _near(claim: Settling, case: Case) -> str:
    estimator = claim.possible[0]
    words = f" approaches **{_name(estimator)}**: {multiplies(estimator, case)}. "
    if claim.when is None:
        return words + (
            f"It is {percent(claim.miss)} off; with keep {case.keep:.10g} rounding in float32 may "
            f"leave up to {percent(claim.rounding)}."
        )
    return words + (
        f"It is {percent(claim.miss)} off after {_after(claim)} ({claim.share:.2g} of the initial "
        f"variance 1 is left) and arrives after about {claim.when:,}."
    )


def _reached(claim: Settling, case: Case) -> str:
    estimator = claim.possible[0]
    return (
        f" reached **{_name(estimator)}**: {multiplies(estimator, case)}. Largest relative "
        f"difference {claim.miss:.2g}; {_name(claim.rival or estimator)} is "
        f"{percent(claim.apart)} off."
    )


def _averages(claim: Settling, case: Case) -> str:
    estimator = claim.possible[0]
    memory = f"{1 / (1 - case.keep):,.0f} update{'s' * (case.keep > 0)}"
    return (
        f" averages **{_name(estimator)}** of each mini-batch: {multiplies(estimator, case)}. It "
        f"is now {percent(claim.miss)} from its expected final value. Mini-batches keep it moving: "
        f"with keep {case.keep:.10g} it remembers about {memory}."
    )


_SENTENCES: dict[str, Callable[[Settling, Case], str]] = {
    "nothing": _nothing,
    "stays": _stays,
    "unlike": _unlike,
    "open": _open,
    "near": _near,
    "reached": _reached,
    "averages": _averages,
}
