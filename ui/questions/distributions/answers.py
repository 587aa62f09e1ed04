"""What a study allows to say about flat activations: recorded shares in, claims out."""

from __future__ import annotations

import numpy as np

from bncore.comparisons import lowest
from bncore.experiments.placement import StudyFound, VariantRun
from bncore.moments import Array
from ui.page.claims import Claim, claim, worded
from ui.questions.classifier.study import ends, overlap
from ui.questions.distributions.state import DistributionsState
from ui.questions.distributions.words import WORDS


def words(state: DistributionsState, found: StudyFound) -> list[str]:
    """Which share is clearly the smallest, then the shares at the end, block by block."""
    return worded(claims(state, found), WORDS)


def claims(state: DistributionsState, found: StudyFound) -> list[Claim]:
    """Which variant has the smallest share, if any clearly has, and every share."""
    shares = {name: flat for name, flat in ends(found, _flat).items() if name != "orphan"}
    blocks = [
        claim(
            "block", block=block, activation=state.activation,
            shares={name: flat[block] for name, flat in shares.items()},
        )
        for block in range(state.depth)
    ]  # fmt: skip
    if len(shares) < 2:
        return blocks
    lost = {name: int((~np.isfinite(flat).all(axis=0)).sum()) for name, flat in shares.items()}
    count = next(iter(shares.values())).shape[1]
    known = [name for name in shares if lost[name] < count]
    partly = {name: lost[name] for name in known if lost[name]}
    if len(known) < 2:
        return [claim("one left", known=known), *blocks]
    least = least_flat(state, found)
    kind = "smallest" if len(least) == 1 else "not told apart"
    guess = {"guess": state.guess} if kind == "smallest" else {}
    return [claim(kind, found=least, lost=partly, count=count, **guess), *blocks]


def _flat(run: VariantRun) -> Array:
    return run.flat


def least_flat(state: DistributionsState, found: StudyFound) -> tuple[str, ...]:
    """The variants whose share, averaged over the blocks, no other one is clearly below.

    An orphan is none, and what diverged in every repetition has no share.
    """
    shares = {
        name: flat.mean(axis=0)
        for name, flat in ends(found, _flat).items()
        if name != "orphan" and np.isfinite(flat).all(axis=0).any()
    }
    counted = 1 if state.activation == "relu" else found.rows.validation
    step = 1 / (counted * state.units * state.depth)
    return lowest(shares, step=step, overlap=overlap(found.rows))
