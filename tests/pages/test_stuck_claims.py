"""Every claim about validation that is stuck, held against a computation of this file."""

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.arguments import Rows
from bncore.experiments.validation_gap import Estimated, GapFound, GapRun
from tests.claims import check_all
from ui.questions.stuck import answers
from ui.questions.stuck.state import GUESSES, StuckState
from ui.questions.stuck.words import WORDS

SHARES = st.sampled_from([0.0, 0.3, 0.5, 0.62, 0.65, 0.8, 0.801, 0.85, 0.9, 0.95, 1.0]) | st.floats(
    0, 1
)


NAMES = ("training_mode", "inference_mode", "validation")
RUNS = st.fixed_dictionaries(dict.fromkeys(NAMES, SHARES))


def of(state, values):
    first, second = (values.runs[repr(float(keep)).removesuffix(".0")]
                     for keep in (state.keep, state.second_keep))  # fmt: skip
    last = [{name: float(getattr(run, name)[-1]) for name in NAMES} for run in (first, second)]
    return *last, values.most_common


def losses(run):
    return run["training_mode"] - run["validation"], run["training_mode"] - run["inference_mode"]


def check_accuracies(c, text, state, values):
    run, _, common = of(state, values)
    for name, share in run.items():
        assert c[name] == share
        assert f"**{share:.1%}**" in text
    assert f"would be {common:.1%}" in text
    assert f"keep {float(c['keep']):g}" == f"keep {state.keep:g}"


def held_back(state, values):
    lost, modes = losses(of(state, values)[0])
    assert lost > 0.05
    assert modes > lost / 2
    return lost, modes


def not_held_back(state, values):
    lost, modes = losses(of(state, values)[0])
    assert lost <= 0.05 or modes <= lost / 2
    return lost, modes


def check_nothing_learned(c, text, state, values):
    run, _, common = of(state, values)
    not_held_back(state, values)
    assert run["training_mode"] <= common


def check_not_stuck(c, text, state, values):
    run, _, common = of(state, values)
    lost, _ = not_held_back(state, values)
    assert run["training_mode"] > common
    assert lost <= 0.05
    assert f"{100 * abs(lost):.1f} points {'above' if lost < 0 else 'below'}" in text


def check_other_reason(c, text, state, values):
    run, _, common = of(state, values)
    lost, modes = not_held_back(state, values)
    assert run["training_mode"] > common
    assert lost > 0.05
    assert f"{100 * lost:.1f} points below" in text
    assert f"are {100 * abs(modes):.1f} points apart" in text


def check_lagging(c, text, state, values):
    lost, modes = held_back(state, values)
    updates = len(values.runs[repr(state.keep).removesuffix(".0")].loss)
    left = math.prod([state.keep] * updates)
    assert c["left"] == pytest.approx(left)
    assert left > 0.05
    assert c["mostly"] == text.startswith("**Most") == (modes < 0.8 * lost)
    assert f"After {updates:,} update" in text
    if 0 < state.keep < 1:
        needed = int(text.split("; ")[1].split(" updates")[0].replace(",", ""))
        assert state.keep**needed <= 0.01 * (1 + 1e-9)
        assert state.keep ** (needed - 1) > 0.01 * (1 - 1e-9)
    else:
        assert "would leave" not in text
    by_default = [math.prod([0.99] * updates)] * (state.keep > 0.99)
    shown = re.findall(r"keep, 0.99, (more than )?([\d.]+) % would be left", text)
    assert [float(share) / 100 for _, share in shown] == pytest.approx(by_default, rel=0.05)
    assert ("You predicted it." in text) == (state.guess == "lagging")


def check_few_batches(c, text, state, values):
    lost, modes = held_back(state, values)
    updates = len(values.runs[repr(state.keep).removesuffix(".0")].loss)
    assert math.prod([state.keep] * updates) <= 0.05
    assert c["mostly"] == text.startswith("**Most") == (modes < 0.8 * lost)
    assert "predicted" not in text
    if state.keep:
        memory = float(text.split("about ")[1].split(" ")[0].replace(",", ""))
        assert memory == pytest.approx(1 / (1 - state.keep), abs=0.51)


