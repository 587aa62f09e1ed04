"""Recorded trainings over the learning rates, as a player plays them: a step for each rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bncore.experiments.placement import Trained
from bncore.moments import Array
from ui.drawing.player import Balls, Ended, Recording
from ui.drawing.player.scenes import UNTRAINED
from ui.questions.classifier.recording import curves, quantity
from ui.questions.rates.answers import Trials, every_rate, learners
from ui.state.amounts import counted


def recording(trials: Trials) -> Recording:
    """How every variant ended with each rate; NaN where it was not trained with it."""
    right = learners(trials)

    def ends(measure: Callable[[str, str, Trained], Array]) -> dict[str, Array]:
        unknown = np.full(len(trials.most_common), np.nan)
        return {
            name: np.stack(
                [
                    measure(name, rate, rates[rate]) if rate in rates else unknown
                    for rate in every_rate(trials.rates)
                ]
            )
            for name, rates in trials.rates.items()
        }

    count = len(trials.most_common)
    return Recording(
        unit="learning rate",
        steps=np.array([float(rate) for rate in every_rate(trials.rates)]),
        features=(f"mean of {counted(count, 'repetition')}",),
        curves=curves(trials.rates),
        quantities=(
            quantity(
                "validation_accuracy",
                "Validation accuracy of all that did not diverge",
                ends(lambda _, __, end: end.validation_accuracy),
                lost="diverged",
            ),
            quantity(
                "learned",
                "Share of the repetitions that learned",
                ends(lambda name, rate, _: right[name][rate].astype(float)),
                banded=False,
            ),
        ),
        scenes=(balls(trials),),
        scale="each",
        file="learning-rates",
    )


def balls(trials: Trials) -> Balls:
    """How every repetition ended with each rate."""
    right, count = learners(trials), len(trials.most_common)
    missing = (np.ones(count), np.zeros(count, bool), np.full(count, UNTRAINED))

    def of(rates: Mapping[str, Trained], learned: Mapping[str, Array]) -> Ended:
        ends = [
            (1 - rates[rate].validation_accuracy, learned[rate], rates[rate].diverged)
            if rate in rates
            else missing
            for rate in every_rate(trials.rates)
        ]
        return Ended(*map(np.stack, zip(*ends, strict=True)))

    return Balls(
        key="balls",
        title="Settled or flown out",
        note=f"{counted(count, 'repetition')} each; full: learned, dashed: the most common class",
        curves={name: of(rates, right[name]) for name, rates in trials.rates.items()},
        chance=float(1 - np.mean(trials.most_common)),
    )
