"""The sentences about learning rates, by kind of claim."""

from __future__ import annotations

from collections.abc import Sequence

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.classifier.state import TITLES
from ui.questions.rates.state import GUESSES


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
    "largest": _largest,
    "variant": _variant,
    "meaning": _meaning,
    "too few": lambda rows: (
        f"**{rows} validation rows are too few to show that**: choose more rows."
    ),
}
