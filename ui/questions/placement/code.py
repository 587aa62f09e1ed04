"""The variants as one writes them."""

from __future__ import annotations

from collections.abc import Sequence

from bncore.experiments.weights import Weight, count
from bncore.placement import PLACEMENTS
from ui.questions.classifier.data import data
from ui.questions.classifier.state import Classifier
from ui.state.numbers import format_number


def code(state: Classifier, name: str) -> str:
    """A variant as one writes it."""
    placement = PLACEMENTS[name]
    keep, epsilon = format_number(state.keep), format_number(state.epsilon)
    norm = f"BatchNormalization(momentum={keep}, epsilon={epsilon})"
    bias = "" if state.use_bias else ", use_bias=False"
    lines = [f"{norm}  # made, and never added" for _ in range(placement.orphan * state.depth)]
    lines.append("model = Sequential()")
    for _ in range(state.depth):
        made = (
            f'Conv2D({state.units}, 3, padding="same"{bias})'
            if state.block == "conv"
            else f"Dense({state.units}{bias})"
        )
        parts = [made, *[norm] * placement.before, f'Activation("{state.activation}")']
        parts += [norm] * placement.after
        parts += [f"Dropout({state.dropout:g})"] * (state.block == "dense" and state.dropout > 0)
        lines += [f"model.add({part})" for part in parts]
    lines += ["model.add(GlobalAveragePooling2D())"] * (state.block == "conv")
    lines.append(f"model.add(Dense({int(data(state)[1].max()) + 1}))")
    lines += [f"model.add({norm})"] * placement.output
    return "\n".join([*lines, "# softmax and cross-entropy in one, from the logits"])


def parameters(weights: Sequence[Weight]) -> str:
    """How many numbers a variant's weights hold.

    >>> parameters([Weight("Dense", "kernel", (1200,), True), Weight("Dense", "w", (34,), False)])
    '1,234 numbers, 1,200 of them trainable'
    """
    everything, learned = count(weights)
    return f"{everything:,} numbers, {learned:,} of them trainable"
