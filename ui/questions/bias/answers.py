"""What a bias in front of a batch normalisation does: measured norms in, claims out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ui.page.claims import Claim, claim, worded
from ui.questions.bias.state import BiasState
from ui.questions.bias.words import WORDS

ROUNDING = 1e-3  # of what the same bias changes in inference mode


def words(state: BiasState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from what was measured."""
    return worded(claims(state, values), WORDS)


def claims(state: BiasState, values: Mapping[str, Any]) -> list[Claim]:
    """What the bias does in both modes, and what leaving it out saves."""
    measured = values["measured"]
    training, inference, plain = (measured[m] for m in ("training", "inference", "plain"))
    if not np.isfinite([norm for found in measured.values() for norm in found.values()]).all():
        return [claim("diverged")]
    counts = values["parameters"]["normalised"]
    taken = training["output_change"] < ROUNDING * inference["output_change"]
    return [
        claim(
            "training", bias=training["bias_gradient"], kernel=training["kernel_gradient"],
            plain=plain["bias_gradient"], change=training["output_change"], taken=taken,
            answer=size(training["bias_gradient"], training["kernel_gradient"]),
            guess=state.guess,
        ),
        claim(
            "inference", bias=inference["bias_gradient"], change=inference["output_change"],
            needed=taken,
        ),
        claim("saves", saved=counts["with"] - counts["without"], of=counts["with"]),
    ]  # fmt: skip


def size(bias: float, kernel: float) -> str | None:
    """How large the gradient of a bias is beside the kernel's; None where it is much larger.

    >>> size(1e-9, 1.0), size(0.05, 1.0), size(2.0, 1.0), size(50.0, 1.0), size(0.0, 0.0)
    ('zero', 'smaller', 'alike', None, 'zero')
    """
    if bias < 1e-4 * kernel or bias == 0:
        return "zero"
    if bias < 0.1 * kernel:
        return "smaller"
    return "alike" if bias <= 10 * kernel else None
