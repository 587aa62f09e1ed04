"""What is in a block at one update: histograms, and the share of flat activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bncore.placement import RANGES
from ui.drawing.figures import Figure, bands, histograms
from ui.drawing.palette import Palette
from ui.questions.classifier.state import TITLES
from ui.questions.classifier.study import padded
from ui.questions.distributions.words import flat_name


def looks(values: Mapping[str, Any]) -> list[int]:
    """After how many updates there was a look: those of the variant that came furthest."""
    every = (run["update"].tolist() for run in values["runs"].values())
    return max(every, key=len)


def block(
    values: Mapping[str, Any], number: int, look: int, activation: str, palette: Palette
) -> dict[str, Figure]:
    """Pre-activations, activations and flat shares of a block; `look` counts the looks from 0."""
    return {
        "pre": _values(values, "pre", number, look, "Pre-activations", RANGES["pre"], palette),
        "act": _values(
            values, "act", number, look, f"After {activation}", RANGES[activation], palette
        ),
        "flat": _shares(values, number, looks(values), look, flat_name(activation), palette),
    }


def _values(
    values: Mapping[str, Any],
    name: str,
    number: int,
    look: int,
    title: str,
    limits: tuple[float, float],
    palette: Palette,
) -> Figure:
    counts = {
        TITLES[variant]: run[name][min(look, len(run[name]) - 1), number]
        for variant, run in values["runs"].items()
    }
    top = _top(values, name, number)
    return histograms(counts, limits, palette, title=title, axis="value", top=top)


def _top(values: Mapping[str, Any], name: str, number: int) -> float:
    """One height for all updates, so that the scrubbed figure does not jump."""
    every = [run[name][:, number] for run in values["runs"].values()]
    return 1.05 * max(
        float((counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)).max())
        for counts in every
    )


def _shares(
    values: Mapping[str, Any],
    number: int,
    updates: Sequence[int],
    look: int,
    title: str,
    palette: Palette,
) -> Figure:
    shares = {TITLES[name]: run["flat"][:, number] for name, run in values["runs"].items()}
    whole = {name: padded(curve, len(updates)) for name, curve in shares.items()}
    return bands(
        np.array(updates), whole, palette, title=title, axis="update", at=updates[look],
        shares=True,
    )  # fmt: skip
