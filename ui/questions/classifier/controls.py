"""The widgets that the pages about the classifier share, and the run that two of them read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from bncore.experiments.placement import StudyFound
from ui.page.experiment import experiment, settings
from ui.questions.classifier.data import data_words
from ui.questions.classifier.state import BLOCKS, OPTIMIZER_TITLES, SETS, TITLES, presets
from ui.questions.classifier.study import begun, common_epoch, problem, study_job
from ui.state.amounts import counted
from ui.state.page import Page
from ui.training.runs import Result

_UNIT = {"dense": "unit", "conv": "channel"}


def controls(page: Page[Any]) -> None:
    """What is trained: the presets, then the settings of model, data and training."""
    state = page.state
    model = f"{counted(state.depth, 'block')} of {counted(state.units, _UNIT[state.block])}"
    repeats = f"{counted(state.epochs, 'epoch')}, {counted(state.replicas, 'repetition')}"
    with st.container(horizontal=True):
        for title, changes in presets(page.kind).items():
            page.button(title, changes)
    box = settings(page, f"{model}; {data_words(state)}; {repeats}")
    if box.open:
        with box:
            page.pills("variants", "Batch normalisation", labels=TITLES)
            _training(page)
            _model(page)
            data_controls(page, "by training rows")


def _training(page: Page[Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.number("replicas", "Repetitions", width=130)
        page.number("epochs", "Epochs", width=100)
        if "learning_rate" in page.specs:  # the page about learning rates has several
            page.number("learning_rate", "Learning rate", width=120)
        page.select("optimizer", "Optimizer", labels=OPTIMIZER_TITLES, width=230)
        page.select("activation", "Activation", width=130)
        page.toggle("use_bias", "use_bias")


def _model(page: Page[Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.segmented("block", "Model", labels=BLOCKS)
        page.number("units", "Units or channels", width=140)
        page.number("depth", "Blocks", width=100)
        page.number("batch_size", "Batch size", width=110)
        if page.state.block == "dense":
            page.number("dropout", "Dropout", width=110)
        page.number("keep", "Keep", width=100)
        page.number("epsilon", "Epsilon ε", width=110)
        page.number("seed", "Seed", width=100)


def data_controls(page: Page[Any], scaling: str) -> None:
    """Which rows are trained on, where they are not the digits as images."""
    if page.state.block != "dense":
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page.select("classes", "Data", labels=SETS, width=320)
        if page.state.classes == "two-classes":
            page.number("rows", "Rows", width=110)
            page.number("separation", "Separation", width=110)
            page.number("noise", "Label noise", width=110)
        page.toggle("scaled", f"Scale every feature to mean 0, variance 1 ({scaling})")


def study(
    page: Page[Any], draw: Callable[[Result[StudyFound]], object] | None = None
) -> Result[StudyFound]:
    """The run of all variants; goes on only once it has ended with something to compare."""

    def growing(result: Result[StudyFound], key: str) -> None:
        if draw is not None and begun(result.found):
            draw(result)

    result = experiment(
        page,
        study_job,
        lambda found: found.runs,
        unit="epochs",
        draw=growing,
        problem=problem,
    )
    if common_epoch(result.found) < 1:
        st.info("Stopped before every variant had made its first epoch: nothing to compare yet.")
        st.stop()
    return result
