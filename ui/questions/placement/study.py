"""Variants side by side: their differences with intervals, and the curves of all repetitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import bands
from ui.drawing.intervals import intervals
from ui.questions.placement import state as settings
from ui.questions.placement.answers import (
    CURVES,
    common_epoch,
    counted,
    method,
    repeated,
    table,
    verdicts,
    words,
)
from ui.questions.placement.state import TITLES, PlacementState
from ui.state.page import Page
from ui.training.panel import training_panel
from ui.training.runs import Result


def show(page: Page[PlacementState]) -> None:
    """The part from top to bottom."""
    page.radio(
        "guess",
        "Predict: where does the layer stand in the model with the higher validation accuracy?",
        labels=settings.GUESSES,
    )
    controls(page)
    st.caption(
        "Ioffe and Szegedy (2015) put it before the activation; practice varies. A dropout between "
        "two normalisations shifts the variance between both modes (Li et al. 2018)."
    )
    result = trained(page, _growing)
    if result is None:
        return
    values = result.values
    st.subheader("The answer")
    for sentence in words(page.state, values):
        st.markdown(sentence)
    _differences(values)
    if verdicts(values):
        st.caption(method(values))
    frame = table(values)
    st.dataframe(frame, hide_index=True, height="content", key="placement-table")
    _figures(values, result.total, "placement-done")
    st.caption(
        f"Curves: the mean of the {page.state.replicas} repetitions, in a band from the least to "
        "the largest. Bands may overlap where a difference is clear: a split that is hard for one "
        "variant is hard for all. What diverged is left out of the curves."
    )
    _code(page, values)


def controls(page: Page[PlacementState]) -> None:
    """What is trained: the presets, then the settings of model, data and training."""
    with st.container(horizontal=True):
        for title, changes in settings.PRESETS.items():
            page.button(title, changes)
    page.pills("variants", "Batch normalisation", labels=TITLES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.number("replicas", "Repetitions", width=130)
        page.number("epochs", "Epochs", width=100)
        if page.state.part != "rates":  # which has its own
            page.number("learning_rate", "Learning rate", width=120)
        page.select("optimizer", "Optimizer", labels=settings.OPTIMIZER_TITLES, width=230)
        page.select("activation", "Activation", width=130)
        page.toggle("use_bias", "use_bias")
    st.caption(_data_words(page.state))
    more = st.expander("Model and data", key="placement-more", on_change="rerun")
    if more.open:
        with more:
            _model_and_data(page)


def _model_and_data(page: Page[PlacementState]) -> None:
    dense = page.state.block == "dense"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.segmented("block", "Model", labels=settings.BLOCKS)
        page.number("units", "Units or channels", width=140)
        page.number("depth", "Blocks", width=100)
        page.number("batch_size", "Batch size", width=110)
        if dense:
            page.number("dropout", "Dropout", width=110)
        page.number("keep", "Keep", width=100)
        page.number("epsilon", "Epsilon ε", width=110)
        page.number("seed", "Seed", width=100)
    if not dense:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.select("classes", "Data", labels=settings.SETS, width=320)
        if page.state.classes == "two-classes":
            page.number("rows", "Rows", width=110)
            page.number("separation", "Separation", width=110)
            page.number("noise", "Label noise", width=110)
        page.toggle("scaled", "Scale every feature to mean 0, variance 1 (by training rows)")


def _data_words(state: PlacementState) -> str:
    """What is trained, on what, in a line."""
    shape = settings.data(state)[0].shape
    name = "Digits as images" if state.block == "conv" else settings.SETS[state.classes]
    return f"{state.depth} blocks of {state.units}, {name}, shape {shape}"


def trained(page: Page[PlacementState], draw: Any) -> Result | None:
    """The run of the study, once it has ended with something to show."""
    blocked = settings.problem(page.state)
    job = None if blocked else settings.study_job(page.state)
    result = training_panel("placement", job, draw, unit="epochs", blocked=blocked)
    if result is None or not result.finished or not _begun(result.values):
        return None
    if common_epoch(result.values) < 1:
        st.info("Stopped before every variant had made its first epoch: nothing to compare yet.")
        return None
    versions = result.values["versions"]
    st.caption(
        f"Keras {versions['keras']} on TensorFlow {versions['tensorflow']}. "
        + repeated(page.state, result.values)
    )
    return result


def _begun(values: Mapping[str, Any]) -> bool:
    """Whether any variant has made an epoch."""
    return any(len(run["loss"]) > 1 for run in values.get("runs", {}).values())


def _growing(result: Result | None) -> None:
    if result is not None and not result.finished and _begun(result.values):
        _figures(result.values, result.total, "placement-live")


def _differences(values: Mapping[str, Any]) -> None:
    """The verdicts, as the sentences and the table tell them, with what each repetition found."""
    differences, found = shown(values)
    if not found:
        return
    figure = intervals(
        differences, found, palette.current(), title="Differences in validation accuracy",
        axis="points",
    )  # fmt: skip
    st.plotly_chart(figure, key="placement-differences", config={"displaylogo": False})


def shown(
    values: Mapping[str, Any],
) -> tuple[dict[str, Array], dict[str, tuple[float, float, bool]]]:
    """What the figure of the differences draws, in points: see `ui.drawing.intervals.intervals`."""
    last, found = counted(values), verdicts(values)
    names = {pair: " − ".join(pair) for pair in found}
    return {names[a, b]: 100 * (last[a] - last[b]) for a, b in found}, {
        names[pair]: (100 * v.difference, 100 * v.margin, v.clear) for pair, v in found.items()
    }


def _figures(values: Mapping[str, Any], total: int, key: str) -> None:
    epochs = total // len(values["weights"])
    columns = st.columns(2) + st.columns(2)
    for column, (name, title) in zip(columns, CURVES.items(), strict=True):
        curves = {TITLES[variant]: run[name] for variant, run in values["runs"].items()}
        places = np.arange(max(map(len, curves.values())))
        whole = {variant: padded(curve, len(places)) for variant, curve in curves.items()}
        figure = bands(places, whole, palette.current(), title=title, total=epochs)
        column.plotly_chart(figure, key=f"{key}-{name}", config={"displaylogo": False})


def padded(curve: Array, length: int) -> Array:
    """A variant that has stopped, or is an epoch behind, up to the length of the others."""
    missing = np.full((length - len(curve), curve.shape[1]), np.nan)
    return np.concatenate([curve, missing])


def _code(page: Page[PlacementState], values: Mapping[str, Any]) -> None:
    box = st.expander("The models as code, and their parameters", on_change="rerun")
    if box.open:
        with box:
            for name, weights in values["weights"].items():
                count = sum(w["count"] for w in weights)
                learned = sum(w["count"] for w in weights if w["trainable"])
                st.markdown(f"**{TITLES[name]}**: {count:,} numbers, {learned:,} of them trainable")
                st.code(settings.code(page.state, name), language="python")
