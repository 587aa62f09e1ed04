"""The data that the classifier is trained on. Each set is made once, and shared by all who ask."""

from __future__ import annotations

from functools import cache

import numpy as np

from bncore import datasets
from bncore.moments import Array
from ui.questions.classifier.state import SETS, Block


def data(state: Block) -> tuple[Array, Array]:
    """The rows (or images) and their labels, unscaled."""
    if state.block == "conv":
        return _digit_images()
    if state.classes == "two-classes":
        chosen = datasets.two_classes(state.rows, state.separation, state.noise, state.seed)
    else:
        chosen = datasets.DATASETS[state.classes]()
    assert chosen.labels is not None
    return chosen.values, chosen.labels


def data_words(state: Block) -> str:
    """What it is trained on, in a few words."""
    rows, facts = f"{len(data(state)[0]):,}", SETS[state.classes]
    if state.block == "conv":
        return f"{rows} images of digits, 8 × 8 pixels, 10 classes"
    if state.classes == "two-classes":
        return facts.replace("Generated:", f"{rows} generated rows,")
    return facts.replace(":", f": {rows} rows,")


def scales(state: Block) -> bool:
    """Whether the features are scaled: images are not, their pixels share one range."""
    return state.scaled and state.block == "dense"


def scaled(x: Array) -> Array:
    """Every column with mean 0 and variance 1 over all rows (a constant one is only shifted).

    For what has no validation rows; studies scale by the training rows of each repetition.

    >>> scaled(np.array([[1.0, 5.0], [3.0, 5.0]]))
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    deviation = x.std(axis=0)
    found: Array = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    return found


@cache
def _digit_images() -> tuple[Array, Array]:
    chosen = datasets.digits()
    assert chosen.labels is not None
    images = chosen.values.reshape(-1, 8, 8, 1) / 16
    images.setflags(write=False)
    return images, chosen.labels
