"""Validation accuracy over the learning rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ui.drawing.figures import Figure, bands
from ui.drawing.palette import Palette
from ui.questions.classifier.state import TITLES
from ui.questions.rates.answers import every_rate


def accuracies(values: Mapping[str, Any], palette: Palette) -> Figure | None:
    """Validation accuracy over the rates, where a variant was trained with two of them or more."""
    found = {name: rates for name, rates in values["rates"].items() if len(rates) > 1}
    if not found:
        return None
    every = every_rate({"rates": found})
    unknown = np.full_like(next(iter(next(iter(found.values())).values()))["loss"], np.nan)
    curves = {
        TITLES[name]: np.stack(
            [rates[rate]["validation_accuracy"] if rate in rates else unknown for rate in every]
        )
        for name, rates in found.items()
    }
    places = np.array([float(rate) for rate in every])
    return bands(
        places, curves, palette, axis="learning rate",
        title="Validation accuracy of all that did not diverge",
        log=True,
    )  # fmt: skip
