"""The sentences of the Iris page, by the kind of claim."""

from __future__ import annotations

from collections.abc import Sequence

import bncore
from bncore.experiments.iris import IrisFound
from bncore.experiments.weights import Weight
from bncore.moments import Array
from ui.page.claims import Words, sentence
from ui.page.predictions import feedback
from ui.questions.iris.answers import expected_variance, held, left, parameters
from ui.questions.iris.state import GUESSES, IrisState
from ui.state.amounts import at_most, counted
from ui.state.numbers import format_number, format_share


def answer(state: IrisState, x: Array, found: IrisFound) -> str:
    """The answer in words, made of the real model's weights and of what was recorded."""
    claim = held(x, found)
    return sentence(claim, WORDS) + feedback(state.guess, str(claim.numbers["means"]), GUESSES)


def parameter_words(weights: Sequence[Weight]) -> str:
    """The parameters in words, counted in the real model."""
    return sentence(parameters(weights), WORDS)


def left_words(state: IrisState, made: int) -> str:
    """How many updates there were, and what they left of the initial values."""
    return sentence(left(state, made), WORDS)


def variance_words(state: IrisState, rows: int) -> str:
    """Why the moving variance is not that of the columns."""
    return sentence(expected_variance(state, rows), WORDS)


def _holds(
    shape: tuple[int, ...],
    means: int,
    per: str | None,
    rows: int,
    alike: bool,
    updates: int,
    off: float,
    worst: int,
    there: float,
    column: float,
) -> str:
    one_per = f", one per {per}" if per else ""
    unlike = f", not ({rows},)" if shape != (rows,) else ""
    weights = "All four of its weights have" if alike else "Not all have"
    return (
        f"The layer holds **{means} means**{one_per}: `moving_mean` has shape **{shape}**{unlike}. "
        f"{weights} that shape. After {counted(updates, 'update')} every moving mean is at "
        f"most **{at_most(off)}** from its column's mean over all {rows} rows (worst: "
        f"{bncore.DATASETS['iris']().features[worst]}, "
        f"{there:.4f} against {column:.4f})."
    )


def _parameters(inside: int, learned: int, everything: int, trained: int) -> str:
    return (
        f"The batch normalisation holds **{inside} numbers, {learned} of them trainable** (gamma "
        f"and beta); the other {inside - learned}, the moving mean and variance, are not learned "
        f"by gradients. The whole model holds {everything}: {trained} trainable and "
        f"{everything - trained} not."
    )


def _left(made: int, keep: float, share: float) -> str:
    number = format_number(keep)
    return (
        f"{counted(made, 'update')} with keep {number} leave `{number}^{made}` = "
        f"**{format_share(share)}** of the initial values (mean 0, variance 1)."
    )


def _mini_batches(size: int, rows: int, ratio: float, rest: int) -> str:
    words = (
        f"Batches of {size} from {rows} rows have, on average, {ratio:.4f} times the "
        "variance of all rows (Keras 3 stores the biased one): the dotted lines of the variance "
        "include this. Each batch differs, so the curves keep moving around them."
    )
    if rest:
        words += (
            f" The last batch of an epoch has {counted(rest, 'row')} only, and counts as "
            "much as a full one."
        )
    return words


WORDS: Words = {
    "holds": _holds,
    "parameters": _parameters,
    "left": _left,
    "nothing taken over": lambda: (
        "With keep 1 the layer never takes anything over: its statistics stay as they were."
    ),
    "whole data set": lambda: (
        "Every batch is the whole data set, so the moving variance approaches the data's variance."
    ),
    "one row a batch": lambda: (
        "Batches of one row have no variance: the moving variance only forgets its initial 1 and "
        "goes to 0, while the moving mean keeps moving with every row."
    ),
    "mini-batches": _mini_batches,
}
"""The sentence of each kind of claim."""
