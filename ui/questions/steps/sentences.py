"""The sentences of the step-by-step page, by the kind of claim."""

from __future__ import annotations

import numpy as np

from bncore.moments import Array
from ui.page.claims import Words, sentence
from ui.page.predictions import feedback
from ui.questions.steps.facts import claims
from ui.questions.steps.state import GUESSES, Pass, StepsState
from ui.questions.steps.tried import in_inference, in_training


def facts(whole: Pass, step: str) -> list[str]:
    """What can be read off the numbers of this step: a paragraph each."""
    return [sentence(claim, WORDS) for claim in claims(whole, step)]


def guess_words(state: StepsState) -> str:
    """The prediction, tried in training mode; and what inference mode does."""
    tried, inference = in_training(state), in_inference(state)
    prediction = feedback(state.guess, tried.numbers.get("found"), GUESSES)
    return f"{sentence(tried, WORDS)}{prediction} {sentence(inference, WORDS)}"


def _some(mode: str | None) -> str:
    return f"In {mode} mode some numbers are" if mode else "Some numbers here are"


def _row(values: Array) -> str:
    return ", ".join(f"{value:.4f}" for value in np.round(values, 4) + 0.0)


def _normalised(means: Array, variances: Array) -> str:
    return f"Column means of x̂: {_row(means)}; column variances: {_row(variances)}."


def _normalised_to(means: Array, variances: Array, below: float | None) -> str:
    share = "" if below is None else f" (below 1 by at most {below:.2g})"
    return f"{_normalised(means, variances)[:-1]}, which is σ²/(σ²+ε){share}."


def _gradients(direct: int, touched: int, blurred: int) -> str:
    words = f"Numbers of z with a gradient: {direct} directly, {touched} in the end."
    if blurred:
        words += f" In {blurred} of them the terms cancel up to rounding, which counts as 0."
    return words


def _column_sums(largest: float, zero: bool, along: float, share: float | None) -> str:
    if zero:
        first = f"Every column of the gradient sums to 0 (here {largest:.2g}, rounding), because "
    else:
        first = f"A column of the gradient sums to {largest:.2g}: more than rounding, although "
    first += "shifting a column of z changes nothing."
    if share is None:
        return f"{first} Its sum with x̂ is {along:.2g}."
    return (
        f"{first} Its sum with x̂ would be 0 for ε = 0, because then stretching the column would "
        f"change nothing either. Here it is at most {along:.2g}: the share ε/(σ²+ε), at most "
        f"{share:.2g}, of what goes in directly."
    )


def _training(found: str, change: float) -> str:
    same = found == "same"
    answer = "In training mode **nothing changes**" if same else "Tried in training mode"
    return (
        f"{answer}: with 100 added to every number of column 0 of z, its outputs y change by at "
        f"most **{change:.2g}**." + " The mean takes it away again." * same
    )


WORDS: Words = {
    "division by 0": lambda mode: (
        f"{_some(mode)} **not finite**: a column of variance 0 is divided by √(0 + ε), which needs "
        "an ε above 0."
    ),
    "beyond float64": lambda mode: (
        f"{_some(mode)} **not finite**: they are beyond float64 (1.8e308)."
    ),
    "normalised": _normalised,
    "normalised to": _normalised_to,
    "flat": lambda flat, count: f"{flat} of the {count} gradients end at a flat activation.",
    "gradients": _gradients,
    "column sums": _column_sums,
    "same in every row": lambda largest: (
        "The same gradient arrives in every row: that asks for a shift of the column and nothing "
        f"else, so the gradient of z is at most {largest:.2g}."
    ),
    "differences lost": lambda: (
        "No verdict in training mode: float64 has 16 digits, and next to 100 (or to numbers as "
        "large as these) the differences in column 0 of z are lost."
    ),
    "training": _training,
    "moving variance 0": lambda: (
        "In inference mode there is nothing to compare: the moving variance of column 0 and ε are "
        "both 0, and its outputs are divided by √0."
    ),
    "inference hidden": lambda expected: (
        "In inference mode, where the moving mean does not know about it, they should change "
        f"by γ · 100 / √(moving variance + ε) = {expected:.4g}; next to numbers of this size "
        "float64 cannot show it."
    ),
    "inference": lambda expected: (
        "In inference mode, where the moving mean does not know about it, they change by "
        f"**{expected:.4g}** (γ · 100 / √(moving variance + ε))."
    ),
}
"""The sentence of each kind of claim."""
