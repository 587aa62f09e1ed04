"""The conventions page's check of a layer that is carried over to another framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bncore.agreement import Numbers, compare
from bncore.differences import relative_difference
from bncore.moments import Array
from bncore.rounding import PRECISIONS, forward_rounding, held_rounding
from ui.page.claims import Claim, Words, claim, worded
from ui.questions.conventions.state import ConventionsState
from ui.training.check import AGREES, Said

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
    around: Array = mean + np.array([[-1.0], [0.0], [1.0]]) * np.sqrt(np.maximum(variance, 0))
    return around


def checked_words(arguments: Mapping[str, Any], values: Mapping[str, Any]) -> Said:
    """Whether the layer gives the same outputs in both frameworks, and who gave them."""
    found = claims(arguments, values)
    agrees = {"nothing checked": None, "not finite": None, "agree": True}.get(found[0].kind, False)
    return Said(agrees, " ".join(worded(found, WORDS)))


def claims(arguments: Mapping[str, Any], values: Mapping[str, Any]) -> list[Claim]:
    """Whether the outputs agree, who gave them, and what a forgotten epsilon does to them."""
    outputs, asked = values["outputs"], claim("asked", **values["who"])
    if not any(values["real"].values()):
        return [claim("nothing checked"), asked]
    if not all(np.isfinite(outputs[role]).all() for role in ("source", "target")):
        return [claim("not finite"), asked]
    found = compare(_numbers(arguments, outputs["source"]), outputs["target"], "float32")
    place: dict[str, Any] = dict(zip(("row", "feature"), found.place, strict=True))
    place |= {"source": found.shown, "target": found.found}
    if not found.explained:
        return [claim("differ", **place, allowed=found.allowed), asked]
    if found.largest > AGREES:
        mean = arguments["arrays"][2][found.place[1]]
        return [claim("too coarse", **place, mean=mean), asked]
    return [claim("agree", largest=found.largest), asked, _forgotten(values)]


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


def _forgotten(values: Mapping[str, Any]) -> Claim:
    """What comes out where the target keeps its own epsilon."""
    own, used, outputs = values["default_epsilon"], values["epsilon"], values["outputs"]
    if own == used:
        return claim("same epsilon", used=used)
    if not np.isfinite(outputs["forgotten"]).all():
        return claim("forgotten not finite", own=own, used=used)
    off = np.abs(outputs["forgotten"] - outputs["source"])
    size = np.abs(outputs["source"]).max(axis=0)
    shown = relative_difference(outputs["forgotten"], outputs["source"], size).max() > SHOWS
    kind = "forgotten shows" if shown else "forgotten hardly shows"
    return claim(kind, own=own, used=used, most=float(off.max()))


def _beside(row: int, feature: int, source: float, target: float) -> str:
    return f"in row {row}, feature {feature} the source has {source:.6g}, the target {target:.6g}"


WORDS: Words = {
    "asked": lambda source, target: (
        f"Both were asked for the same rows in inference mode: source, {source}; target, {target}."
    ),
    "nothing checked": lambda: "**Nothing is checked**: neither is installed here.",
    "not finite": lambda: "**Nothing to compare**: some outputs are not finite.",
    "differ": lambda allowed, **place: (
        f"**The outputs differ**: {_beside(**place)} (rounding explains {allowed:.2g})."
    ),
    "too coarse": lambda mean, **place: (
        f"**float32 is too coarse for these arrays**: {_beside(**place)}. Rounding explains that: "
        f"7 digits next to a moving mean of {mean:.6g}."
    ),
    "agree": lambda largest: (
        "**The outputs agree.** Largest difference, each feature relative to its own size: "
        f"**{largest:.2g}**."
    ),
    "same epsilon": lambda used: f"{used:g} is the target's default epsilon, too.",
    "forgotten not finite": lambda own, used: (
        f"With the target's default epsilon {own:g} instead of {used:g}, some outputs are not "
        "finite."
    ),
    "forgotten shows": lambda own, used, most: (
        f"Keep the target's default epsilon {own:g} instead of {used:g}, and the outputs are up "
        f"to **{most:.2g}** apart."
    ),
    "forgotten hardly shows": lambda own, used, most: (
        f"The target's default epsilon is {own:g}, not {used:g}. These rows hardly show it: with "
        f"it, the outputs are at most {most:.2g} apart."
    ),
}
