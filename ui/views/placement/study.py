"""Variants side by side: curves with their spread, and what may be said about them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from bncore.moments import Array
from bncore.placement import Verdict, judge
from ui import palette
from ui.figures import bands
from ui.guesses import told
from ui.runs import Result
from ui.state import Page
from ui.training import training_panel
from ui.views.placement import state as settings
from ui.views.placement.state import TITLES, PlacementState

CURVES = {
    "loss": "Training loss (training mode)",
    "validation_loss": "Validation loss",
    "accuracy": "Training accuracy (training mode)",
    "validation_accuracy": "Validation accuracy",
}


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
    st.caption(
        f"All numbers: after epoch {common_epoch(values)}, the last that every variant made."
    )
    frame = table(values)
    st.dataframe(frame, hide_index=True, height="content", key="placement-table")
    _figures(values, result.total, "placement-done")
    _code(page, values)


def controls(page: Page[PlacementState]) -> None:
    """What is trained: the presets, then the settings of model, data and training."""
    with st.container(horizontal=True):
        for title, changes in settings.PRESETS.items():
            page.button(title, changes)
    page.pills("variants", "Batch normalisation", labels=TITLES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.number("replicas", "Initialisations", width=130)
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
        page.toggle("scaled", "Scale every feature to mean 0, variance 1")


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
    versions, rows = result.values["versions"], result.values["rows"]
    st.caption(
        f"Keras {versions['keras']} on TensorFlow {versions['tensorflow']}: {rows['training']:,} "
        f"rows to train on, {rows['validation']:,} to validate. Every variant has the same "
        f"{page.state.replicas} sets of initial weights and the same mini-batches; bands go from "
        "the worst to the best initialisation. “Larger than the spread”: the 95 % interval of the "
        "paired differences leaves out zero (one comparison in twenty does so by chance)."
    )
    return result


def _begun(values: Mapping[str, Any]) -> bool:
    """Whether any variant has made an epoch."""
    return any(len(run["loss"]) > 1 for run in values.get("runs", {}).values())


def _growing(result: Result | None) -> None:
    if result is not None and not result.finished and _begun(result.values):
        _figures(result.values, result.total, "placement-live")


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


def common_epoch(values: Mapping[str, Any]) -> int:
    """The last epoch that every variant has made: a stopped run ends in the middle of one.

    Less than 0 where a variant has not begun.
    """
    return _common(values, "loss") - 1


def _common(values: Mapping[str, Any], measure: str) -> int:
    """How many entries every variant has; one whose replicas all diverged holds nobody up."""
    lengths = {name: len(run[measure]) for name, run in values["runs"].items()}
    going = [lengths[name] for name in lengths if name not in values.get("stopped", {})]
    return min(going) if going else max(lengths.values())


def ends(values: Mapping[str, Any], measure: str) -> dict[str, Array]:
    """The last common entry of a measure for each variant: NaN where a replica diverged."""
    count = _common(values, measure)
    return {name: run[measure][:count][-1] for name, run in values["runs"].items()}


def table(values: Mapping[str, Any]) -> pd.DataFrame:
    """The common epoch in numbers."""
    columns = {measure: ends(values, measure) for measure in CURVES}
    return pd.DataFrame(
        [
            {
                "batch normalisation": TITLES[name],
                **{title: _mean_and_range(columns[key][name]) for key, title in CURVES.items()},
                "diverged": f"{int(np.isnan(columns['loss'][name]).sum())} of "
                f"{len(columns['loss'][name])}",
            }
            for name in values["runs"]
        ]
    )


def _mean_and_range(values: Array) -> str:
    found = values[np.isfinite(values)]
    if not found.size:
        return "–"
    return f"{found.mean():.3f} ({found.min():.3f} to {found.max():.3f})"


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from the common epoch."""
    accuracy = ends(values, "validation_accuracy")
    sentences = []
    if "before" in accuracy and "after" in accuracy:
        sentences.append(_order(state, values))
    sentences += [
        f"{TITLES[name].capitalize()}, against none: {compared(values, name, 'none')}."
        for name in accuracy
        if "none" in accuracy and name not in ("none", "orphan")
    ]
    orphan = values.get("orphans", {}).get("orphan")
    if orphan:
        sentences.append(_orphan(orphan, accuracy))
    return sentences


def _order(state: PlacementState, values: Mapping[str, Any]) -> str:
    """Before or after, and the prediction beside it where there is a verdict."""
    found = judged(values, "before", "after", "validation_accuracy")
    both = f"“Before” against “after”: {compared(values, 'before', 'after')}."
    if np.isnan(found.margin):
        return f"Before or after the activation, by accuracy: **no verdict**. {both}"
    answer = "same" if not found.larger else "before" if found.difference > 0 else "after"
    return (
        f"Before or after the activation, by accuracy: **{settings.GUESSES[answer]}**. {both}"
        + told(state.guess, answer, settings.GUESSES)
    )


def judged(values: Mapping[str, Any], first: str, second: str, measure: str) -> Verdict:
    """What the paired differences of two variants allow to say about a measure."""
    last = ends(values, measure)
    step = 1 / values["rows"]["validation"] if measure == "validation_accuracy" else 0.0
    return judge(last[first], last[second], step)


def compared(values: Mapping[str, Any], first: str, second: str) -> str:
    """How far a variant ends from another one on the validation rows."""
    accuracy = judged(values, first, second, "validation_accuracy")
    loss = judged(values, first, second, "validation_loss")
    replicas = len(ends(values, "validation_accuracy")[first])
    text = (
        f"validation accuracy {difference(accuracy, 100, ' points')}; "
        f"validation loss {difference(loss)}"
    )
    if 0 < accuracy.count < replicas:
        text += f" (only the {accuracy.count} of {replicas} initialisations that survive in both)"
    return text


def difference(found: Verdict, scale: float = 1, unit: str = "") -> str:
    """A paired difference in words; bold where it is larger than the spread.

    >>> difference(Verdict(0.016, 0.013, False, True, 8), 100, " points")
    '**+1.6 points (± 1.3)**'
    >>> difference(Verdict(-0.00045, 0.054, False, False, 8))
    '+0.000 (± 0.054), no difference larger than the spread'
    """
    if found.identical:
        return "identical, number for number"
    if np.isnan(found.difference):
        return "cannot be compared (no initialisation survived in both)"
    value, margin = scale * found.difference, scale * found.margin
    if np.isnan(margin):
        return f"{value:+.2g}{unit} (one initialisation has no spread: this may be chance)"
    digits = max(0, 1 - math.floor(math.log10(margin))) if margin else 2  # two of the margin's
    text = f"{round(value, digits) + 0.0:+.{digits}f}{unit} (± {margin:.{digits}f})"
    return f"**{text}**" if found.larger else f"{text}, no difference larger than the spread"


def _orphan(found: Mapping[str, int], accuracy: Mapping[str, Array]) -> str:
    sentence = (
        f"The orphan: {found['made']} layers were made, **{found['listed']} of them are in "
        f"`model.layers`** and the weights of {found['moved']} changed. A layer that is made and "
        "not added to the model does nothing, without a word"
    )
    if "none" in accuracy and np.array_equal(accuracy["orphan"], accuracy["none"], equal_nan=True):
        sentence += "; its results are those of “none”, number for number"
    return f"{sentence}."
