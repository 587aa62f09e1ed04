"""The sentences of the batch-axis page, by the kind of claim."""

from __future__ import annotations

from collections.abc import Mapping

from bncore.experiments.batch_axis import BatchAxisFound, InOrders
from ui.page.claims import Words, say, sentence
from ui.page.predictions import feedback
from ui.questions.batch_axis.answers import PLACES, answers, drift, left, measured, shuffled
from ui.questions.batch_axis.state import GUESSES, BatchAxisState
from ui.state.amounts import at_most, counted
from ui.state.numbers import format_number, format_share


def answer(state: BatchAxisState, found: BatchAxisFound) -> str:
    """The answer in words, made of what the steps returned."""
    return say(answers(state, found), WORDS)


def shuffle_words(outputs: InOrders) -> str:
    """What giving the same rows in another order did to their outputs."""
    return sentence(shuffled(outputs), WORDS)


def drift_words(state: BatchAxisState, axis: str, moving: InOrders) -> str:
    """Where the moving means stand after each run, measured from the lines."""
    return sentence(drift(state, axis, moving), WORDS)


def left_words(state: BatchAxisState) -> str:
    """How much of the initial value the moving means still hold."""
    return sentence(left(state), WORDS)


def guess_words(state: BatchAxisState, moving: InOrders) -> str:
    """The prediction beside what was measured."""
    claim = measured(state, moving)
    return sentence(claim, WORDS) + feedback(state.guess, claim.numbers.get("found"), GUESSES)


def _relative(share: float | None, elsewhere: bool) -> str:
    if share is None:
        return ""
    if elsewhere:
        return f" (in another feature by {share:.2g} of its largest output)"
    return f" ({share:.2g} of the feature's largest output)"


def _left(updates: int, keep: float, share: float) -> str:
    held = f"After {counted(updates, 'update')} with keep {format_number(keep)} the "
    rest = "; the rest is what they saw" if share < 1 else ""
    return f"{held}moving means hold {format_share(share)} of their initial 0{rest}."


def _answer(
    kept: tuple[int, ...],
    rows: int,
    features: int,
    asked: int,
    errors: Mapping[str, str],
    largest: float,
    beside: float,
) -> str:
    predict = f"predict {counted(asked, 'row')}"
    known = _does(errors["unknown"], "be built", "is built")
    fixed = _does(errors["fixed"], "be built", "is built")
    trains = _does(errors["fit"], "be trained", "trains")
    predicts = _does(errors["other"], predict, predict.replace("predict", "predicts"))
    return (
        "**To average over the batch, use `axis=-1`**: it keeps the features. In "
        f"BatchNormalization `axis=0` **keeps** the batch axis: its moving mean has shape "
        f"{kept}, one number per position in the batch, each an average over "
        f"{counted(features, 'feature')}. Without knowing the batch size the layer {known}; with "
        f"{counted(rows, 'row')} fixed it {fixed} and {trains}. Then it {predicts}. Put the same "
        f"rows in another order, and outputs change by up to {largest:.2g} with `axis=0` and by "
        f"{beside:.2g} with `axis=-1`."
    )


def _does(error: str, cannot: str, can: str) -> str:
    return f"cannot {cannot} ({error})" if error else can


WORDS: Words = {
    "not finite": lambda: (
        "The outputs are **not finite**: training diverged. Choose a smaller learning rate."
    ),
    "same outputs": lambda: (
        "Every row's output is **the same, bit for bit**, wherever the row stands."
    ),
    "outputs but for rounding": lambda largest, share, elsewhere: (
        f"A row's outputs differ by at most {at_most(largest)}{_relative(share, elsewhere)}: no "
        "more than rounding."
    ),
    "other outputs": lambda largest, share, elsewhere: (
        f"The same row in another position gives **another output**: it differs by up to "
        f"**{largest:.4g}**{_relative(share, elsewhere)}."
    ),
    "drift of features": lambda fixed, shuffled, between: (
        f"The largest distance to a feature's own mean is {fixed:.2g} in fixed order "
        f"and {shuffled:.2g} shuffled. The order of the rows changed the moving means "
        f"by {between:.2g}."
    ),
    "drift of positions": lambda fixed, shuffled, grand, from_grand: (
        f"In fixed order every position is within {at_most(fixed)} of the mean of the row that "
        f"stands there. Shuffled, it is up to {shuffled:.2g} away from that, and within "
        f"{at_most(from_grand)} of the mean of all numbers, {grand:.4g}."
    ),
    "left": _left,
    "no verdict": lambda reached: (
        f"Position 0 ended at {reached:.4g} when shuffled. The possible answers are closer "
        "together here than a moving average wanders: no verdict."
    ),
    "nearest": lambda reached, found: (
        f"Shuffled, position 0 ended at {reached:.4g}, nearest to **{PLACES[found]}**."
    ),
    "answer": _answer,
    "as many rows": lambda: (
        "You asked for as many rows as the layer was built with, which hides the trouble: "
        "choose another number of rows to predict."
    ),
}
"""The sentence of each kind of claim."""
