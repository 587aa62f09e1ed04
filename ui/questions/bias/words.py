"""The sentences about the bias, by kind of claim."""

from __future__ import annotations

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.bias.state import GUESSES


def _training(
    bias: float, kernel: float, plain: float, change: float, taken: bool, answer: str | None,
    guess: str,
) -> str:  # fmt: skip
    return (
        f"**Training mode**: the gradient of the bias has the norm **{bias:.2g}** (the kernel's: "
        f"{kernel:.2g}; without the normalisation the bias has {plain:.2g}). Adding 1 to every "
        f"bias changes the outputs by at most {change:.2g}"
        + (": the batch mean takes it away again, up to rounding." if taken else ".")
        + feedback(guess, answer, GUESSES)
    )


WORDS: Words = {
    "diverged": lambda: (
        "The gradients at the end are **not finite**: this training has diverged. Choose a "
        "smaller learning rate."
    ),
    "training": _training,
    "inference": lambda bias, change, needed: (
        "**Inference mode**: the moving mean is a constant, so here the same bias has a gradient "
        f"of **{bias:.2g}**, and adding 1 changes the outputs by up to **{change:.2g}**."
        + " Before a frozen layer the bias is *not* redundant."
        * needed
    ),
    "saves": lambda saved, of: (
        f"Leaving it out saves {saved:,} of {of:,} parameters; beta does its work."
    ),
}
