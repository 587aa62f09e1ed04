"""The classifier as a block diagram, and what is said of each place for the layer. Pure."""

from __future__ import annotations

import numpy as np

from bncore.experiments.placement import StudyFound
from bncore.placement import PLACEMENTS
from ui.drawing.slots import Diagram, Group, Place
from ui.questions.classifier.data import data
from ui.questions.classifier.recording import SHORT
from ui.questions.classifier.study import common_epoch, ends
from ui.questions.placement.answers import judged
from ui.questions.placement.code import block, code, output, parameters
from ui.questions.placement.state import ALIKE, PlacementState
from ui.state.amounts import counted

_IS = {
    "none": "no batch normalisation at all",
    "before": "the layer normalises what arrives at the activation",
    "after": "the layer normalises what leaves the activation",
    "output": "the same as before the activation, and one more layer on the output",
    "orphan": "the model does not have this layer",
}
_OUTSIDE = {"none": ": not made", "orphan": ": made, not added"}


def diagram(state: PlacementState, found: StudyFound, told: bool) -> Diagram:
    """The model of these settings; what was measured is said where it may be `told`."""
    unit = "Conv" if state.block == "conv" else "Dense"
    dropout = (f"Dropout {state.dropout:g}",) * (state.block == "dense" and state.dropout > 0)
    pooled = ("Pooling",) * (state.block == "conv")
    classes = int(data(state)[1].max()) + 1
    return Diagram(
        title="Put the layer somewhere",
        tile="BatchNormalization",
        home="none",
        nowhere=ALIKE,
        start=(
            "Drag the tile into a slot of the model, or press the slot. The curve of that model "
            "stands out below."
        ),
        groups=(
            Group(("none",), outside=True),
            Group(
                (f"{unit} {state.units}", "before", state.activation, "after", *dropout),
                label=f"{state.depth} ×" if state.depth > 1 else "",
            ),
            Group((*pooled, f"Dense {classes}", "output", "softmax")),
            Group(("orphan",), outside=True),
        ),
        places={name: _place(state, found, name, told) for name in PLACEMENTS},
    )


def _place(state: PlacementState, found: StudyFound, name: str, told: bool) -> Place:
    weights = found.weights.get(name)
    return Place(
        label=SHORT[name] + _OUTSIDE.get(name, ""),
        said=said(state, found, name, told),
        line=", ".join(_changed(state, name)),
        code=code(state, name) + (f"\n# {parameters(weights)}" if weights else ""),
        color=list(found.runs).index(name) if name in found.runs else None,
        also=("before",) if name == "output" else (),
    )


def _changed(state: PlacementState, name: str) -> list[str]:
    """The lines that this place is about: of a block, of the output, or beside the model."""
    placement = PLACEMENTS[name]
    if placement.orphan:
        return code(state, name).splitlines()[:1]
    return output(state, name) if placement.output else block(state, name)


def said(state: PlacementState, found: StudyFound, name: str, told: bool) -> str:
    """What this place is, and what its recorded run came to."""
    title = PLACEMENTS[name].title.capitalize()
    if name not in found.runs:
        return f"{title}: not trained. Add it under “Change the settings”, then train."
    blocks = f", in each of {state.depth} blocks" * (
        name in ("before", "after") and state.depth > 1
    )
    return f"{title}: {_IS[name]}{blocks}. {_measured(found, name, told)}"


def _measured(found: StudyFound, name: str, told: bool) -> str:
    if not told:
        return "Play, to see what came of it."
    last = ends(found, judged)[name]
    known = last[np.isfinite(last)]
    if not len(known):
        return f"It diverged in every repetition ({len(last)} of {len(last)})."
    lost = " that did not diverge" * (len(known) < len(last))
    return (
        f"Validation accuracy {known.mean():.3f} after epoch {common_epoch(found)}, mean of "
        f"{counted(len(known), 'repetition')}{lost}."
    )
