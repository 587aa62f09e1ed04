"""The sentences about one bad number, by kind of claim."""

from __future__ import annotations

from collections.abc import Sequence

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.bad_number.state import GUESSES, NUMBERS
from ui.state.numbers import format_share


def _ends(
    updates: int, bad: str, feature: int, mean: float, variance: float,
    not_finite: Sequence[int], guess: str, right: Sequence[str],
) -> str:  # fmt: skip
    found = guess if guess in right else next(iter(right), None)
    clean = f"{updates:,} clean update{'s' * (updates != 1)}"
    answer = f"**Not finite at the end: {_listed(not_finite)}.**{feedback(guess, found, GUESSES)}"
    return (
        f"{answer} After one {NUMBERS[bad]} and {clean}, feature {feature} holds the moving mean "
        f"**{mean:.5g}** and the moving variance **{variance:.5g}**."
    )


def _outputs(not_finite: int, size: int, feature: int, seen: Sequence[str], zero: bool) -> str:
    shown = " and ".join(seen[:3]) + " and others" * (len(seen) > 3)
    return (
        f"In inference mode {not_finite} of the {size} outputs of the clean data are not finite, "
        f"and feature {feature} comes out as **{shown}**"
        + (": divided by √∞, every number is 0." if zero else ".")
        + " keep · NaN is NaN and keep · ∞ is never finite, for keep 0 too: a moving average "
        "cannot forget an invalid value. In training mode the layer works as if nothing had "
        "happened, since it uses the batch alone."
    )


def _listed(features: Sequence[int]) -> str:
    if not features:
        return "no feature"
    return f"feature{'s' * (len(features) > 1)} {', '.join(map(str, features))}"


WORDS: Words = {
    "ends": _ends,
    "beyond": lambda features: (
        f"Not because of the bad number: the clean numbers of {_listed(features)}, squared, are "
        "beyond float32 (3.4e38). Choose smaller ones."
    ),
    "outputs": _outputs,
    "cure": lambda: (
        "Cure: reset the moving statistics (or load a checkpoint), and look for the bad number in "
        "the data; `keras.callbacks.TerminateOnNaN` watches the loss only."
    ),
    "heals": lambda share: (
        "The moving mean is finite and heals: each update takes away "
        f"{format_share(share)} of what is left."
    ),
}
