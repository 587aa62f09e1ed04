"""The sentences about the bias, by kind of claim."""

from __future__ import annotations

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.bias.state import GUESSES
from ui.state.amounts import at_most, counted


def _training(
    rows: int, bias: float, kernel: float, plain: float, change: float, taken: bool,
    answer: str | None, guess: str,
) -> str:  # fmt: skip
    return (
        f"Measured after the last update on the first {counted(rows, 'row')} (the curves use each "
        "update's own batch): in **training mode** the gradient of the bias has the norm "
        f"**{bias:.2g}** (the kernel's: {kernel:.2g}; without the normalisation the bias has "
        f"{plain:.2g}). Adding 1 to every bias changes the outputs by at most {at_most(change)}"
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
