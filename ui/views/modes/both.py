"""One batch, both modes: where their outputs differ, and what the updates do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

import bncore
from bncore.estimators import BIASED
from bncore.moments import Array
from bncore.paths import targets
from ui import palette
from ui.data_box import data_box
from ui.figures import walk
from ui.grid import Panel, draw_grid
from ui.guesses import told
from ui.runs import Result
from ui.state import Page
from ui.training import training_panel
from ui.views.modes import state as settings
from ui.views.modes.state import ModesState

DRAWN_ROWS = 12
ROUNDING = 1e-5  # of outputs whose deviation is 1, in float32
SMALL = 0.01  # of that deviation


def show(page: Page[ModesState]) -> None:
    """The part from top to bottom."""
    state, rows = page.state, page.state.data.shape[0]
    st.markdown(
        "A layer that has just been made is fed batches in training mode; nothing is learned, so "
        "only its moving statistics change. After every update **the same batch** goes through it "
        "in both modes. The gap is the mean distance between the two outputs."
    )
    page.radio(
        "gap_guess",
        "Predict: what becomes of the gap while the updates go on?",
        labels=settings.GAP_GUESSES,
    )
    page.pills("keeps", "Layers, by keep (the weight of the old value; PyTorch's is 1 − keep)")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.slider("batch_size", f"Batch size (1 to {rows})", maximum=rows, width=320)
        page.number("updates", "Updates", width=120)
        page.number("epsilon", "Epsilon ε", width=120)
        page.number("seed", "Seed", width=120)
    data_box(page, settings.PRESETS)
    blocked = settings.gap_problem(state)
    job = None if blocked else settings.gap_job(state)

    def growing(result: Result | None) -> None:
        if result is not None and not result.finished and "inference" in result.values:
            _curves(state, result.values, None, "modes-gap-live")

    result = training_panel("modes-gap", job, growing, unit="updates", blocked=blocked)
    if result is None or not result.finished or "inference" not in result.values:
        return
    st.subheader("The answer")
    for sentence in words(state, result.values):
        st.markdown(sentence)
    _scrub(page, result.values)
    versions = result.values["versions"]
    st.caption(f"Run with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}.")


def _scrub(page: Page[ModesState], values: Mapping[str, Any]) -> None:
    """Any recorded update: the gap there, and both outputs number by number."""
    last = int(values["update"][-1])

    @st.fragment
    def scrub() -> None:
        update = st.slider("Update", 0, last, last, key=f"modes-at-{last}")
        _curves(page.state, values, max(update, 1), "modes-gap-done")
        _outputs(page.state, values, update)

    page.segmented("looked_at", "Layer with keep", options=page.state.keeps)
    scrub()


def _curves(state: ModesState, values: Mapping[str, Any], at: int | None, key: str) -> None:
    left = floor(state, values)
    figure = walk(
        values["update"],
        {f"keep {keep}": curve for keep, curve in gaps(values).items()},
        {} if left is None else {"settled statistics": left},
        palette.current(),
        title="Mean distance between the outputs of both modes",
        total=state.updates,
        log=False,
        at=at,
    )
    st.plotly_chart(figure, key=key, config={"displaylogo": False})


def _outputs(state: ModesState, values: Mapping[str, Any], update: int) -> None:
    keep = settings.looked_at(state)
    inference = values["inference"][keep][update - 1] if update else values["first"]
    training = values["training"]
    x = state.data.array[: len(training)]
    groups = np.broadcast_to(np.arange(x.shape[1]), x.shape)[:DRAWN_ROWS]
    parts = {
        "x": ("The batch", x),
        "training": ("Training mode", training),
        "inference": ("Inference mode", inference),
        "difference": ("Difference", inference - training),
    }
    panels = [
        Panel(name, title, numbers[:DRAWN_ROWS], groups=groups, axes=("N", "C"))
        for name, (title, numbers) in parts.items()
    ]
    draw_grid(panels, key="modes-outputs")
    if len(x) > DRAWN_ROWS:
        st.caption(f"The first {DRAWN_ROWS} of the {len(x)} rows of the batch.")


def gaps(values: Mapping[str, Any]) -> dict[str, Array]:
    """The mean distance between both outputs after every update, by keep."""
    return {
        keep: np.abs(inference - values["training"]).mean(axis=(1, 2))
        for keep, inference in values["inference"].items()
    }


def floor(state: ModesState, values: Mapping[str, Any]) -> float | None:
    """The gap that is left when the moving statistics are where they settle.

    None where float32 cannot hold these data: where the layer's own output in training mode is
    another than the exact one, the exact final gap says nothing about the layer.
    """
    x, size = state.data.array, settings.size_of_batch(state)
    exact = _normalised(x[:size], state.epsilon)
    if not np.allclose(exact, values["training"], rtol=SMALL / 10, atol=SMALL / 10):
        return None
    return _left(x, size, state.epsilon)


def _left(x: Array, size: int, epsilon: float) -> float:
    """The mean distance of both outputs of the first rows, with settled statistics, exactly."""
    moments = _column_moments(x)
    variance = targets(moments.variance, len(x), size, epsilon, (BIASED,))["biased"]
    with np.errstate(all="ignore"):
        settled = (x[:size] - moments.mean) / np.sqrt(variance + epsilon)
        return float(np.abs(settled - _normalised(x[:size], epsilon)).mean())


def _normalised(x: Array, epsilon: float) -> Array:
    moments = _column_moments(x)
    with np.errstate(all="ignore"):
        return np.asarray((x - moments.mean) / np.sqrt(moments.variance + epsilon))


def _column_moments(x: Array) -> bncore.Moments:
    return bncore.batch_moments(x, bncore.split_axes(x.shape, -1))


def outcome(first: float, last: float) -> str:
    """What became of a gap between outputs whose deviation is about 1.

    >>> outcome(1.0, 0.001), outcome(1.0, 0.3), outcome(1.0, 1.05), outcome(1.0, 2.0)
    ('vanishes', 'shrinks', 'stays', 'grows')
    >>> outcome(1e3, 0.4), outcome(3e-8, 5e-8)
    ('shrinks', 'stays')
    """
    if max(first, last) < ROUNDING:
        return "stays"
    if last <= SMALL * min(first, 1.0):
        return "vanishes"
    if last < 0.9 * first:
        return "shrinks"
    return "stays" if last <= 1.1 * first else "grows"


def words(state: ModesState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from the recorded outputs."""
    first = float(np.abs(values["first"] - values["training"]).mean())
    made, size = len(values["update"]), settings.size_of_batch(state)
    ends = {keep: float(curve[-1]) for keep, curve in gaps(values).items()}
    if not np.isfinite([first, *ends.values()]).all():
        return [_not_finite(state, values)]
    listed = ", ".join(f"**{gap:.3g}** with keep {keep}" for keep, gap in ends.items())
    keep = min(ends, key=lambda name: float(name))
    found = outcome(first, ends[keep])
    sentences = [
        f"For the smallest keep ({keep}): **{settings.GAP_GUESSES[found]}**."
        + told(state.gap_guess, found, settings.GAP_GUESSES),
        f"The new layer holds mean 0 and variance 1, and its two outputs are **{first:.3g}** "
        f"apart. After {made:,} update{'s' * (made > 1)}: {listed}.",
        _why(state, floor(state, values)),
    ]
    if size == 1:
        largest = float(np.abs(values["training"]).max())
        sentences.append(
            "A batch of one is its own mean: in training mode every output is beta, here 0 "
            f"(largest recorded: {largest:g}), whatever the row holds. PyTorch raises an error "
            "instead; Paddle returns the row as it came."
        )
    return sentences


