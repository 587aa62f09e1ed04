"""Which variants still train, and with which learning rate?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from bncore.moments import Array
from ui import palette
from ui.figures import bands
from ui.guesses import told
from ui.state import Page
from ui.training import training_panel
from ui.views.placement import state as settings
from ui.views.placement.state import TITLES, PlacementState
from ui.views.placement.study import controls

MARGIN = 0.05


def show(page: Page[PlacementState]) -> None:
    """The part from top to bottom."""
    st.markdown(
        "“Batch normalisation allows higher learning rates”: every variant, with every rate, from "
        "the same initial weights. An orphan is left out: it would repeat “none”. Two blocks "
        "forgive much: ask the same of six."
    )
    page.radio(
        "rate_guess",
        "Predict: which variants still learn at the largest rate, in every initialisation?",
        labels=settings.RATE_GUESSES,
    )
    page.pills("rates", "Learning rates")
    controls(page)
    blocked = settings.problem(page.state)
    job = None if blocked else settings.rates_job(page.state)
    result = training_panel("placement-rates", job, unit="trainings", blocked=blocked)
    if result is None or not result.finished:
        return
    values = {**result.values, "rates": trained(result.values)}
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
        f"{settings.OPTIMIZER_TITLES[page.state.optimizer]}, {page.state.epochs} epochs each."
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


def learned(found: Mapping[str, Array], most_common: float) -> Array:
    """Which initialisations do better than always naming the most common class, by five points."""
    with np.errstate(invalid="ignore"):
        return np.asarray(found["validation_accuracy"] > most_common + MARGIN)


def outcome(found: Mapping[str, Array], most_common: float) -> str:
    """One variant with one rate, in words."""
    right, lost = learned(found, most_common), found["diverged"][found["diverged"] > 0]
    text = f"{right.sum()} of {len(right)} learned"
    if right.any():
        text += f", accuracy {found['validation_accuracy'][right].mean():.3f}"
    if lost.size:
        text += f"; {lost.size} diverged, first at update {lost.min():,}"
    return text


def table(values: Mapping[str, Any]) -> pd.DataFrame:
    """A row per variant, a column per rate."""
    return pd.DataFrame(
        [
            {"batch normalisation": TITLES[name]}
            | {
                rate: outcome(rates[rate], values["most_common"])
                if rate in rates
                else "not trained"
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
        places, curves, palette.current(), title="Validation accuracy", axis="learning rate",
        log=True,
    )  # fmt: skip


def words(state: PlacementState, values: Mapping[str, Any]) -> list[str]:
    """Up to which rate every initialisation of a variant learns."""
    sentences = []
    for name, rates in values["rates"].items():
        good = [rate for rate, row in rates.items() if learned(row, values["most_common"]).all()]
        some = [
            rate
            for rate, row in rates.items()
            if rate not in good and learned(row, values["most_common"]).any()
        ]
        text = f"**{TITLES[name].capitalize()}**: "
        text += f"every initialisation learns with {', '.join(good)}" if good else "no rate for all"
        text += f"; some with {', '.join(some)}" if some else ""
        sentences.append(f"{text}.")
    largest, good = largest_rate(values)
    if good is not None:
        where = ", ".join(f"“{TITLES[name]}”" for name in good)
        sentences.append(
            f"With {largest}, every initialisation still learns in "
            f"**{len(good)} of {len(values['rates'])} variants**{f' ({where})' * bool(good)}."
            + told(state.rate_guess, answer(good, values["rates"]), settings.RATE_GUESSES)
        )
    sentences.append(
        f"“Learns” means: more than {MARGIN * 100:.0f} points above always naming the most common "
        f"class ({values['most_common']:.1%}), on validation rows, at the end."
    )
    return sentences


def largest_rate(values: Mapping[str, Any]) -> tuple[str, list[str] | None]:
    """The largest rate, and the variants that learn there in every initialisation; None where
    not all variants were trained with it."""
    rates = {rate for found in values["rates"].values() for rate in found}
    largest = max(rates, key=float)
    if not all(largest in found for found in values["rates"].values()):
        return largest, None
    return largest, [
        name
        for name, found in values["rates"].items()
        if learned(found[largest], values["most_common"]).all()
    ]


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
