"""What the page about the bias holds, and the job that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.experiments.bias import Bias, BiasFound
from bncore.training.jobs import Job
from ui.drawing.push.record import MODES
from ui.page.predictions import predictions
from ui.questions.classifier.data import data, data_words, scaled, scales
from ui.questions.classifier.state import Block
from ui.state import fields
from ui.state.amounts import counted

GUESSES = predictions(
    zero="zero, up to rounding",
    smaller="smaller, but there",
    alike="about as large as the kernel's",
)
ROWS = {"dense": "A table", "conv": "Digits as images, each a row of 64 pixels"}


@dataclass(frozen=True)
class BiasState(Block):
    """One block, how it is trained, the prediction, and how the trained bias is pushed."""

    learning_rate: float = fields.number(0.1, 0, 1e6)
    updates: int = fields.integer(200, 1, 5000)
    guess: str = fields.prediction(GUESSES)
    push: float = fields.number(0.0)
    mode: str = fields.choice(MODES[0], MODES)


def summary(state: BiasState) -> str:
    """The settings in a line."""
    units = counted(state.units, f"{state.activation} unit")
    return (
        f"{counted(state.updates, 'update')}, {units}, keep {state.keep:.10g}; {data_words(state)}"
    )


def batch_size(state: BiasState) -> int:
    """The batch size, no larger than the data."""
    return min(state.batch_size, len(data(state)[0]))


def job(state: BiasState) -> Job[BiasFound]:
    """What the bias before a batch normalisation does."""
    x, labels = data(state)
    x = scaled(x) if scales(state) else x
    asked = Bias(
        x.reshape(len(x), -1),
        labels,
        units=state.units,
        activation=state.activation,
        updates=state.updates,
        batch_size=batch_size(state),
        learning_rate=state.learning_rate,
        keep=state.keep,
        epsilon=state.epsilon,
        seed=state.seed,
    )
    return Job(asked, "Bias")
