"""The sentences about the gap between both modes, by kind of claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.modes.state import GUESSES

_REASONS = {
    "division": ": a variance of 0 means a division by √(0 + ε), which needs an ε above 0",
    "beyond": ": the variance of these numbers is beyond float32 (3.4e38)",
    "unknown": "",
}


def _outcome(keep: str, found: str, guess: str) -> str:
    return f"For the smallest keep ({keep}): **{GUESSES[found]}**." + feedback(
        guess, found, GUESSES
    )


def _apart(first: float, updates: int, ends: Mapping[str, float]) -> str:
    listed = ", ".join(f"**{gap:.3g}** with keep {keep}" for keep, gap in ends.items())
    return (
        f"The new layer holds mean 0 and variance 1, and its two outputs are **{first:.3g}** "
        f"apart. After {updates:,} update{'s' * (updates > 1)}: {listed}."
    )


def _gap(left: float, size: int, rows: int, rest: int, whole: float) -> str:
    uneven = (
        f" The last batch of every epoch has {rest} row{'s' * (rest > 1)} only, and counts as "
        "much as a full one."
    )
    return (
        f"Expected final gap: **{left:.3g}** (dotted line). Training mode uses the mean and "
        f"variance of this batch of {size}, inference mode the moving average over batches from "
        f"all {rows} rows. More updates do not remove it; if every batch were all {rows} rows, "
        f"{whole:.2g} would be left.{uneven * bool(rest)}"
    )


def _unsettled(keeps: Sequence[str]) -> str:
    memory = " and ".join(
        f"about {1 / (1 - float(keep)):.3g} with keep {keep}" if float(keep) else "1 with keep 0"
        for keep in keeps
    )
    return (
        f"An average of few batches does not settle ({memory}): its gap follows the last batches "
        "and need not meet the dotted line."
    )


def _one_row(largest: float) -> str:
    rounding = ", up to rounding" * bool(largest)
    return (
        f"A batch of one is its own mean: in training mode every output is beta, here 0{rounding} "
        f"(largest recorded: {largest:g}), whatever the row holds. PyTorch raises an error "
        "instead; Paddle returns the row as it came."
    )


WORDS: Words = {
    "not finite": lambda why: (
        f"Some outputs are **not finite**, so there is no gap to compare{_REASONS[why]}."
    ),
    "outcome": _outcome,
    "apart": _apart,
    "not predicted": lambda: (
        "No final gap can be predicted: the layer computes in float32 (7 digits, up to 3.4e38), "
        "which cannot hold these data, their differences or their variance."
    ),
    "no gap": lambda whole: (
        "Expected final gap: 0"
        + ": the batch is the whole data set, and Keras 3 stores the biased variance, the one "
        "that it normalises with" * whole + "."
    ),
    "gap": _gap,
    "unsettled": _unsettled,
    "one row": _one_row,
}
