"""Validation accuracy over the learning rates."""

from __future__ import annotations

import numpy as np

from ui.drawing.figures import Figure, bands
from ui.drawing.palette import Palette
from ui.questions.classifier.state import TITLES
from ui.questions.rates.answers import Trials, every_rate


def accuracies(trials: Trials, palette: Palette) -> Figure | None:
    """Validation accuracy over the rates, where a variant was trained with two of them or more."""
    found = {name: rates for name, rates in trials.rates.items() if len(rates) > 1}
    if not found:
        return None
    every = every_rate(found)
    unknown = np.full(len(trials.most_common), np.nan)
    curves = {
        TITLES[name]: np.stack(
            [rates[rate].validation_accuracy if rate in rates else unknown for rate in every]
        )
        for name, rates in found.items()
    }
    places = np.array([float(rate) for rate in every])
    return bands(
        places, curves, palette, axis="learning rate",
        title="Validation accuracy of all that did not diverge",
        log=True,
    )  # fmt: skip
