"""Step by step: every step with its numbers, any cell with its arithmetic."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bncore.activations import ACTIVATIONS
from ui.drawing.stepper.component import rested_at
from ui.questions.steps.facts import reached
from ui.questions.steps.order import PANELS, STEPS, at_step, shown
from ui.questions.steps.sentences import facts, guess_words
from ui.questions.steps.state import (
    StepsState,
    formulas,
    panels,
    problem,
    selected,
    stages,
    whole_pass,
)
from ui.questions.steps.words import arithmetic, number
from ui.state.arrays import FrozenArray

STATE = StepsState()


def test_every_step_shows_its_panel_last_and_has_its_arithmetic():
    whole = whole_pass(STATE)
    for place, step in enumerate(STEPS):
        assert shown(place)[-1] == step.panel
        panel, index = selected(STATE, whole, place)
        assert panel == step.panel
        text = arithmetic(whole, panel, index)
        assert text.endswith(f"= {number(whole.values[panel][index])}")


@pytest.mark.parametrize(("mode", "editable"), [
    ("training", {"z", "gamma", "beta", "da"}),
    ("inference", {"z", "gamma", "beta", "da", "mean", "variance"}),
])  # fmt: skip
def test_every_panel_is_what_it_says(mode, editable):
    columns = {"mean", "variance", "inv_std", "gamma", "beta", "dbeta", "dgamma"}
    state = dataclasses.replace(STATE, mode=mode)
    whole = whole_pass(state)
    seen = {panel.id: panel for panel in panels(state, whole)}
    assert seen.keys() == {*PANELS, "gamma", "beta"}
    titles = {step.panel: step.title for step in STEPS} | {"gamma": "Gamma γ", "beta": "Beta β"}
    assert {name: panel.title for name, panel in seen.items()} == titles
    for name, panel in seen.items():
        np.testing.assert_array_equal(panel.values, whole.values[name])
    assert {name for name in seen if seen[name].editable} == editable
    for name, panel in seen.items():
        assert panel.role == ("statistic" if name in columns else "cells")
        assert panel.axes == (("C",) if name in columns else ("N", "C"))
        np.testing.assert_array_equal(panel.groups, np.broadcast_to([0, 1, 2], panel.shape))


FORWARD = ("z", "mean", "centered", "variance", "inv_std", "x_hat", "gamma", "beta", "output", "a")
BACK = ("da", "dy", "dbeta", "dgamma", "direct", "through_mean", "through_variance", "dz")


def test_forward_panels_pile_up_and_the_way_back_begins_with_what_it_needs():
    ends = (1, 2, 3, 4, 5, 6, 9, 10)  # gamma and beta come with the output
    for step, end in enumerate(ends):
        assert shown(step) == FORWARD[:end]
    for step in range(len(ends), len(STEPS)):
        needed = ("inv_std", "x_hat", "gamma", "output")
        assert shown(step) == (*needed, *BACK[: step - len(ends) + 1])
    assert [panel.id for panel in panels(STATE, whole_pass(STATE))] == [*FORWARD, *BACK]


def test_the_stages_are_the_steps_and_begin_where_the_page_stands():
    state = dataclasses.replace(STATE, **at_step(3))
    found = stages(state, whole_pass(state), "name")
    assert (found.stepper, found.at) == ("name", 3)
    assert list(found.shown) == [shown(step) for step in range(len(STEPS))]
    assert [panel for panel, _ in found.selected] == list(PANELS)
    assert found.selected[0] == ("z", (0, 0))
    assert found.selected[1] == ("mean", (0,))
    assert at_step(3) == {"step": 3, "panel": "variance"}


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "linear"])
@pytest.mark.parametrize("mode", ["training", "inference"])
def test_every_formula_gives_the_numbers_of_its_panel(mode, activation):
    rng = np.random.default_rng(0)
    z, upstream = (FrozenArray(rng.normal(size=(4, 3))) for _ in range(2))
    state = dataclasses.replace(
        STATE, mode=mode, activation=activation, z=z, upstream=upstream, epsilon=0.25
    )
    whole = whole_pass(state)
    functions = {
        "sqrt": np.sqrt,
        "mean_of": lambda values: values.mean(axis=0),
        "sum": lambda values: values.sum(axis=0),
        activation: ACTIVATIONS[activation].value,
        f"{activation}_slope": ACTIVATIONS[activation].slope,
    }
    told = formulas(whole)
    batch = {"mean", "variance", "through_mean", "through_variance"}
    given = {"z", "gamma", "beta", "da"}
    assert told.keys() == {*FORWARD, *BACK} - given - (set() if mode == "training" else batch)
    for name, formula in told.items():
        names = {**whole.values, **functions}
        found = eval(formula.replace("mean(", "mean_of("), {"__builtins__": {}}, names)
        wide = np.broadcast_to(found, whole.values[name].shape)  # a term may be one for all rows
        np.testing.assert_allclose(wide, whole.values[name], atol=1e-12, err_msg=formula)
    assert {panel.id: panel.formula for panel in panels(state, whole) if panel.formula} == told


def test_data_of_another_shape_get_a_gradient_and_parameters_that_fit():
    state = dataclasses.replace(STATE, z=FrozenArray(np.arange(10.0).reshape(2, 5)))
    values = whole_pass(state).values
    assert values["da"].tolist() == [[0] * 5, [1] * 5]
    assert values["gamma"].tolist() == [1] * 5
    assert values["beta"].tolist() == [0] * 5
    quiet = whole_pass(dataclasses.replace(state, mode="inference")).values
    assert quiet["mean"].tolist() == [0] * 5
    assert quiet["variance"].tolist() == [1] * 5


@pytest.mark.parametrize(("changes", "cell"), [
    ({"step": 5, "panel": "x_hat", "row": 1, "column": 2}, ("x_hat", (1, 2))),
    ({"step": 5, "panel": "mean", "row": 1, "column": 2}, ("mean", (2,))),
    ({"step": 5, "panel": "dz", "row": 9, "column": 9}, (PANELS[5], (3, 2))),
    ({"step": 1, "panel": "dz", "row": 9, "column": 9}, ("mean", (2,))),
])  # fmt: skip
def test_the_cell_whose_arithmetic_is_shown_is_there(changes, cell):
    state = dataclasses.replace(STATE, **changes)
    assert selected(state, whole_pass(state), state.step) == cell


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
    assert "constants" in arithmetic(quiet, "through_variance", (0, 0))


@pytest.mark.parametrize("mode", ["training", "inference"])
def test_the_prediction_is_about_training_mode_whatever_is_shown(mode):
    state = dataclasses.replace(STATE, mode=mode, guess="same")
    assert "change by at most **0**. The mean takes it away again. You predicted it." in (
        guess_words(state)
    )
    assert "they change by **99.95**" in guess_words(state)
    wrong = dataclasses.replace(state, guess="shifts")
    assert "You predicted: they grow by 100" in guess_words(wrong)


def test_what_is_said_fits_the_mode_and_the_numbers():
    quiet = whole_pass(dataclasses.replace(STATE, mode="inference"))
    for step in STEPS:
        formula, words = step.said(training=False)
        assert "now has mean 0" not in words
        if step.panel in ("through_mean", "through_variance"):
            assert formula == "0"
    assert "(σ²+ε)" not in facts(quiet, "x_hat")[0]
    assert "below 1 by at most 0.001" in facts(whole_pass(STATE), "x_hat")[0]
    assert "below 1" not in facts(whole_pass(dataclasses.replace(STATE, epsilon=0.0)), "x_hat")[0]
    assert "at most 0.33" in facts(whole_pass(dataclasses.replace(STATE, epsilon=0.5)), "dz")[1]


def test_a_gradient_of_ones_asks_for_nothing():
    ones = FrozenArray(np.ones((4, 3)))
    state = dataclasses.replace(STATE, upstream=ones, activation="linear")
    assert "the gradient of z is at most" in facts(whole_pass(state), "dz")[-1]
    assert np.abs(whole_pass(state).values["dz"]).max() < 1e-12


def test_a_negative_moving_variance_is_refused():
    state = dataclasses.replace(STATE, moving_variance=FrozenArray([1.0, -1.0, 1.0]))
    assert problem(state) == "A moving variance is 0 or more: change it, or press Reset."
    still = dataclasses.replace(STATE, moving_variance=FrozenArray([1.0, 0.0, 1.0]))
    assert problem(still) == ""
    assert problem(STATE) == ""


def test_numbers_that_are_not_finite_have_no_verdict():
    constant = FrozenArray([[1.0, 2.0, 3.0], [1.0, 5.0, 4.0]])
    state = dataclasses.replace(STATE, z=constant, epsilon=0.0, guess="same")
    with np.errstate(all="ignore"):
        whole = whole_pass(state)
        assert facts(whole, "dz")[0] == facts(whole, "x_hat")[0]
        assert guess_words(state).startswith(facts(whole, "dz")[0])
        assert "variance 0 is divided" in guess_words(state)
        assert "predicted" not in guess_words(state)


def test_what_overflows_is_not_called_a_division_by_zero():
    huge = FrozenArray([[1e308, 1.0, 2.0], [-1e308, 2.0, 5.0]])
    state = dataclasses.replace(STATE, z=huge)
    with np.errstate(all="ignore"):
        for fact in facts(whole_pass(state), "x_hat"):
            assert "divided by" not in fact
        assert "divided by" not in guess_words(state)
        assert "nan" not in guess_words(state)


def test_a_small_gradient_is_a_gradient():
    small = FrozenArray(np.array(STATE.upstream.array) * 1e-13)
    tiny = dataclasses.replace(STATE, upstream=small)
    assert reached(whole_pass(tiny)) == reached(whole_pass(STATE))
    assert reached(whole_pass(STATE))[0] > 0
    assert "0 directly, 0 in the end" not in facts(whole_pass(tiny), "dz")[0]


@given(st.integers(-250, 250), st.integers(-100, 100))
def test_the_size_of_a_gradient_does_not_change_where_it_reaches(power, shift):
    """Powers of two are exact: the same numbers, larger or smaller."""
    scaled = FrozenArray(np.ldexp(STATE.upstream.array, power))
    moved = FrozenArray(STATE.z.array + shift)
    state = dataclasses.replace(STATE, upstream=scaled, z=moved)
    assert reached(whole_pass(state)) == reached(whole_pass(STATE))


def test_a_moving_variance_of_0_and_epsilon_0_say_so():
    state = dataclasses.replace(STATE, epsilon=0.0, moving_variance=FrozenArray([0.0, 1.0, 1.0]))
    with np.errstate(all="ignore"):
        text = guess_words(state)
    assert "nan" not in text
    assert "both 0" in text


@given(
    st.lists(st.floats(-1e18, 1e18), min_size=2, max_size=5),
    st.sampled_from([0.0, 1e-12, 1e-3, 1.0]),
    st.sampled_from([1e-9, 1.0, 1e9]),
    st.sampled_from([0.0, 1e-9, 1.0]),
)
def test_a_shift_is_never_said_to_change_what_it_cannot_change(column, epsilon, gamma, variance):
    """In exact arithmetic the outputs are the same: anything else would be rounding."""
    z = FrozenArray(np.array([column, np.arange(len(column))]).T)
    state = dataclasses.replace(
        STATE, z=z, epsilon=epsilon, guess="same", gamma=FrozenArray([gamma, 1.0]),
        beta=FrozenArray([0.0, 0.0]), moving_mean=FrozenArray([0.0, 0.0]),
        moving_variance=FrozenArray([variance, 1.0]),
    )  # fmt: skip
    with np.errstate(all="ignore"):
        text = guess_words(state)
    assert "You predicted:" not in text
    assert "nan" not in text
    if "they change by" in text:
        expected = gamma * 100 / np.sqrt(variance + epsilon)
        assert f"**{expected:.4g}**" in text


def test_long_sums_are_shortened():
    tall = dataclasses.replace(STATE, z=FrozenArray(np.ones((20, 3))))
    assert r"\dots" in arithmetic(whole_pass(tall), "mean", (0,))


def stepper(page):
    """What the buttons and the slider of the page are told."""
    return next(each for each in page.told if "titles" in each)


def press(page, number, panel, index):
    """A click on a cell, as the browser sends it."""
    event = [number, "click", panel, index, "", [0, 1]]
    page.app.session_state["steps-grid"] = {"events": {"from": "tab", "list": [event]}}
    page.app.run()
    assert not page.app.exception


def test_it_opens_on_the_first_number_that_is_computed(visit):
    told = stepper(visit("steps"))
    assert (told["titles"][told["at"]], told["jumps"]) == ("Mean", [["Backward pass", 8]])


def test_every_step_has_its_texts_and_its_panels(visit):
    page = visit("steps")
    grid = next(each for each in page.told if "panels" in each)
    stages = grid["stages"]
    assert [shown[-1] for shown in stages["shown"]] == list(PANELS)
    assert [cell[0] for cell in stages["selected"]] == list(PANELS)
    ids = [panel["id"] for panel in grid["panels"]]
    for shown_now in stages["shown"]:
        assert shown_now == sorted(shown_now, key=ids.index)  # as they stand
    texts = [each.value for each in page.app.markdown if each.value.startswith("1. ")]
    for text in texts:
        assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == len(STEPS)
    assert len(texts) == 3
    assert r"\frac{1 + 2 + 3 + 6}{4} = 3" in texts[1]


@pytest.mark.parametrize("state", [None, [3], {}, *({"step": n} for n in (-1, 16, "2", True))])
def test_a_step_that_is_none_is_not_taken(state):
    assert rested_at(state, 16) is None


def test_undo_takes_back_what_was_changed_and_not_where_one_looked(visit):
    page = visit("steps")
    app = page.app
    press(page, 1, "z", [2, 1])
    assert app.button(key="steps-undo").disabled
    assert page.query["panel"] == "z"  # a link still shows the same cell
    app.segmented_control(key="steps-activation").set_value("tanh").run()
    press(page, 2, "mean", [0])
    app.button(key="steps-undo").click().run()
    assert app.segmented_control(key="steps-activation").value == "relu"
    assert page.query["panel"] == "z"
    assert app.button(key="steps-undo").disabled


def test_other_shapes_keep_the_page_alive(visit):
    page = visit("steps", step="15", row="3", column="2", z="")
    assert not page.app.exception
    press(page, 1, "z", [3, 2])


def other(whole, **changes):
    """The pass with some of its arrays another."""
    return dataclasses.replace(whole, values={**whole.values, **changes})


def test_a_gradient_that_does_not_sum_to_0_is_told_as_it_is():
    whole = whole_pass(STATE)
    assert "sums to 0 (here" in facts(whole, "dz")[1]
    moved = other(whole, dz=whole.values["dz"] + 1e-9)
    assert "A column of the gradient sums to 4e-09: more than rounding" in facts(moved, "dz")[1]
    assert "the share ε/(σ²+ε), at most 0.001, of what goes in directly" in facts(whole, "dz")[1]
    stretched = other(whole, dz=whole.values["dz"] + 1e-3 * whole.values["x_hat"])
    assert "sums to 0" in facts(stretched, "dz")[1]
    assert "the share" not in facts(stretched, "dz")[1]


def test_a_variance_of_x_hat_that_is_another_is_not_explained():
    whole = whole_pass(STATE)
    assert facts(other(whole, x_hat=1.001 * whole.values["x_hat"]), "x_hat")[0].count("σ²") == 0


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=6),
    st.sampled_from([0.0, 1e3, 1e6, 1e10]),
    st.sampled_from([1e-12, 1e-3, 1.0]),
    st.sampled_from(["relu", "tanh", "linear"]),
)
@example([-5e-324, 0.0], 0.0, 1e-12, "relu")  # its mean, -2.5e-324, is 0 in float64
def test_rounding_is_called_rounding(column, shift, epsilon, activation):
    z = np.array([column, np.arange(len(column))]).T + shift
    state = dataclasses.replace(
        STATE, z=FrozenArray(z), epsilon=epsilon, activation=activation,
        upstream=FrozenArray(np.arange(z.size, dtype=float).reshape(z.shape)),
        gamma=FrozenArray([1.0, -2.0]), beta=FrozenArray([0.5, 1.0]),
    )  # fmt: skip
    whole = whole_pass(state)
    assert "which is σ²/(σ²+ε)" in facts(whole, "x_hat")[0]
    if len(facts(whole, "dz")) > 1:
        assert "sums to 0 (here" in facts(whole, "dz")[1]
        assert "the share ε/(σ²+ε)" in facts(whole, "dz")[1]


def test_an_engine_that_lets_a_shift_through_changes_the_answer(monkeypatch):
    import bncore

    real = bncore.batch_norm

    def leaking(z, *arguments, **options):
        trace = real(z, *arguments, **options)
        return dataclasses.replace(trace, output=trace.output + 1e-6 * np.asarray(z))

    assert "**nothing changes**" in guess_words(STATE)
    monkeypatch.setattr(bncore, "batch_norm", leaking)
    assert "nothing changes" not in guess_words(STATE)
    assert "change by at most **0.0001**" in guess_words(STATE)
