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
    orphans = state.depth * PLACEMENTS[name].orphan
    lines = [f"{_norm(state)}  # made, and never added"] * orphans
    parts = state.depth * block(state, name) + output(state, name)
    lines += ["model = Sequential()", *(f"model.add({part})" for part in parts)]
    return "\n".join([*lines, "# softmax and cross-entropy in one, from the logits"])


def block(state: Classifier, name: str) -> list[str]:
    """The layers of one block."""
    placement, norm = PLACEMENTS[name], _norm(state)
    bias = "" if state.use_bias else ", use_bias=False"
    made = (
        f'Conv2D({state.units}, 3, padding="same"{bias})'
        if state.block == "conv"
        else f"Dense({state.units}{bias})"
    )
    dropout = [f"Dropout({state.dropout:g})"] * (state.block == "dense" and state.dropout > 0)
    around = [*[norm] * placement.before, f'Activation("{state.activation}")']
    return [made, *around, *[norm] * placement.after, *dropout]


def output(state: Classifier, name: str) -> list[str]:
    """The layers behind the blocks."""
    pooled = ["GlobalAveragePooling2D()"] * (state.block == "conv")
    dense = f"Dense({int(data(state)[1].max()) + 1})"
    return [*pooled, dense, *[_norm(state)] * PLACEMENTS[name].output]


def _norm(state: Classifier) -> str:
    keep, epsilon = format_number(state.keep), format_number(state.epsilon)
    return f"BatchNormalization(momentum={keep}, epsilon={epsilon})"


def parameters(weights: Sequence[Weight]) -> str:
    """How many numbers a variant's weights hold.

    >>> parameters([Weight("Dense", "kernel", (1200,), True), Weight("Dense", "w", (34,), False)])
    '1,234 numbers, 1,200 of them trainable'
    """
    everything, learned = count(weights)
    return f"{everything:,} numbers, {learned:,} of them trainable"
