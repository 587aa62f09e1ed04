"""The step-by-step page's state, the whole pass that it stands for, and its panels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

import bncore
from bncore.activations import ACTIVATIONS
from bncore.moments import Array
from ui.drawing.grid import Cell, Panel, Stages
from ui.page.predictions import predictions
from ui.questions.steps.order import ALL, PANELS, STEPS, shown
from ui.state import fields
from ui.state.arrays import FrozenArray, fitted

LARGEST = 128
GUESSES = predictions(
    shifts="they grow by 100",
    same="nothing changes",
    small="they shrink towards 0",
)
MODES = {"training": "Training mode", "inference": "Inference mode"}
STATISTICS = ("mean", "variance", "inv_std", "dbeta", "dgamma", "gamma", "beta")
EDITABLE = {"z": "z", "da": "upstream", "gamma": "gamma", "beta": "beta",
            "mean": "moving_mean", "variance": "moving_variance"}  # fmt: skip


@dataclass(frozen=True)
class StepsState:
    """The numbers, the step that is shown, and the cell whose arithmetic is shown."""

    z: FrozenArray = fields.array([[1, 1, -1], [2, 5, -1], [3, -1, 1], [6, -1, 1]], (2, 2), LARGEST)
    gamma: FrozenArray = fields.array([1, 2, 0.5], (1, 1), LARGEST)
    beta: FrozenArray = fields.array([0, 1, 1], (1, 1), LARGEST)
    upstream: FrozenArray = fields.array(
        [[0, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1]], (2, 2), LARGEST
    )
    moving_mean: FrozenArray = fields.array([0, 0, 0], (1, 1), LARGEST)
    moving_variance: FrozenArray = fields.array([1, 1, 1], (1, 1), LARGEST)
    epsilon: float = fields.number(1e-3, 0, 1e6)
    mode: str = fields.choice("training", tuple(MODES))
    activation: str = fields.choice("relu", tuple(ACTIVATIONS))
    step: int = fields.integer(PANELS.index("mean"), 0, len(STEPS) - 1)
    panel: str = fields.choice("mean", (*PANELS, "gamma", "beta"))
    row: int = fields.integer(0, 0, LARGEST)
    column: int = fields.integer(0, 0, LARGEST)
    guess: str = fields.prediction(GUESSES)


@dataclass(frozen=True)
class Pass:
    """Forward and back, number by number: an array for every panel, and who made them."""

    values: Mapping[str, Array]
    training: bool
    epsilon: float
    activation: str
    count: int


def whole_pass(state: StepsState) -> Pass:
    """Ask the engine for everything at once."""
    z = state.z.array
    features = z.shape[1:]
    gamma, beta, mean, variance = (
        fitted(field.array, features, empty)
        for field, empty in (
            (state.gamma, 1.0), (state.beta, 0.0), (state.moving_mean, 0.0),
            (state.moving_variance, 1.0),
        )
    )  # fmt: skip
    convention = replace(bncore.CONVENTIONS["keras-3"], epsilon=state.epsilon)
    moving = bncore.MovingStatistics(mean, variance, 0)
    trace = bncore.batch_norm(
        z, moving, convention, state.mode == "training", gamma=gamma, beta=beta
    )
    activation = ACTIVATIONS[state.activation]
    da = state.upstream.array if state.upstream.shape == z.shape else last_row(z.shape)
    dy = da * activation.slope(trace.output)
    back = bncore.batch_norm_gradients(trace, dy)
    values = {
        "z": z,
        "mean": trace.mean[0],
        "centered": trace.centered,
        "variance": trace.variance[0],
        "inv_std": trace.inv_std[0],
        "x_hat": trace.x_hat,
        "gamma": gamma,
        "beta": beta,
        "output": trace.output,
        "a": activation.value(trace.output),
        "da": da,
        "dy": dy,
        "dbeta": back.beta,
        "dgamma": back.gamma,
        "direct": back.direct,
        "through_mean": np.broadcast_to(back.through_mean, z.shape),
        "through_variance": back.through_variance,
        "dz": back.x,
    }
    return Pass(values, trace.training, state.epsilon, state.activation, len(z))


def last_row(shape: tuple[int, ...]) -> Array:
    """The gradient of a loss that is the sum of the last row's outputs."""
    upstream = np.zeros(shape)
    upstream[-1] = 1.0
    return upstream


def panels(state: StepsState, whole: Pass) -> list[Panel]:
    """All that is drawn, at one step or another: one scene."""
    titles = {step.panel: step.title for step in STEPS} | {"gamma": "Gamma γ", "beta": "Beta β"}
    columns = np.arange(whole.values["z"].shape[1])
    told = formulas(whole)
    fixed = () if state.mode == "inference" else ("mean", "variance")
    return [
        Panel(
            name,
            titles[name],
            whole.values[name],
            groups=np.broadcast_to(columns, whole.values[name].shape),
            role="statistic" if name in STATISTICS else "cells",
            axes=("C",) if name in STATISTICS else ("N", "C"),
            editable=name in EDITABLE and name not in fixed,
            formula=told.get(name, ""),
        )
        for name in ALL
    ]


def formulas(whole: Pass) -> Mapping[str, str]:
    """How each panel's numbers follow from those of others; what is given has none."""
    n, activation, root = whole.count, whole.activation, f"sqrt(variance + {whole.epsilon})"
    forward = {
        "centered": "z - mean",
        "inv_std": f"1 / {root}",
        "x_hat": f"(z - mean) / {root}",
        "output": "gamma * x_hat + beta",
        "a": f"{activation}(output)",
    }
    back = {
        "dy": f"da * {activation}_slope(output)",
        "dbeta": "sum(dy)",
        "dgamma": "sum(dy * x_hat)",
        "direct": "gamma * inv_std * dy",
        "dz": "direct + through_mean + through_variance",
    }
    batch = {
        "mean": "mean(z)",
        "variance": "mean(centered**2)",
        "through_mean": f"-gamma * inv_std * dbeta / {n}",
        "through_variance": f"-gamma * inv_std * x_hat * dgamma / {n}",
    }
    return forward | back | (batch if whole.training else {})


def selected(state: StepsState, whole: Pass, step: int) -> Cell:
    """The cell whose arithmetic is shown at a step, as the grid names it.

    It is of the panel that the step brings, unless another one was chosen at this step.
    """
    chosen = step == state.step and state.panel in shown(step)
    panel = state.panel if chosen else PANELS[step]
    rows, columns = whole.values["z"].shape
    row, column = min(state.row, rows - 1), min(state.column, columns - 1)
    return panel, ((column,) if panel in STATISTICS else (row, column))


def stages(state: StepsState, whole: Pass, stepper: str) -> Stages:
    """Which panels and which cell each step shows."""
    steps = range(len(STEPS))
    return Stages(
        stepper,
        state.step,
        [shown(step) for step in steps],
        [selected(state, whole, step) for step in steps],
    )


def shifted_outputs(state: StepsState, mode: str) -> tuple[Array, Array]:
    """Column 0 of y in this mode, and after 100 is added to every number of that column of z."""
    z = np.array(state.z.array)
    z[:, 0] += 100
    before = whole_pass(replace(state, mode=mode))
    after = whole_pass(replace(state, mode=mode, z=FrozenArray(z)))
    return before.values["output"][:, 0], after.values["output"][:, 0]


def problem(state: StepsState) -> str:
    """Why nothing can be computed, in a sentence; empty where it can."""
    if (state.moving_variance.array < 0).any():
        return "A moving variance is 0 or more: change it, or press Reset."
    return ""
