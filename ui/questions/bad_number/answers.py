"""What a layer holds after one bad number in one batch, and what that does. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bncore.experiments.bad_number import BadNumberFound
from bncore.moments import Array
from ui.page.claims import Claim, claim, worded
from ui.questions.bad_number.state import BadNumberState, bad_feature
from ui.questions.bad_number.words import WORDS


def words(state: BadNumberState, found: BadNumberFound) -> list[str]:
    """The answer, computed from what the layer holds at the end."""
    return worded(claims(state, found), WORDS)


def claims(state: BadNumberState, found: BadNumberFound) -> list[Claim]:
    """What the layer holds, what that does to its outputs, and whether it heals."""
    feature = bad_feature(state)
    held = np.stack([found.moving_mean[-1], found.moving_variance[-1]])
    mean, variance = (float(value) for value in held[:, feature])
    lost = np.flatnonzero(~np.isfinite(held).all(axis=0)).tolist()
    own = [each for each in _beyond(state) if each in lost]
    ends = claim(
        "ends", updates=len(found.update) - state.before - 1, bad=state.bad, feature=feature,
        mean=mean, variance=variance, not_finite=lost, guess=state.guess,
        right=[] if own else _right(lost, feature, held.shape[1]),
    )  # fmt: skip
    made = [ends]
    if own:
        made.append(claim("beyond", features=own))
    if lost and feature not in own:
        made += [_outputs(found.output, feature, variance), claim("cure")]
    clean = float(state.data.array[:, feature].mean())
    if np.isfinite(mean) and abs(mean - clean) > 1e3 * max(abs(clean), 1.0):
        made.append(claim("heals", share=1 - state.keep))
    return made


def _outputs(output: Array, feature: int, variance: float) -> Claim:
    """What comes out of the layer for clean rows, in inference mode."""
    seen = output[:, feature] + np.float32(0)  # without the sign of -0
    return claim(
        "outputs", not_finite=int((~np.isfinite(output)).sum()), size=output.size,
        feature=feature, seen=sorted({f"{value:.4g}" for value in seen}),
        zero=bool(np.isinf(variance) and not seen.any()),
    )  # fmt: skip


def _beyond(state: BadNumberState) -> list[int]:
    """The features whose clean numbers already have no variance in float32."""
    with np.errstate(all="ignore"):
        x = state.data.array.astype(np.float32)
        summed = np.square(x - x.mean(axis=0)).sum(axis=0)
    return [int(feature) for feature in np.flatnonzero(~np.isfinite(summed))]


def _right(not_finite: Sequence[int], feature: int, features: int) -> list[str]:
    """The predictions that came true: of one feature, “that feature” is “every feature”, too."""
    true = {
        "none": not not_finite,
        "feature": not_finite == [feature],
        "all": len(not_finite) == features,
    }
    return [name for name, holds in true.items() if holds]
