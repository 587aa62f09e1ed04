"""Which variants still train, and with which learning rate?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from bncore.comparisons import learned
from bncore.moments import Array
from ui.drawing import palette
from ui.drawing.figures import bands
from ui.page.claims import Claim, claim, worded
from ui.questions.placement import state as settings
from ui.questions.placement.answers import repeated
from ui.questions.placement.rates_words import WORDS
from ui.questions.placement.state import TITLES, PlacementState
from ui.questions.placement.study import controls
from ui.state.page import Page
from ui.training.panel import training_panel


def show(page: Page[PlacementState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "“Batch normalisation allows higher learning rates”: every variant with every rate, in the "
        "same repetitions. The orphan is left out: it would repeat “none”. Two blocks train "
        "easily; try six."
    )
    page.radio(
        "rate_guess",
        "Predict: which variants still learn at the largest rate, in every repetition?",
        labels=settings.RATE_GUESSES,
    )
    page.pills("rates", "Learning rates")
    controls(page)
    blocked = settings.problem(page.state)
    job = None if blocked else settings.rates_job(page.state)
    result = training_panel("placement-rates", job, unit="trainings", blocked=blocked)
    if result is None or not result.finished:
        return
    # All that were asked for, so that a run which was stopped is not judged more mildly.
    trainings = result.total * len(result.values["most_common"])
    values = {**result.values, "rates": trained(result.values), "trainings": trainings}
    if not values["rates"]:
        return
    st.subheader("The answer")
    for sentence in words(page.state, values):
        st.markdown(sentence)
    st.dataframe(table(values), hide_index=True, height="content", key="placement-rates-table")
    figure = accuracies(values)
    if figure is not None:
        st.plotly_chart(figure, key="placement-rates-figure", config={"displaylogo": False})
    versions = values["versions"]
    st.caption(
        f"Keras {versions['keras']} on TensorFlow {versions['tensorflow']}; "
        f"{settings.OPTIMIZER_TITLES[page.state.optimizer]}, {page.state.epochs} epochs each. "
        + repeated(page.state, values)
    )


def trained(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What has been trained: a run that was stopped has rates, or variants, without a result.

    >>> trained({"rates": {"none": {"0.1": {"loss": 1.0}, "1": {}}, "before": {"0.1": {}}}})
    {'none': {'0.1': {'loss': 1.0}}}
    """
    found = {
        name: {rate: result for rate, result in rates.items() if result}
        for name, rates in values.get("rates", {}).items()
    }
    return {name: rates for name, rates in found.items() if rates}


def learners(values: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
    """For each variant and rate, which repetitions have learned: better than by chance."""
    return {
        name: {
            rate: _learned(values, found["validation_accuracy"]) for rate, found in rates.items()
        }
        for name, rates in values["rates"].items()
    }


def _learned(values: Mapping[str, Any], accuracy: Array) -> Array:
    chance, rows = np.array(values["most_common"]), values["rows"]["validation"]
    return learned(accuracy, chance, rows, values["trainings"])


def outcome(found: Mapping[str, Array], right: Array) -> str:
    """One variant with one rate, in words. The accuracy is that of the figure: of all that did
    not diverge, whether they learned or not."""
    lost = found["diverged"][found["diverged"] > 0]
    text = f"{right.sum()} of {len(right)} learned"
    known = found["validation_accuracy"][np.isfinite(found["validation_accuracy"])]
    if known.size:
        text += f", accuracy {known.mean():.3f}"
    if lost.size:
        text += f"; {lost.size} diverged, first at update {lost.min():,}"
    return text


def table(values: Mapping[str, Any]) -> pd.DataFrame:
    """A row per variant, a column per rate."""
    right = learners(values)
    return pd.DataFrame(
        [
            {"batch normalisation": TITLES[name]}
            | {
                rate: outcome(rates[rate], right[name][rate]) if rate in rates else "not trained"
                for rate in every_rate(values)
            }
            for name, rates in values["rates"].items()
        ]
    )


def every_rate(values: Mapping[str, Any]) -> list[str]:
    """The rates that any variant was trained with, the smallest first."""
    return sorted({rate for rates in values["rates"].values() for rate in rates}, key=float)


def accuracies(values: Mapping[str, Any]) -> go.Figure | None:
    """Validation accuracy over the rates, where a variant was trained with two of them or more."""
    found = {name: rates for name, rates in values["rates"].items() if len(rates) > 1}
    if not found:
        return None
    every = every_rate({"rates": found})
    unknown = np.full_like(next(iter(next(iter(found.values())).values()))["loss"], np.nan)
    curves = {
        TITLES[name]: np.stack(
            [rates[rate]["validation_accuracy"] if rate in rates else unknown for rate in every]
        )
        for name, rates in found.items()
    }
    places = np.array([float(rate) for rate in every])
    return bands(
        places, curves, palette.current(), axis="learning rate",
        title="Validation accuracy of all that did not diverge",
        log=True,
    )  # fmt: skip


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """Who learns at the largest rate, then up to which rate each variant does."""
    return worded(claims(state, values), WORDS)


def claims(state: PlacementState, values: Mapping[str, Any]) -> list[Claim]:
    """Who learns at the largest rate and at every other, and what “learns” means."""
    made, (largest, good) = [], largest_rate(values)
    if good is not None:
        found = answer(good, values["rates"]) if complete(state, values) else None
        made.append(
            claim(
                "largest", rate=largest, good=good, variants=len(values["rates"]), answer=found,
                guess=state.rate_guess,
            )
        )  # fmt: skip
    for name, rates in learners(values).items():
        every = [rate for rate in every_rate(values) if rate in rates and rates[rate].all()]
        some = [rate for rate in every_rate(values) if rate in rates and rates[rate].any()]
        made.append(claim("variant", name=name, every=every,
                          some=[rate for rate in some if rate not in every]))  # fmt: skip
    chance = np.array(values["most_common"])
    made.append(claim("meaning", least=chance.min(), most=chance.max(),
                      trainings=values["trainings"]))  # fmt: skip
    if not _learned(values, np.ones(len(chance))).all():
        made.append(claim("too few", rows=values["rows"]["validation"]))
    return made


def complete(state: PlacementState, values: Mapping[str, Any]) -> bool:
    """Whether all variants were trained, and with the largest rate that was asked for."""
    asked = set(state.variants) - {"orphan"} or {"none"}
    largest = max(float(rate) for rate in state.rates)
    return set(values["rates"]) == asked and float(every_rate(values)[-1]) == largest


def largest_rate(values: Mapping[str, Any]) -> tuple[str, list[str] | None]:
    """The largest rate, and the variants that learn there in every repetition; None where
    not all variants were trained with it."""
    largest, found = every_rate(values)[-1], learners(values)
    if not all(largest in rates for rates in found.values()):
        return largest, None
    return largest, [name for name, rates in found.items() if rates[largest].all()]


def answer(good: Sequence[str], every: Iterable[str]) -> str:
    """Which prediction would have been right.

    >>> answer(["before", "after"], ["none", "before", "after"]), answer([], ["none"])
    ('normalised', 'nobody')
    """
    if not good:
        return "nobody"
    if set(good) == set(every):
        return "all"
    return "normalised" if set(good) == set(every) - {"none"} else "some"
