"""A study in pictures: the differences with their intervals, and the curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.drawing.figures import Figure, bands
from ui.drawing.intervals import intervals
from ui.drawing.palette import Palette
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import padded
from ui.questions.placement.answers import CURVES, counted, verdicts


def differences(values: Mapping[str, Any], palette: Palette) -> Figure | None:
    """The verdicts, as the sentences and the table tell them, with what each repetition found."""
    rows, found = shown(values)
    if not found:
        return None
    return intervals(
        rows, found, palette, title="Differences in validation accuracy", axis="points"
    )


def shown(
    values: Mapping[str, Any],
) -> tuple[dict[str, Array], dict[str, tuple[float, float, bool]]]:
    """What the figure of the differences draws, in points: see `ui.drawing.intervals.intervals`."""
    last, found = counted(values), verdicts(values)
    names = {pair: " − ".join(pair) for pair in found}
    return {names[a, b]: 100 * (last[a] - last[b]) for a, b in found}, {
        names[pair]: (100 * v.difference, 100 * v.margin, v.clear) for pair, v in found.items()
    }


def curves(values: Mapping[str, Any], epochs: int, palette: Palette) -> dict[str, Figure]:
    """Losses and accuracies of all variants over the epochs, by measure."""
    return {name: _curve(values["runs"], name, epochs, palette) for name in CURVES}


def _curve(runs: Mapping[str, Any], name: str, epochs: int, palette: Palette) -> Figure:
    found = {TITLES[variant]: run[name] for variant, run in runs.items()}
    places = np.arange(max(map(len, found.values())))
    whole = {title: padded(curve, len(places)) for title, curve in found.items()}
    return bands(places, whole, palette, title=CURVES[name], total=epochs)
