"""The conventions page's check of a layer that is carried over to another framework."""

from __future__ import annotations

from typing import Any

import numpy as np

from bncore.agreement import Numbers, compare
from bncore.differences import relative_difference
from bncore.experiments.live import CarriedFound, CarriedLayer
from bncore.moments import Array
from bncore.rounding import PRECISIONS, forward_rounding, held_rounding
from ui.page.claims import Claim, Words, claim, worded
from ui.questions.conventions.state import ConventionsState
from ui.training.check import AGREES, Said

SHOWS = 1e-5  # of an output: what a forgotten epsilon must change to be seen in float32


def possible(state: ConventionsState) -> bool:
    """Whether the rows of the state are the arrays of a layer."""
    arrays = state.layer.array
    return len(arrays) == 4 and not (arrays[3] < 0).any()


def asked(state: ConventionsState) -> CarriedLayer:
    """What both layers are asked."""
    arrays = state.layer.array
    return CarriedLayer(
        arrays, probe(arrays), state.source, state.target, keep=state.keep, epsilon=state.epsilon
    )


def probe(arrays: Array) -> Array:
    """Rows around the moving mean: a deviation below it, on it, a deviation above."""
    mean, variance = arrays[2], arrays[3]
    around: Array = mean + np.array([[-1.0], [0.0], [1.0]]) * np.sqrt(np.maximum(variance, 0))
    return around


def checked_words(state: ConventionsState, found: CarriedFound) -> Said:
    """Whether the layer gives the same outputs in both frameworks, and who gave them."""
    made = claims(state, found)
    agrees = {"nothing checked": None, "not finite": None, "agree": True}.get(made[0].kind, False)
    return Said(agrees, " ".join(worded(made, WORDS)))


def claims(state: ConventionsState, found: CarriedFound) -> list[Claim]:
    """Whether the outputs agree, who gave them, and what a forgotten epsilon does to them."""
    source, target = found.source, found.target
    who = claim("asked", source=source.who, target=target.who)
    if not (source.real or target.real):
        return [claim("nothing checked"), who]
    if not (np.isfinite(source.output).all() and np.isfinite(target.output).all()):
        return [claim("not finite"), who]
    worst = compare(_numbers(state, source.output), target.output, "float32")
    place: dict[str, Any] = dict(zip(("row", "feature"), worst.place, strict=True))
    place |= {"source": worst.shown, "target": worst.found}
    if not worst.explained:
        return [claim("differ", **place, allowed=worst.allowed), who]
    if worst.largest > AGREES:
        mean = state.layer.array[2][worst.place[1]]
        return [claim("too coarse", **place, mean=mean), who]
    return [claim("agree", largest=worst.largest), who, _forgotten(state, found)]


def _numbers(state: ConventionsState, source: Array) -> Numbers:
    """The source's outputs, with what rounding may do to two layers that compute in float32."""
    arrays = state.layer.array
    gamma, beta, mean, variance = arrays
    rounding = {}
    for name, precision in PRECISIONS.items():
        held = held_rounding(mean, precision), held_rounding(variance, precision)
        bounds = forward_rounding(
            probe(arrays), mean, variance, held, state.epsilon, gamma, beta, precision
        )
        rounding[name] = 2 * bounds["output"]
    features = np.broadcast_to(np.arange(source.shape[1]), source.shape)
    return Numbers(np.asarray(source, np.float64), features, rounding)


def _forgotten(state: ConventionsState, found: CarriedFound) -> Claim:
    """What comes out where the target keeps its own epsilon."""
    own, used, source = found.default_epsilon, state.epsilon, found.source.output
    if own == used:
        return claim("same epsilon", used=used)
    if not np.isfinite(found.forgotten).all():
        return claim("forgotten not finite", own=own, used=used)
    off = np.abs(found.forgotten - source)
    size = np.abs(source).max(axis=0)
    shown = relative_difference(found.forgotten, source, size).max() > SHOWS
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
