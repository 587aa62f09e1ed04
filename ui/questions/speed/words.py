"""The sentences about speed, by kind of claim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.speed.state import GUESSES

_DIGITS = {"float32": 7, "float64": 16}
GONE = 0.1  # of a variance: not one digit is left


def error_text(error: float) -> str:
    """An error for people.

    >>> error_text(0.0123), error_text(float("nan"))
    ('0.012', 'not finite')
    """
    return f"{error:.2g}" if math.isfinite(error) else "not finite"


def _inside(name: str) -> str:
    """A way's title inside a sentence."""
    return GUESSES[name]


def _listed(names: Sequence[str]) -> str:
    *first, last = map(_inside, names)
    return f"{', '.join(first)} and {last}" if first else last


def _exact(errors: Mapping[str, float]) -> str:
    return (
        f"an error of the variance of **{error_text(errors['engine'])}** instead of "
        f"{error_text(errors['naive'])}"
    )


def _ratio(engine: float, naive: float, errors: Mapping[str, float]) -> str:
    return (
        f"**For mean and variance the engine needs {engine / naive:.2g} times NumPy's time here** "
        f"({1e3 * engine:.3g} ms, {1e3 * naive:.3g} ms), with {_exact(errors)}."
    )


def _level(engine: float, naive: float, errors: Mapping[str, float]) -> str:
    return (
        "**For mean and variance there is no clear difference in time between the engine and "
        f"NumPy** ({1e3 * engine:.3g} ms, {1e3 * naive:.3g} ms, and the rounds overlap). The "
        f"engine has {_exact(errors)}."
    )


def _fastest(name: str, seconds: Mapping[str, float], guess: str) -> str:
    others = ", ".join(
        f"{_inside(each)} {seconds[each] / seconds[name]:.2g} times as long"
        for each in sorted(seconds, key=seconds.__getitem__)
        if each != name
    )
    return (
        f"With x̂, fastest is **{_inside(name)}**: {1e3 * seconds[name]:.3g} ms."
        f"{feedback(guess, name, GUESSES)} It takes {others}."
    )


def _no_fastest(names: Sequence[str], guess: str) -> str:
    said = "" if guess == "unsure" else f" You predicted: {_inside(guess)}."
    return f"With x̂, **none is clearly the fastest**: the rounds of {_listed(names)} overlap.{said}"


def _errors(best: str, worst: str, errors: Mapping[str, float]) -> str:
    return (
        f"x̂ is closest to the exact one from **{_inside(best)}** (off by "
        f"{error_text(errors[best])} deviations at most), and furthest from it from "
        f"**{_inside(worst)}** ({error_text(errors[worst])})."
    )


def _short_lost(error: float, naive: float, share: float, dtype: str) -> str:
    lost = "digits" if error < GONE else "the variance"
    return (
        f"**E[x²] − E[x]² loses {lost}**: its error is {error_text(error)} of it, against "
        f"{error_text(naive)} in two passes. Both terms are about {share:,.0f} times as large as "
        f"their difference, and {dtype} keeps {_DIGITS[dtype]} digits."
    )


def _short_negative(share: float, dtype: str) -> str:
    return (
        "**E[x²] − E[x]² came out as −ε or less**, which no variance is, so its x̂ is not finite. "
        f"Both terms are about {share:,.0f} times as large as their difference, and {dtype} keeps "
        f"{_DIGITS[dtype]} digits."
    )


def _memory(tensors: Mapping[str, float], without: Sequence[str]) -> str:
    held = ", ".join(f"{_inside(name)} {size:.1f}" for name, size in tensors.items())
    missing = "" if not without else f" Not measured: {_listed(without)}."
    return f"Memory beside the tensor, in its own size, with the result: {held}.{missing}"


WORDS: Words = {
    "unfinished": lambda rounds, wanted: (
        f"**No comparison of times**: the run ended after {rounds} of {wanted} rounds with every "
        "way."
    ),
    "less": _ratio,
    "more": _ratio,
    "level": _level,
    "fastest": _fastest,
    "no fastest": _no_fastest,
    "errors": _errors,
    "short lost": _short_lost,
    "short negative": _short_negative,
    "short worse": lambda error, naive: (
        f"E[x²] − E[x]² is less exact here: its error of the variance is {error_text(error)}, "
        f"against {error_text(naive)} in two passes."
    ),
    "short kept": lambda error, naive: (
        f"E[x²] − E[x]² keeps the variance here (error {error_text(error)}, two passes "
        f"{error_text(naive)}). Move the mean further from 0 to see it fail."
    ),
    "single": lambda error: (
        "The engine's TensorFlow backend computes in float32, whatever it is given: hence its "
        f"{error_text(error)}."
    ),
    "memory": _memory,
}

METHOD = """
Times are those of the machine that ran this, whatever else it did meanwhile: the median of the
rounds, in which the ways take turns, and the fastest and the slowest round in brackets. “Clear”
is a difference where these ranges do not touch. NumPy and the engine go from array to array, and
so does the engine on TensorFlow, with the way to a GPU and back; the layer's tensor is on its
device before, and its output stays there. A training worker gives TensorFlow one thread on the
processor; the engine takes more for large tensors. “Processor” counts the time of all threads,
GB/s the tensor once over the time with x̂.

Errors are the largest of any feature (the variance, as a share of itself) and of any element (x̂,
in deviations), against two passes in a wider float. Memory is counted by Python's tracemalloc,
which sees NumPy's arrays; TensorFlow keeps what it has freed, so its memory cannot be told from
outside.
"""
