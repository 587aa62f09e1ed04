"""What is in a block at one update: histograms, and the share of flat activations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bncore.experiments.placement import StudyFound
from bncore.moments import Array
from bncore.placement import RANGES
from ui.drawing.figures import Figure, bands, histograms
from ui.drawing.palette import Palette
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import Measure, padded
from ui.questions.distributions.words import flat_name


def looks(found: StudyFound) -> list[int]:
    """After how many updates there was a look: those of the variant that came furthest."""
    every = (run.update.tolist() for run in found.runs.values())
    return max(every, key=len)


def block(
    found: StudyFound, number: int, look: int, activation: str, palette: Palette
) -> dict[str, Figure]:
    """Pre-activations, activations and flat shares of a block; `look` counts the looks from 0."""

    def values(measure: Measure, title: str, limits: tuple[float, float]) -> Figure:
        every = {TITLES[name]: measure(run)[:, number] for name, run in found.runs.items()}
        counts = {name: looked[min(look, len(looked) - 1)] for name, looked in every.items()}
        top = _top(list(every.values()))
        return histograms(counts, limits, palette, title=title, axis="value", top=top)

    return {
        "pre": values(lambda run: run.pre, "Pre-activations", RANGES["pre"]),
        "act": values(lambda run: run.act, f"After {activation}", RANGES[activation]),
        "flat": _shares(found, number, look, flat_name(activation), palette),
    }


def _top(every: Sequence[Array]) -> float:
    """One height for all updates, so that the scrubbed figure does not jump."""
    return 1.05 * max(
        float((counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)).max())
        for counts in every
    )


def _shares(found: StudyFound, number: int, look: int, title: str, palette: Palette) -> Figure:
    whole = padded({TITLES[name]: run.flat[:, number] for name, run in found.runs.items()})
    updates = looks(found)
    return bands(
        np.array(updates), whole, palette, title=title, axis="update", at=updates[look],
        shares=True,
    )  # fmt: skip
