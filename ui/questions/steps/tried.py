"""What adding 100 to a column does in both modes, tried. Pure; see `steps_sentences`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ui.page.claims import Claim, claim
from ui.questions.steps.facts import not_finite
from ui.questions.steps.state import StepsState, shifted_outputs, whole_pass

BLURRED = 0.01  # of a deviation: where rounding takes more, the difference is lost


def in_training(state: StepsState) -> Claim:
    """What the outputs do where the mean is the batch's own."""
    whole = whole_pass(replace(state, mode="training"))
    before, after = shifted_outputs(state, "training")
    divided = whole.values["variance"][:1] + state.epsilon
    if not np.isfinite(before).all():
        return not_finite(divided, None if state.mode == "training" else "training")
    column = np.abs(state.z.array[:, 0]).max() + 100
    deviation = np.sqrt(divided[0])
    rounding = 16 * np.finfo(float).eps * column / deviation
    if not rounding < BLURRED:
        return claim("differences lost")
    change = float(np.abs(after - before).max())
    scale = abs(float(whole.values["gamma"][0])) + abs(float(whole.values["beta"][0]))
    found = "same"
    if not change <= len(before) * rounding * scale:
        found = "small" if np.abs(after).max() < np.abs(before).max() else "shifts"
    return claim("training", found=found, change=change)


def in_inference(state: StepsState) -> Claim:
    """What they do where the mean is remembered."""
    whole = whole_pass(replace(state, mode="inference"))
    before, after = shifted_outputs(state, "inference")
    divided = float(whole.values["variance"][0]) + state.epsilon
    if divided == 0:
        return claim("moving variance 0")
    with np.errstate(all="ignore"):
        expected = float(whole.values["gamma"][0]) * 100 / np.sqrt(divided)
        change = after - before
    if not (np.isfinite(expected) and np.allclose(change, expected, rtol=1e-6, atol=0)):
        return claim("inference hidden", expected=expected)
    return claim("inference", expected=expected)
