"""What a page adds about the engine's TensorFlow backend, beside what it says of a real layer."""

from __future__ import annotations

from collections.abc import Mapping

from bncore.agreement import Numbers, compare_all
from bncore.experiments.layer_check import BackendFound
from ui.training.check import AGREES, Said
from ui.training.layer_words import instead, largest, unexplained

ASKED = " The engine on TensorFlow runs beside it, on the same tensor, in float32 as well."
"""What is said while it is asked: as long as what is said then (`layer_words.asking`)."""


def with_backend(
    said: Said,
    backend: BackendFound,
    shown: Mapping[str, Numbers],
    titles: Mapping[str, str],
) -> Said:
    """The sentence about the layer, and one about the same tensor in the engine on TensorFlow.

    That one computes in float32, so it may be off by what float32 explains.
    """
    if said.agrees is None:
        return said
    single = compare_all(shown, backend.numbers, "float32")
    who = f"engine on TensorFlow ({backend.device})"
    wrong = unexplained(single)
    if wrong and all(found.finite for found in wrong.values()):
        return Said(
            False, f"{said.text} **The {who} disagrees**: its {instead(wrong, titles)}, in float32."
        )
    off = largest(single)
    if wrong or not off <= AGREES:
        what = f"off by up to {off:.2g}" if off < float("inf") else "not finite everywhere"
        return Said(False, f"{said.text} The {who} is {what}: float32 is too coarse for it, too.")
    return Said(
        said.agrees, f"{said.text} The {who}, on the same tensor: **{off:.2g}** in float32."
    )
