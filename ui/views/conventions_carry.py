"""The conventions page's check of a layer that is carried over to another framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.agreement import Numbers, compare
from bncore.differences import relative_difference
from bncore.moments import Array
from bncore.rounding import PRECISIONS, forward_rounding, held_rounding
from ui.check import AGREES, Said
from ui.views.conventions import ConventionsState

SHOWS = 1e-5  # of an output: what a forgotten epsilon must change to be seen in float32


def carry_arguments(state: ConventionsState) -> dict[str, Any] | None:
    """What both layers are asked; None where they cannot be."""
    arrays = state.layer.array
    if len(arrays) != 4 or (arrays[3] < 0).any():
        return None
    return {
        "arrays": arrays, "x": probe(arrays), "source": state.source, "target": state.target,
        "keep": state.keep, "epsilon": state.epsilon,
    }  # fmt: skip


def probe(arrays: Array) -> Array:
    """Rows around the moving mean: a deviation below it, on it, a deviation above."""
    mean, variance = arrays[2], arrays[3]
    return mean + np.array([[-1.0], [0.0], [1.0]]) * np.sqrt(np.maximum(variance, 0))


def checked_words(arguments: Mapping[str, Any], values: Mapping[str, Any]) -> Said:
    """Whether the layer gives the same outputs in both frameworks, and who gave them."""
    who, outputs = values["who"], values["outputs"]
    asked = (
        f"Both were asked for the same rows in inference mode: source, {who['source']}; target, "
        f"{who['target']}."
    )
    if not any(values["real"].values()):
        return Said(None, f"**Nothing is checked**: neither is installed here. {asked}")
    if not all(np.isfinite(outputs[role]).all() for role in ("source", "target")):
        return Said(None, f"**Nothing to compare**: some outputs are not finite. {asked}")
    found = compare(_numbers(arguments, outputs["source"]), outputs["target"], "float32")
    if not found.explained:
        row, feature = found.place
        return Said(
            False,
            f"**The outputs differ**: in row {row}, feature {feature} the source has "
            f"{found.shown:.6g}, the target {found.found:.6g} (rounding explains "
            f"{found.allowed:.2g}). {asked}",
        )
    if found.largest > AGREES:
        row, feature = found.place
        return Said(
            False,
            f"**float32 is too coarse for these arrays**: in row {row}, feature {feature} the "
            f"source has {found.shown:.6g}, the target {found.found:.6g}. Rounding explains that: "
            f"7 digits next to a moving mean of {arguments['arrays'][2][feature]:.6g}. {asked}",
        )
    return Said(
        True,
        "**The outputs agree.** Largest difference, each feature relative to its own size: "
        f"**{found.largest:.2g}**. {asked} {_forgotten(values)}",
    )


def _numbers(arguments: Mapping[str, Any], source: Array) -> Numbers:
    """The source's outputs, with what rounding may do to two layers that compute in float32."""
    gamma, beta, mean, variance = np.asarray(arguments["arrays"], np.float64)
    rounding = {}
    for name, precision in PRECISIONS.items():
        held = held_rounding(mean, precision), held_rounding(variance, precision)
        bounds = forward_rounding(
            arguments["x"], mean, variance, held, arguments["epsilon"], gamma, beta, precision
        )
        rounding[name] = 2 * bounds["output"]
    features = np.broadcast_to(np.arange(source.shape[1]), source.shape)
    return Numbers(np.asarray(source, np.float64), features, rounding)


def _forgotten(values: Mapping[str, Any]) -> str:
    """What comes out where the target keeps its own epsilon."""
    own, used, outputs = values["default_epsilon"], values["epsilon"], values["outputs"]
    if own == used:
        return f"{used:g} is the target's default epsilon, too."
    off = np.abs(outputs["forgotten"] - outputs["source"])
    size = np.abs(outputs["source"]).max(axis=0)
    if relative_difference(outputs["forgotten"], outputs["source"], size).max() > SHOWS:
        return (
            f"Keep the target's default epsilon {own:g} instead of {used:g}, and the outputs are "
            f"up to **{off.max():.2g}** apart."
        )
    return (
        f"The target's default epsilon is {own:g}, not {used:g}. These rows hardly show it: with "
        f"it, the outputs are at most {off.max():.2g} apart."
    )
