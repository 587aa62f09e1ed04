"""A study in pictures: the differences with their intervals, and the curves."""

from __future__ import annotations

import numpy as np

from bncore.experiments.placement import StudyFound
from bncore.moments import Array
from ui.drawing.figures import Figure, bands
from ui.drawing.intervals import intervals
from ui.drawing.palette import Palette
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import Measure, padded
from ui.questions.placement.answers import CURVES, counted, verdicts


def differences(found: StudyFound, palette: Palette) -> Figure | None:
    """The verdicts, as the sentences and the table tell them, with what each repetition found."""
    rows, verdicts = shown(found)
    if not verdicts:
        return None
    return intervals(
        rows, verdicts, palette, title="Differences in validation accuracy", axis="points"
    )


def shown(
    found: StudyFound,
) -> tuple[dict[str, Array], dict[str, tuple[float, float, bool]]]:
    """What the figure of the differences draws, in points: see `ui.drawing.intervals.intervals`."""
    last, every = counted(found), verdicts(found)
    names = {pair: " − ".join(pair) for pair in every}
    return {names[a, b]: 100 * (last[a] - last[b]) for a, b in every}, {
        names[pair]: (100 * v.difference, 100 * v.margin, v.clear) for pair, v in every.items()
    }


def curves(found: StudyFound, epochs: int, palette: Palette) -> list[Figure]:
    """Losses and accuracies of all variants over the epochs."""
    return [_curve(found, title, measure, epochs, palette) for title, measure in CURVES.items()]


def _curve(
    found: StudyFound, title: str, measure: Measure, epochs: int, palette: Palette
) -> Figure:
    whole = padded({TITLES[name]: measure(run) for name, run in found.runs.items()})
    places = np.arange(len(next(iter(whole.values()))))
    return bands(places, whole, palette, title=title, total=epochs)