def _not_finite(state: ModesState, values: Mapping[str, Any]) -> str:
    """Why there is no gap: a division by zero, or numbers beyond float32."""
    with np.errstate(all="ignore"):
        variance = state.data.array[: settings.size_of_batch(state)].astype(np.float32).var(axis=0)
    moving = values.get("moving_variance", {}).values()
    zero = (variance == 0).any() or any((kept == 0).any() for kept in moving)
    text = "Some outputs are **not finite**, so there is no gap to compare"
    if state.epsilon == 0 and zero:
        return f"{text}: a variance of 0 is divided by √(0 + ε), which needs an ε above 0."
    if not np.isfinite(variance).all():
        return f"{text}: the variance of these numbers is beyond float32 (3.4e38)."
    return f"{text}."


def _why(state: ModesState, left: float | None) -> str:
    x, size = state.data.array, settings.size_of_batch(state)
    rows, rest = len(x), len(x) % size
    if left is None:
        return (
            "No final gap can be predicted: the layer computes in float32 (7 digits, up to "
            "3.4e38), which cannot hold these data and their variance. Its output in training mode "
            "is not the exact one."
        )
    if left <= ROUNDING:
        because = (
            ": the batch is the whole data set, and Keras 3 stores the biased variance, the one "
            "that it normalises with."
        )
        return "Expected final gap: 0" + (because if size == rows else ".")
    return (
        f"Expected final gap: **{left:.3g}** (dotted line). Training mode uses the mean and "
        f"variance of this batch of {size}, inference mode the moving average over batches from "
        f"all {rows} rows. More updates do not remove it; if every batch were all {rows} rows, "
        f"{_left(x, rows, state.epsilon):.2g} would be left."
        + (
            f" The last batch of every epoch has {rest} row{'s' * (rest > 1)} only, and counts as "
            "much as a full one."
            if rest
            else ""
        )
    )
