"""The placement study against the same trainings as one writes them: ``model.fit``, one by one."""

from __future__ import annotations

from collections import deque
from functools import cache
from statistics import mean

import bncore
from benchmarks.figures import Figure, seconds
from bncore.experiments.comparison import Architecture
from bncore.experiments.placement import Study
from bncore.placement import PLACEMENTS

REPLICAS, EPOCHS, BATCH = 8, 20, 16


def placement_seconds() -> Figure:
    """Seconds of the study on the question's data, models built and compiled anew.

    1,000 rows, 5 variants, each repeated 8 times, 20 epochs.
    """
    return Figure("placement-seconds", "placement study, k = 8", _study_seconds(), "s", "<=", 60)


def placement_speedup() -> Figure:
    """How many times faster than 8 x 5 plain ``fit`` runs, scaled from one fit per variant."""
    times = REPLICAS * len(PLACEMENTS) * mean(map(_fit_seconds, PLACEMENTS)) / _study_seconds()
    return Figure("placement-speedup", "40 fits / placement study", times, "x", ">=", 10)


@cache
def _study_seconds() -> float:
    from bncore.keras.placement import study

    data = bncore.datasets.two_classes()
    asked = Study(
        data.values, data.labels, replicas=REPLICAS, epochs=EPOCHS, batch_size=BATCH
    )  # fmt: skip
    first = Study(data.values[:50], data.labels[:50], epochs=1, replicas=1)
    deque(study(first), maxlen=1)  # imports
    return seconds(lambda: deque(study(asked), maxlen=1))


def _fit_seconds(name: str) -> float:
    """One ``fit`` of a variant, its model built and compiled anew."""
    from bncore.keras.framework import keras
    from bncore.keras.optimizers import make_optimizer
    from bncore.keras.stacked import plain_model

    data = bncore.datasets.two_classes()

    def fit() -> None:
        model, _ = plain_model(Architecture((14,), 2), PLACEMENTS[name])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimizer = make_optimizer(keras, "nesterov", 0.1)
        model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
        options = {"epochs": EPOCHS, "batch_size": BATCH, "validation_split": 0.2, "verbose": 0}
        model.fit(data.values, data.labels, **options)

    return seconds(fit)
