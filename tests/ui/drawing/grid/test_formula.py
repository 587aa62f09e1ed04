"""A formula per panel: what it may hold, and how it travels."""

import json

import numpy as np
import pytest

import bncore
from ui.drawing.grid import Panel, component
from ui.drawing.grid.formula import SLOPE, parsed
from ui.drawing.grid.scene import scene
from ui.questions.axes import state as axes
from ui.questions.steps import state as steps
from ui.questions.steps.order import STEPS, at_step
from ui.state.arrays import FrozenArray


def test_a_formula_travels_as_a_tree_with_the_rounding_of_its_panel():
    values = np.ones((2, 2), np.float32)
    panel = Panel("a", "A", values, formula="relu(-x) * 2 / sum(x**2)")
    (told,) = json.loads(json.dumps(scene([panel], 100)))["panels"]
    assert told["formula"] == [
        "/", ["*", ["relu", ["negative", "x"]], 2], ["sum", ["square", "x"]],
    ]  # fmt: skip
    assert told["unit"] == 2.0**-24
    (given,) = scene([Panel("x", "X", [1, 2])], 100)["panels"]
    assert (given["formula"], given["unit"]) == (None, 2.0**-53)


@pytest.mark.parametrize(
    "formula",
    ["x +", "x ** 3", "x[0]", "open(x)", "mean(x, y)", "mean(x=1)", "x < 1", "True", "'x'",
     "x if x else x", "x.T", "().__class__", "lambda: 1", "x % 2", "+x"],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_where_it_is_declared(formula):
    with pytest.raises(ValueError, match="cannot be told: it takes numbers, ids of panels"):
        Panel("a", "A", [1.0], formula=formula)


def test_the_browser_knows_every_activation():
    script = component.MODULE.text
    for name in bncore.activations.ACTIVATIONS:
        assert f"\n  {name}: [" in script
    assert f"${{name}}{SLOPE}" in script


def mentioned(tree):
    """The ids of all panels in a formula."""
    if isinstance(tree, list):
        return set().union(*(mentioned(each) for each in tree[1:]))
    return {tree} if isinstance(tree, str) else set()


def evaluated(tree, panels, at):
    """A formula for one cell, by NumPy: panels as {id: Panel}, `at` as {axis name: index}."""
    if isinstance(tree, list):
        name, *parts = tree
        if name in ("mean", "sum"):
            over = panels[
                next(iter(sorted(mentioned(parts[0]), key=lambda each: -panels[each].values.size)))
            ]
            cells = [dict(zip(over.axes, index, strict=True)) for index in np.ndindex(over.shape)]
            terms = [evaluated(parts[0], panels, c) for c in cells if at.items() <= c.items()]
            return np.mean(terms) if name == "mean" else np.sum(terms)
        values = [evaluated(part, panels, at) for part in parts]
        base, _, slope = name.partition("_")
        if base in bncore.activations.ACTIVATIONS:
            function = bncore.activations.ACTIVATIONS[base]
            return (function.slope if slope else function.value)(np.array(values[0]))
        return {
            "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
            "negative": np.negative, "square": np.square, "sqrt": np.sqrt,
        }[name](*values)  # fmt: skip
    if isinstance(tree, str):
        return panels[tree].values[tuple(at[axis] for axis in panels[tree].axes)]
    return tree


def check(panels):
    """Every formula whose panels are all there gives the panel's numbers; how many did."""
    by_id = {panel.id: panel for panel in panels}
    told = 0
    for panel in panels:
        if not panel.formula or not mentioned(parsed(panel.formula)) <= by_id.keys():
            continue
        told += 1
        for index in np.ndindex(panel.shape):
            at = dict(zip(panel.axes, index, strict=True))
            value = evaluated(parsed(panel.formula), by_id, at)
            np.testing.assert_allclose(
                value, panel.values[index], 1e-9, 1e-12, err_msg=f"{panel.id}{index}"
            )
    return told


@pytest.mark.parametrize("mode", ["training", "inference"])
@pytest.mark.parametrize("activation", list(bncore.activations.ACTIVATIONS))
def test_the_formulas_of_the_steps_are_what_the_engine_computes(mode, activation):
    for number in (7, len(STEPS) - 1):
        state = steps.StepsState(mode=mode, activation=activation, **at_step(number))
        panels = steps.panels(state, steps.whole_pass(state))
        assert check(panels) >= (5 if mode == "inference" else 7)


@pytest.mark.parametrize("kept", [(0,), (1,), (0, 1), ()])
def test_the_formulas_of_the_axes_are_what_the_engine_computes(kept):
    x = np.random.default_rng(0).normal(3, 2, (4, 3))
    state = axes.AxisState(
        data=FrozenArray(x), kept=kept, gamma=FrozenArray([2.0]), beta=FrozenArray([-1.0])
    )
    assert check(axes.panels(axes.picture(state))) == (5 if len(kept) == 1 else 4)
