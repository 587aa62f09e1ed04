"""Step by step: every step with its numbers, any cell with its arithmetic."""

import dataclasses

import numpy as np
import pytest

from ui.arrays import FrozenArray
from ui.steps_view import PANELS, STEPS, StepsState, at_step, panels, selected, shown, whole_pass
from ui.steps_words import arithmetic, facts, guess_words

STATE = StepsState()


def test_every_step_shows_its_panel_last_and_has_its_arithmetic():
    whole = whole_pass(STATE)
    for number, step in enumerate(STEPS):
        assert shown(number)[-1] == step.panel
        at = dataclasses.replace(STATE, **at_step(number))
        drawn = panels(at, whole)
        assert drawn[-1].title.startswith("▶")
        panel, index = selected(at, whole)
        assert panel == step.panel
        text = arithmetic(whole, panel, index)
        value = whole.values[panel][index]
        assert text.split("=")[-1].strip().replace(r" \cdot 10^{", "e").rstrip("}")[:5] in (
            f"{value:.5g}"[:5], "0"[:5]
        )  # fmt: skip


@pytest.mark.parametrize(
    ("panel", "index", "expected"),
    [
        ("mean", (0,), r"\frac{1 + 2 + 3 + 6}{4} = 3"),
        ("variance", (0,), r"\frac{(-2)^2 + (-1)^2 + (0)^2 + (3)^2}{4} = 3.5"),
        ("centered", (1, 1), "5 - 1 = 4"),
        ("centered", (2, 2), "1 - 0 = 1"),
        ("inv_std", (0,), r"\frac{1}{\sqrt{3.5 + 0.001}} = 0.53445"),
        ("x_hat", (3, 0), r"\frac{6 - 3}{\sqrt{3.5 + 0.001}} = 1.6033"),
        ("output", (2, 1), r"2 \cdot (-0.81643) + 1 = -0.63286"),
        ("a", (2, 1), r"\operatorname{relu}(-0.63286) = 0"),
        ("dgamma", (0,), r"0 \cdot (-1.0689) + 0 \cdot (-0.53445) + 0 \cdot 0 + 1 \cdot 1.6033"
         " = 1.6033"),
        ("through_mean", (0, 0), r"-\frac{1}{\sqrt{3.5 + 0.001}} \cdot \frac{1}{4} = -0.13361"),
    ],
)  # fmt: skip
def test_the_arithmetic_of_a_cell_has_the_real_numbers(panel, index, expected):
    assert arithmetic(whole_pass(STATE), panel, index) == expected


def test_the_three_terms_add_up_and_two_vanish_in_inference_mode():
    values = whole_pass(STATE).values
    parts = values["direct"] + values["through_mean"] + values["through_variance"]
    np.testing.assert_allclose(values["dz"], parts)
    quiet = whole_pass(dataclasses.replace(STATE, mode="inference"))
    assert not quiet.values["through_mean"].any()
    assert not quiet.values["through_variance"].any()
    assert "constants" in facts(quiet, "through_mean")[0]
    assert "constants" in arithmetic(quiet, "through_variance", (0, 0))


def test_the_prediction_is_tried():
    assert "You predicted it." in guess_words(dataclasses.replace(STATE, guess="same"))
    inference = dataclasses.replace(STATE, mode="inference", guess="same")
    assert "You predicted: nothing changes" in guess_words(inference)


def test_long_sums_are_shortened():
    tall = dataclasses.replace(STATE, z=FrozenArray(np.ones((20, 3))))
    assert r"\dots" in arithmetic(whole_pass(tall), "mean", (0,))


def test_back_and_next_move_and_the_check_is_shown(visit):
    page = visit("steps")
    for number in range(1, 4):
        page.app.button(key="steps-next").click().run()
        assert f"Step {number + 1} of 16" in page.app.get("progress")[0].proto.text
    page.app.button(key="steps-back").click().run()
    assert "Step 3 of 16" in page.app.get("progress")[0].proto.text
    page.app.button(key="steps-to-back").click().run()
    assert f"Step {PANELS.index('da') + 1} of 16" in page.app.get("progress")[0].proto.text
    assert not page.app.exception


def test_other_shapes_keep_the_page_alive(visit):
    page = visit("steps", step="15", row="3", column="2", z="")
    assert not page.app.exception
    page.app.button(key="steps-start").click().run()
    assert not page.app.exception
