"""Which variants learn, and with which rate: recorded trainings in, claims and a table out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bncore.comparisons import learned
from bncore.moments import Array
from ui.page.claims import Claim, claim, worded
from ui.questions.classifier.state import TITLES
from ui.questions.rates.state import RatesState, asked
from ui.questions.rates.words import WORDS


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


def judged(values: Mapping[str, Any], total: int) -> dict[str, Any]:
    """The values with what has been trained alone, and how many trainings were asked for.

    `total` counts variants and rates. A run that was stopped is not judged more mildly.
    """
    trainings = total * len(values["most_common"])
    return {**values, "rates": trained(values), "trainings": trainings}


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


def words(state: RatesState, values: Mapping[str, Any]) -> list[str]:
    """Who learns at the largest rate, then up to which rate each variant does."""
    return worded(claims(state, values), WORDS)


def claims(state: RatesState, values: Mapping[str, Any]) -> list[Claim]:
    """Who learns at the largest rate and at every other, and what “learns” means."""
    made, (largest, good) = [], largest_rate(values)
    if good is not None:
        found = answer(good, values["rates"]) if complete(state, values) else None
        made.append(
            claim(
                "largest", rate=largest, good=good, variants=len(values["rates"]), answer=found,
                guess=state.guess,
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


def complete(state: RatesState, values: Mapping[str, Any]) -> bool:
    """Whether all variants were trained, and with the largest rate that was asked for."""
    largest = max(float(rate) for rate in state.rates)
    return set(values["rates"]) == set(asked(state)) and float(every_rate(values)[-1]) == largest


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
