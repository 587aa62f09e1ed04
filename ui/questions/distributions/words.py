"""The sentences about flat activations, by kind of claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bncore.moments import Array
from bncore.placement import SATURATED
from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.classifier.state import TITLES
from ui.questions.distributions.state import GUESSES


def flat_name(activation: str) -> str:
    """What the share of flat activations is called.

    >>> flat_name("relu"), flat_name("tanh")
    ('Dead units', 'Saturated (|tanh| > 0.95)')
    """
    if activation == "relu":
        return "Dead units"
    low, high = SATURATED[activation]
    if low == -high:
        return f"Saturated (|{activation}| > {high:g})"
    return f"Saturated ({activation} < {low:g} or > {high:g})"


def hills(activation: str) -> str:
    """What the hills show, and what is red in them."""
    told = (
        "Hills: how often each value occurs in the first repetition, on its validation rows; red "
        "where the activation is flat, and the outline is the hill before training. Values beyond "
        "the range are counted in the outermost bins; where such a bin is too high to draw, its "
        "share is written beside it. The share beside a name, and in the last picture: the mean of "
        "all repetitions, there in a band from the least to the largest."
    )
    if activation != "relu":
        return told
    return (
        f"{told} Dead: a unit that is 0 for every validation row. Red also marks the values below "
        "0 that arrive at units that are alive."
    )


def _range(shares: Array) -> str:
    found = shares[np.isfinite(shares)]
    if not found.size:
        return "diverged"
    return f"{found.mean():.0%} ({found.min():.0%} to {found.max():.0%})"


def _smallest(found: Sequence[str], lost: Mapping[str, int], count: int, guess: str) -> str:
    return (
        f"Smallest share over all blocks: **“{TITLES[found[0]]}”**, clearly below the others "
        f"(95 % for all pairs together).{_left_out(lost, count)}"
        + feedback(guess, found[0], GUESSES)
    )


def _not_told_apart(found: Sequence[str], lost: Mapping[str, int], count: int) -> str:
    named = ", ".join(f"“{TITLES[name]}”" for name in found)
    return (
        "Smallest share over all blocks: **no clear answer** (95 % for all pairs together). "
        f"Not told apart: {named}.{_left_out(lost, count)}"
    )


def _left_out(lost: Mapping[str, int], count: int) -> str:
    if not lost:
        return ""
    each = ", ".join(f"“{TITLES[name]}” {n} of {count}" for name, n in lost.items())
    return f" What diverged has no share and is left out: {each}."


def _one_left(known: Sequence[str]) -> str:
    but = f" but “{TITLES[known[0]]}”" if known else ""
    return f"Smallest share over all blocks: **no verdict**, all{but} have diverged."


def _block(block: int, activation: str, shares: Mapping[str, Array]) -> str:
    what = flat_name(activation).lower()
    what += " (zero for every validation row)" * (activation == "relu")
    each = ", ".join(f"{TITLES[name]} {_range(flat)}" for name, flat in shares.items())
    return f"Block {block + 1}, {what}: {each}."


WORDS: Words = {
    "smallest": _smallest,
    "not told apart": _not_told_apart,
    "one left": _one_left,
    "block": _block,
}