def check_lose(c, text, state, values):
    lost, modes = held_back(state, values)
    assert text.startswith(f"Validation rows lose {100 * lost:.1f} points")
    assert f"trained on lose {100 * modes:.1f} points" in text


def cured(before, after, common):
    """Clearly more validation rows, more than guessing, and at most half of the loss is left."""
    if not after["validation"] > before["validation"]:
        return "none"
    still = losses({**after})[1]
    half = losses(before)[1] / 2
    good = still <= max(half, 0.05) and after["validation"] > common
    return "cures" if good and after["validation"] > before["validation"] + 0.05 else "helps"


SAID = {"cures": "**Cure", "helps": "**no cure**", "none": "did not help"}


def check_second_keep(c, text, state, values):
    before, after, common = of(state, values)
    assert c["found"] == cured(before, after, common)
    assert SAID[c["found"]] in text
    if c["found"] != "none":
        assert ("sooner" in text) == (state.second_keep < state.keep)
    assert f"keep {state.second_keep:g} validation ends at **{after['validation']:.1%}**" in text
    assert f"({before['validation']:.1%} with keep {state.keep:g})" in text


def check_averaging(c, text, state, values):
    before, _, common = of(state, values)
    estimated = dataclasses.asdict(*values.estimated.values())
    assert c["found"] == cured(before, before | estimated, common)
    assert SAID[c["found"]] in text
    assert f"**{estimated['validation']:.1%}**" in text
    assert f"({before['validation']:.1%} before)" in text
    assert f"model with keep {state.keep:g} then" in text


def check_no_averaging(c, text, state, values):
    assert not values.estimated


CHECKS = {
    "accuracies": check_accuracies, "nothing learned": check_nothing_learned,
    "not stuck": check_not_stuck, "other reason": check_other_reason, "lagging": check_lagging,
    "few batches": check_few_batches, "lose": check_lose, "second keep": check_second_keep,
    "averaging": check_averaging, "no averaging": check_no_averaging,
}  # fmt: skip


@settings(max_examples=150)
@given(
    RUNS, RUNS, st.none() | RUNS, SHARES,
    st.lists(st.sampled_from([0.0, 0.5, 0.9, 0.999, 1.0]), min_size=2, max_size=2, unique=True),
    st.sampled_from([1, 2, 100, 300]), st.sampled_from(list(GUESSES)),
)  # fmt: skip
@example(  # the same validation rows but one: training is what fell
    {"training_mode": 0.95, "inference_mode": 0.5, "validation": 0.8},
    {"training_mode": 0.85, "inference_mode": 0.85, "validation": 0.801},
    None, 0.5, [0.999, 0.9], 100, "lagging",
)  # fmt: skip
@example(
    {"training_mode": 0.9, "inference_mode": 0.3, "validation": 0.3},
    {"training_mode": 0.9, "inference_mode": 0.9, "validation": 0.9},
    {"inference_mode": 0.5, "validation": 0.5}, 0.2, [0.0, 0.9], 100, "overfitting",
)  # fmt: skip
def test_every_claim_about_validation_that_is_stuck(
    first, second, estimated, common, keeps, updates, guess
):
    state = dataclasses.replace(StuckState(), keep=keeps[0], second_keep=keeps[1], guess=guess)
    names = [f"{keep:g}" for keep in keeps]
    runs = {
        name: GapRun(
            np.ones(updates), **{curve: np.full(updates, share) for curve, share in run.items()}
        )
        for name, run in zip(names, (first, second), strict=True)
    }
    values = GapFound(rows=Rows(80, 20), most_common=common, runs=runs)
    if estimated is not None:
        ends = Estimated(estimated["inference_mode"], estimated["validation"])
        values = dataclasses.replace(values, estimated={names[0]: ends})
    check_all(answers, WORDS, CHECKS, state, values)
