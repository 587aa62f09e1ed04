"""Which variants learn, and with which rate: recorded trainings in, claims and a table out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bncore.comparisons import learned
from bncore.experiments.arguments import Rows
from bncore.experiments.placement import SweepFound, Trained
from bncore.moments import Array
from ui.page.claims import Claim, claim, worded
from ui.questions.classifier.state import TITLES
from ui.questions.rates.state import RatesState, trained
from ui.questions.rates.words import WORDS

Rates = Mapping[str, Mapping[str, Trained]]
"""By variant and learning rate."""


@dataclass(frozen=True, eq=False)
class Trials:
    """What a run has trained, and by what it is judged.

    Args:
        rates: what has been trained.
        rows, most_common: see `bncore.experiments.placement.Compared`.
        trainings: how many were asked for, of all repetitions. A run that was stopped is not judged
            more mildly.
    """

    rates: Rates
    rows: Rows
    most_common: tuple[float, ...]
    trainings: int

    @classmethod
    def of(cls, found: SweepFound, total: int) -> Trials:
        """Without rates, or variants, that a run which was stopped did not come to.

        `total` counts variants and rates.
        """
        ended = {
            name: {rate: end for rate, end in rates.items() if end is not None}
            for name, rates in found.rates.items()
        }
        trained = {name: rates for name, rates in ended.items() if rates}
        trainings = total * len(found.most_common)
        return cls(trained, found.rows, found.most_common, trainings)


def learners(trials: Trials) -> dict[str, dict[str, Array]]:
    """For each variant and rate, which repetitions have learned: better than by chance."""
    return {
        name: {rate: _learned(trials, end.validation_accuracy) for rate, end in rates.items()}
        for name, rates in trials.rates.items()
    }


def _learned(trials: Trials, accuracy: Array) -> Array:
    chance = np.array(trials.most_common)
    return learned(accuracy, chance, trials.rows.validation, trials.trainings)


def outcome(end: Trained, right: Array) -> str:
    """One variant with one rate, in words. The accuracy is that of the figure: of all that did
    not diverge, whether they learned or not."""
    lost = end.diverged[end.diverged > 0]
    text = f"{right.sum()} of {len(right)} learned"
    known = end.validation_accuracy[np.isfinite(end.validation_accuracy)]
    if known.size:
        text += f", accuracy {known.mean():.3f}"
    if lost.size:
        text += f"; {lost.size} diverged, first at update {lost.min():,}"
    return text


def table(trials: Trials) -> pd.DataFrame:
    """A row per variant, a column per rate."""
    right = learners(trials)
    return pd.DataFrame(
        [
            {"batch normalisation": TITLES[name]}
            | {
                rate: outcome(rates[rate], right[name][rate]) if rate in rates else "not trained"
                for rate in every_rate(trials.rates)
            }
            for name, rates in trials.rates.items()
        ]
    )


def every_rate(trained: Rates) -> list[str]:
    """The rates that any variant was trained with, the smallest first."""
    return sorted({rate for rates in trained.values() for rate in rates}, key=float)


def words(state: RatesState, trials: Trials) -> list[str]:
    """Who learns at the largest rate, then up to which rate each variant does."""
    return worded(claims(state, trials), WORDS)


def claims(state: RatesState, trials: Trials) -> list[Claim]:
    """Whether rates may be higher, who learns with which, and what “learns” means."""
    made, (largest, good) = _higher(state, trials), largest_rate(trials)
    if good is not None:
        found = answer(good, trials.rates) if complete(state, trials) else None
        made.append(
            claim(
                "largest", rate=largest, good=good, variants=len(trials.rates), answer=found,
                guess=state.guess,
            )
        )  # fmt: skip
    for name, rates in learners(trials).items():
        every = [rate for rate in every_rate(trials.rates) if rate in rates and rates[rate].all()]
        some = [rate for rate in every_rate(trials.rates) if rate in rates and rates[rate].any()]
        made.append(claim("variant", name=name, every=every,
                          some=[rate for rate in some if rate not in every]))  # fmt: skip
    chance = np.array(trials.most_common)
    made.append(claim("meaning", least=chance.min(), most=chance.max(),
                      trainings=trials.trainings))  # fmt: skip
    if not _learned(trials, np.ones(len(chance))).all():
        made.append(claim("too few", rows=trials.rows.validation))
    return made


def _higher(state: RatesState, trials: Trials) -> list[Claim]:
    """The answer, where “none” and others were trained with every rate."""
    reached = {
        name: max((float(rate) for rate, right in rates.items() if right.all()), default=0.0)
        for name, rates in learners(trials).items()
    }
    without = reached.pop("none", None)
    whole = all(len(rates) == len(state.rates) for rates in trials.rates.values())
    if without is None or not reached or not whole or set(trials.rates) != set(trained(state)):
        return []
    least, most = min(reached.values()), max(reached.values())
    found = "yes" if least > without else "no" if most <= without else "partly"
    return [claim("higher", answer=found, without=without, least=least, most=most)]


def complete(state: RatesState, trials: Trials) -> bool:
    """Whether all variants were trained, and with the largest rate that was asked for."""
    largest, reached = max(map(float, state.rates)), every_rate(trials.rates)[-1]
    return set(trials.rates) == set(trained(state)) and float(reached) == largest


def largest_rate(trials: Trials) -> tuple[str, list[str] | None]:
    """The largest rate, and the variants that learn there in every repetition; None where
    not all variants were trained with it."""
    largest, found = every_rate(trials.rates)[-1], learners(trials)
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
