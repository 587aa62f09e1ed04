"""The sentences about learning rates, by kind of claim."""

from __future__ import annotations

from collections.abc import Sequence

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.classifier.state import TITLES
from ui.questions.rates.state import GUESSES

HIGHER = {"yes": "Yes, here", "no": "No, not here", "partly": "Here in some variants only"}


def _higher(answer: str, without: float, least: float, most: float) -> str:
    """Each number is the largest rate with which every repetition learns, or 0 for none."""
    plain = "without batch normalisation there is no rate here with which every repetition learns"
    if without:
        plain = (
            "the largest rate with which every repetition learns is "
            f"{without:g} without batch normalisation"
        )
    normalised = f"the largest is {least:g}" + (f" to {most:g}" * (least < most))
    if not least:
        normalised = f"the largest is {most:g}, and at least one variant has none"
    return f"**{HIGHER[answer]}**: {plain}; with it {normalised if most else 'there is none'}."


def _largest(rate: str, good: Sequence[str], variants: int, answer: str | None, guess: str) -> str:
    where = ", ".join(f"“{TITLES[name]}”" for name in good)
    return (
        f"With {rate}, every repetition still learns in **{len(good)} of {variants} "
        f"variants**{f' ({where})' * bool(good)}." + feedback(guess, answer, GUESSES)
    )


def _variant(name: str, every: Sequence[str], some: Sequence[str]) -> str:
    text = f"every repetition learns with {', '.join(every)}" if every else "no rate for all"
    text += f"; some with {', '.join(some)}" if some else ""
    return f"“{TITLES[name]}”: {text}."


def _meaning(least: float, most: float, trainings: int) -> str:
    low, high = f"{least:.1%}", f"{most:.1%}"
    return (
        "“Learns” means: at the end more validation rows are right than always naming their most "
        f"common class gets ({low if low == high else f'{low} to {high}'}), by more than chance "
        f"explains (binomial test, 5 % for all {trainings} trainings together)."
    )


WORDS: Words = {
    "higher": _higher,
    "largest": _largest,
    "variant": _variant,
    "meaning": _meaning,
    "too few": lambda rows: (
        f"**{rows} validation rows are too few to show that**: choose more rows."
    ),
}
