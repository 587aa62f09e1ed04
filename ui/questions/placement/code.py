"""The variants as one writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


def parameters(weights: Sequence[Mapping[str, Any]]) -> str:
    """How many numbers a variant's weights hold.

    >>> parameters([{"count": 1200, "trainable": True}, {"count": 34, "trainable": False}])
    '1,234 numbers, 1,200 of them trainable'
    """
    count = sum(w["count"] for w in weights)
    learned = sum(w["count"] for w in weights if w["trainable"])
    return f"{count:,} numbers, {learned:,} of them trainable"
