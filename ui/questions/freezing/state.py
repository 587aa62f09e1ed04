"""What the page about freezing holds, and the job that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.experiments.freezing import FREEZING, TRAINING, Freezing, FreezingFound
from bncore.training.jobs import Job
from ui.page.predictions import predictions
from ui.questions.rows import RowsState
from ui.state import fields

MODELS = {"functional": "Functional model", "subclassed": "Subclassed model"}
GUESSES = predictions(
    training="bn(x, training=False)",
    trainable="bn.trainable = False",
    compiled="bn.trainable = False, then compile again",
)


@dataclass(frozen=True)
class FreezingState(RowsState):
    """Every way to freeze a layer, the kind of model whose results are listed, and the switches."""

    model: str = fields.choice("functional", tuple(MODELS))
    training: str = fields.choice(TRAINING[0], TRAINING)
    frozen: str = fields.choice(FREEZING[0], FREEZING)
    guess: str = fields.prediction(GUESSES)


def job(state: FreezingState) -> Job[FreezingFound]:
    """Every way to freeze, tried."""
    return Job(Freezing(state.data.array), "Freezing")
