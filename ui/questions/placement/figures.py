"""The differences of a study, with their intervals."""

from __future__ import annotations

from bncore.experiments.placement import StudyFound
from bncore.moments import Array
from ui.drawing.figures import Figure
from ui.drawing.intervals import intervals
from ui.drawing.palette import Palette
from ui.questions.placement.answers import counted, verdicts


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
