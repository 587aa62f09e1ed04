"""What the pages about axes hold, what the engine makes of it, and the panels that show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import bncore
from bncore.moments import Array
from ui.drawing.grid import Panel
from ui.state import fields
from ui.state.arrays import FrozenArray, fitted

LONGEST = 512  # elements: what an address still carries and a browser draws at once
FAMILY_NAMES = {name: family.title for name, family in bncore.FAMILIES.items()}


PARTS = {
    "input": "Input",
    "statistics": "Mean and variance",
    "x_hat": "Normalised",
    "parameters": "Gamma and beta",
    "output": "Output",
}


@dataclass(frozen=True)
class AxisState:
    """A tensor and how its cells are grouped; everything else follows from it."""

    data: FrozenArray = fields.array(bncore.DATASETS["axis-question"]().values, (1, 5), LONGEST)
    family: str = fields.choice("batch", tuple(bncore.FAMILIES))
    kept: tuple[int, ...] = fields.integers((-1,), -5, 4, longest=5)
    layout: str = fields.choice("channels last", ("channels last", "channels first"))
    groups: int = fields.integer(1, 1, 64)
    epsilon: float = fields.number(1e-3, 0, 1e6)
    gamma: FrozenArray = fields.array([1.0], (1, 5), LONGEST)
    beta: FrozenArray = fields.array([0.0], (1, 5), LONGEST)
    shown: tuple[str, ...] = fields.choices(tuple(PARTS), tuple(PARTS))


@dataclass(frozen=True)
class ImagesState(AxisState):
    """The same for a small batch of images."""

    data: FrozenArray = fields.array(bncore.DATASETS["images-nhwc"]().values, (1, 5), LONGEST)
    shown: tuple[str, ...] = fields.choices(("input", "statistics", "x_hat"), tuple(PARTS))


@dataclass(frozen=True)
class NormsState(AxisState):
    """The same for the four norms: small, and two groups divide its channels in both layouts."""

    data: FrozenArray = fields.array(
        bncore.DATASETS["images-nhwc"]().values[:, :2, :3, :4], (1, 5), LONGEST
    )
    family: str = fields.choice("instance", tuple(bncore.FAMILIES))
    groups: int = fields.integer(2, 1, 64)
    shown: tuple[str, ...] = fields.choices(("input", "statistics"), tuple(PARTS))


@dataclass(frozen=True)
class Picture:
    """The tensor, its grouping, and every number that follows.

    ``parameters``: the axes along which gamma and beta are held.
    """

    x: Array
    split: bncore.AxisSplit
    parameters: bncore.AxisSplit
    moments: bncore.Moments
    x_hat: Array
    gamma: Array
    beta: Array
    output: Array
    index: Array
    axis_names: tuple[str, ...]
    epsilon: float


def axis_names(rank: int, layout: str) -> tuple[str, ...]:
    """What the axes are called.

    >>> axis_names(4, "channels last"), axis_names(2, "channels first")
    (('N', 'H', 'W', 'C'), ('N', 'C'))
    """
    space = {1: "", 2: "", 3: "W", 4: "HW", 5: "DHW"}[rank]
    if rank == 1:
        return ("N",)
    return tuple("N" + (space + "C" if layout == "channels last" else "C" + space))


def channel_axis(state: AxisState) -> int:
    """Where the channels are in this layout."""
    rank = state.data.array.ndim
    return rank - 1 if state.layout == "channels last" or rank == 1 else 1


def split_of(state: AxisState) -> bncore.AxisSplit:
    """The axes that this state keeps. ValueError where they do not fit the data."""
    shape = state.data.array.shape
    if state.family == "batch":
        return bncore.split_axes(shape, state.kept)
    return bncore.FAMILIES[state.family].split(shape, channel_axis(state), state.groups)


def bracket(state: AxisState) -> int | None:
    """The one axis of a matrix that is kept, at whose edge a bracket stands."""
    split = split_of(state)
    alone = state.family == "batch" and split.rank == 2 and len(split.feature_axes) == 1
    return split.feature_axes[0] if alone else None


def picture(state: AxisState) -> Picture:
    """Ask the engine. ValueError where the axes or groups do not fit the data."""
    x, split = state.data.array, split_of(state)
    moments = bncore.batch_moments(x.reshape(split.shape), split)
    x_hat = bncore.normalize(x, split, moments, state.epsilon)
    parameters = (
        split if state.family == "batch" else bncore.split_axes(x.shape, channel_axis(state))
    )
    gamma, beta = (
        fitted(array, parameters.feature_shape, empty)
        for array, empty in ((state.gamma.array, 1.0), (state.beta.array, 0.0))
    )
    spread = parameters.keepdims_shape
    return Picture(
        x=x,
        split=split,
        parameters=parameters,
        moments=moments,
        x_hat=x_hat,
        gamma=gamma,
        beta=beta,
        output=gamma.reshape(spread) * x_hat + beta.reshape(spread),
        index=bncore.statistic_index(split, x.shape),
        axis_names=axis_names(x.ndim, state.layout),
        epsilon=state.epsilon,
    )


def panels(p: Picture, shown: Sequence[str] = tuple(PARTS), edge: int | None = None) -> list[Panel]:
    """The chosen parts of the picture, input first: one scene."""
    cells: dict[str, Any] = {"groups": p.index, "axes": p.axis_names}
    parts = {
        "input": [
            Panel(
                "input", "Input x", p.x, f"shape {p.x.shape}",
                editable=True, symbol="x", bracket=edge, **cells,
            )
        ],
        "statistics": [*_statistics(p), *_other_mean(p)],
        "x_hat": [
            Panel(
                "x_hat", "Normalised x̂", p.x_hat, "(x − mean) / √(variance + ε)",
                formula=f"(input - mean) / sqrt(variance + {p.epsilon})", **cells,
            )
        ],
        "parameters": list(_learned(p)),
        "output": [
            Panel(
                "output", "Output", p.output, "γ · x̂ + β",
                formula="gamma * x_hat + beta", **cells,
            )
        ],
    }  # fmt: skip
    return [panel for part in PARTS if part in shown for panel in parts[part]]


def _groups(p: Picture) -> Array:
    """Which group each mean is of."""
    return np.arange(p.moments.mean.size).reshape(p.split.feature_shape)


def _statistics(p: Picture) -> Iterator[Panel]:
    """Mean and variance of each group."""
    shape = p.split.feature_shape
    own: dict[str, Any] = {"groups": _groups(p), "role": "statistic", "axes": _statistic_names(p)}
    yield Panel(
        "mean", "Mean", p.moments.mean, f"shape {shape}, n = {p.split.count}",
        formula="mean(input)", **own,
    )  # fmt: skip
    yield Panel(
        "variance", "Variance (biased)", p.moments.variance, f"shape {shape}",
        formula="mean((input - mean)**2)", **own,
    )  # fmt: skip


def _learned(p: Picture) -> Iterator[Panel]:
    """Gamma and beta, in the colours of the groups where each group has a pair."""
    shared: dict[str, Any] = {
        "role": "statistic",
        "groups": _groups(p) if p.gamma.shape == p.split.feature_shape else None,
        "axes": tuple(p.axis_names[axis] for axis in p.parameters.feature_axes),
        "editable": True,
        "subtitle": f"shape {p.gamma.shape}, learned",
    }
    yield Panel("gamma", "Gamma γ", p.gamma, **shared)
    yield Panel("beta", "Beta β", p.beta, **shared)


def _other_mean(p: Picture) -> Iterator[Panel]:
    """What a matrix's other axis would give, for a layer that keeps one of the two."""
    if p.split != p.parameters or p.x.ndim != 2 or len(p.split.feature_axes) != 1:
        return
    (kept,), (axis,) = p.split.feature_axes, p.split.reduction_axes
    with np.errstate(all="ignore"):
        means = p.x.mean(axis=kept)
    yield Panel(
        "other", "The other axis' mean", means, f"NumPy axis={kept}: not what this layer takes",
        axes=(p.axis_names[axis],), role="statistic", vertical=axis == 0, formula="mean(input)",
    )  # fmt: skip


def _statistic_names(p: Picture) -> tuple[str, ...]:
    if p.split.rank == p.x.ndim:
        return tuple(p.axis_names[axis] for axis in p.split.feature_axes)
    return ("N", "group")  # group norm: its split describes the grouped tensor


def counting(shape: tuple[int, ...]) -> Array:
    """0, 1, 2, ... in C order: every cell tells its own place."""
    return np.arange(float(np.prod(shape))).reshape(shape)
