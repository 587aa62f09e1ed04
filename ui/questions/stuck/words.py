"""The sentences about validation that is stuck, by kind of claim."""

from __future__ import annotations

from bncore.moving import updates_until
from ui.page.claims import Words
from ui.page.predictions import feedback
from ui.questions.stuck.state import GUESSES
from ui.state.numbers import format_number, format_share

DEFAULT = 0.99  # Keras' keep


def _points(difference: float) -> str:
    """A difference of two shares.

    >>> _points(0.525), _points(-0.009)
    ('52.5 points', '-0.9 points')
    """
    return f"{100 * difference:.1f} points"


def _accuracies(
    keep: str, common: float, training_mode: float, inference_mode: float, validation: float
) -> str:
    return (
        f"With keep {keep}, **{training_mode:.1%}** of the training rows are right in training "
        f"mode, and **{inference_mode:.1%}** of *the same rows* in inference mode; validation "
        f"rows, always in inference mode: **{validation:.1%}** (the most common class alone would "
        f"be {common:.1%})."
    )


def _not_stuck(lost: float) -> str:
    beside = f"{_points(abs(lost))} {'above' if lost < 0 else 'below'}"
    return f"**Validation is not stuck**: it ends {beside} the training rows in training mode."


def _begun(mostly: bool) -> str:
    return f"**{'Most of this' if mostly else 'This'} is not overfitting, the moving statistics"


def _lagging(mostly: bool, updates: int, left: float, keep: float, guess: str) -> str:
    needed = f"; {updates_until(keep, 0.01):,} updates would leave 1 %" if 0 < keep < 1 else ""
    default = (
        f" (With Keras' default keep, {DEFAULT:g}, {format_share(DEFAULT**updates)} would be left: "
        f"{format_number(keep)} exaggerates.)"
    )
    return (
        f"{_begun(mostly)} lag behind.** After {updates:,} update{'s' * (updates > 1)} they still "
        f"hold {format_share(left)} of their initial values (mean 0, variance 1){needed}."
        + default * (keep > DEFAULT)
        + feedback(guess, "lagging", GUESSES)
    )


def _few_batches(mostly: bool, keep: float, size: int) -> str:
    memory = f"about {1 / (1 - keep):,.0f} batches" if keep else "the last batch only, one"
    return (
        f"{_begun(mostly)} are not those of the data.** With keep {format_number(keep)} they "
        f"remember {memory} of {size}."
    )


_SECOND = {
    "cures": "**Cure: let it {verb}.** With",
    "helps": "Letting it {verb} helps, but is **no cure**: with",
    "none": "Changing keep did not help: with",
}


def _second_keep(
    found: str, sooner: bool, first: str, second: str, before: float, after: float
) -> str:
    begun = _SECOND[found].format(verb="forget sooner" if sooner else "remember longer")
    return (
        f"{begun} keep {second} validation ends at **{after:.1%}** ({before:.1%} with keep "
        f"{first})."
    )


_AVERAGING = {
    "cures": "**Cure without training again:** average",
    "helps": "Averaging after training helps, but is **no cure**: take",
    "none": "Averaging after training did not help: take",
}


def _averaging(found: str, keep: str, before: float, after: float) -> str:
    return (
        f"{_AVERAGING[found]} mean and variance over the training batches and store them. The "
        f"model with keep {keep} then gets **{after:.1%}** of the validation rows right "
        f"({before:.1%} before)."
    )


WORDS: Words = {
    "accuracies": _accuracies,
    "nothing learned": lambda: (
        "**Nothing was learned**: in training mode no more rows are right than the most common "
        "class alone would give. There is no success for validation to fall short of."
    ),
    "not stuck": _not_stuck,
    "other reason": lambda lost, modes: (
        f"**The moving statistics are not what holds it back**: validation ends {_points(lost)} "
        f"below training, and both modes on the training rows are {_points(abs(modes))} apart."
    ),
    "lagging": _lagging,
    "few batches": _few_batches,
    "lose": lambda validation, trained: (
        f"Validation rows lose {_points(validation)}; rows that were trained on lose "
        f"{_points(trained)} in inference mode alone."
    ),
    "second keep": _second_keep,
    "averaging": _averaging,
    "no averaging": lambda: (
        "Averaging after training needs batches of 2 rows or more: one row has no variance."
    ),
}
