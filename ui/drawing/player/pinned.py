"""A run that was pinned, to be seen beside the next ones: what a browser is told of it.

Its numbers are the bytes that its own player had, under the same name, so a browser that has shown
it asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncore.moments import Array
from ui.drawing.player import shelf
from ui.drawing.player.recording import Recording, arrays_of, described, encoded


@dataclass(frozen=True, eq=False)
class Pinned:
    """A run that was pinned.

    Args:
        found: the record of the run.
        recording: makes what is played of it.
        words: of that recording (`described`).
        steps: its steps.
        ends: by (quantity's title, curve's label) the numbers at its last step, one a feature.
    """

    found: object
    recording: Callable[[], Recording]
    words: Mapping[str, Any]
    steps: Array
    ends: Mapping[tuple[str, str], Array]

    @classmethod
    def of(cls, found: object, recording: Callable[[], Recording]) -> Pinned:
        """Pin what is played of a run."""
        made = recording()
        return cls(found, recording, described(made), np.asarray(made.steps), ends(made))

    def why_not_beside(self, recording: Recording) -> str:
        """Why it cannot be drawn in the picture of this recording; empty where it can."""
        count = min(len(self.steps), len(recording.steps))
        if not np.array_equal(self.steps[:count], np.asarray(recording.steps)[:count]):
            return "it has other steps"
        if len(self.words["features"]) != len(recording.features):
            return "its data have a different number of features"
        return ""

    def told(self, label: str, key: str, root: str) -> dict[str, Any]:
        """What the browser needs to draw it under this label in the player `key`."""
        name = shelf.put_once(self.found, key, lambda: encoded(arrays_of(self.recording())))
        names = ("steps", "curves", "formulas")
        overs = {each["key"]: each["over"] for each in self.words["quantities"]}
        return {
            **{name: self.words[name] for name in names},
            "src": f"{root}/{name}",
            "label": label,
            "overs": overs,
        }


def ends(recording: Recording) -> dict[tuple[str, str], Array]:
    """Of every curve in every picture its numbers at the last step.

    >>> from ui.drawing.player.recording import Curve, Quantity
    >>> loss = Quantity("loss", "Loss", {"a": np.array([[2.0], [1.0]])})
    >>> ends(Recording("epoch", np.arange(2), ("loss",), (Curve("a", "A"),), (loss,)))
    {('Loss', 'A'): array([1.])}
    """
    labels = {curve.key: curve.label for curve in recording.curves}
    return {
        (quantity.title, labels[key]): np.array(np.atleast_1d(values[-1]), float)
        for quantity in recording.quantities
        if quantity.pictured
        for key, values in quantity.values.items()
        if key in labels and len(values)
    }
