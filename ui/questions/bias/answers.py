"""What a bias in front of a batch normalisation does: measured norms in, claims out."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np

from bncore.experiments.bias import BothModes, Parameters
from ui.page.claims import Claim, claim, worded
from ui.questions.bias.state import BiasState, batch_size
from ui.questions.bias.words import WORDS

ROUNDING = 1e-3  # of what the same bias changes in inference mode


def words(state: BiasState, measured: BothModes, counts: Parameters) -> list[str]:
    """The answer, computed from what was measured."""
    return worded(claims(state, measured, counts), WORDS)


def claims(state: BiasState, measured: BothModes, counts: Parameters) -> list[Claim]:
    """What the bias does in both modes, and what leaving it out saves."""
    if not np.isfinite(astuple(measured)).all():
        return [claim("diverged")]
    training, inference, plain = measured.training, measured.inference, measured.plain
    taken = training.output_change < ROUNDING * inference.output_change
    return [
        claim(
            "training", rows=batch_size(state), bias=training.bias_gradient,
            kernel=training.kernel_gradient, plain=plain.bias_gradient,
            change=training.output_change, taken=taken,
            answer=size(training.bias_gradient, training.kernel_gradient),
            guess=state.guess,
        ),
        claim(
            "inference", bias=inference.bias_gradient, change=inference.output_change,
            needed=taken,
        ),
        claim("saves", saved=counts.with_bias - counts.without, of=counts.with_bias),
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
