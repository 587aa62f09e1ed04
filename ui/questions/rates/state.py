"""What the page about learning rates holds, and the job that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.experiments.placement import Sweep, SweepFound
from bncore.placement import BLOCK_ACTIVATIONS
from bncore.training.jobs import Job
from bncore.training.turns import STUDY
from bncore.variants import OPTIMIZERS
from ui.page.predictions import predictions
from ui.questions.classifier.state import Training
from ui.questions.classifier.study import LIMIT_SECONDS, asked, updates_each
from ui.state import fields

GUESSES = predictions(
    all="all of them",
    normalised="only those with batch norm",
    some="another mixture",
    nobody="none of them",
)
RATES = ("0.001", "0.01", "0.1", "1", "10")
COMPILING_UPDATES = 5_000
"""About as many updates take as long as compiling a variant."""


@dataclass(frozen=True)
class RatesState(Training):
    """The variants, shorter and less often trained than for one rate, the rates, the prediction.

    It opens on six relu blocks: the question's two tanh blocks forgive nearly every rate.
    """

    activation: str = fields.choice("relu", BLOCK_ACTIVATIONS)
    depth: int = fields.integer(6, 1, 6)
    dropout: float = fields.number(0.0, 0, 0.9)
    replicas: int = fields.integer(4, 1, 16)
    epochs: int = fields.integer(10, 1, 200)
    optimizer: str = fields.choice("sgd", tuple(OPTIMIZERS))
    rates: tuple[str, ...] = fields.choices(("0.01", "0.1", "1", "10"), RATES, at_least=1)
    guess: str = fields.prediction(GUESSES)


def trained(state: RatesState) -> tuple[str, ...]:
    """The variants that are trained: an orphan would only repeat “none”."""
    return tuple(name for name in state.variants if name != "orphan") or ("none",)


def job(state: RatesState) -> Job[SweepFound]:
    """Every variant with every rate.

    A part compiles its variants, so a variant's rates are dealt out only where they take longer.
    """
    rates = tuple(map(float, state.rates))
    sweep = asked(Sweep, state, variants=trained(state), rates=rates)
    parts = sweep.pieces if updates_each(state) > COMPILING_UPDATES else len(sweep.variants)
    return Job(sweep, "Learning rates", LIMIT_SECONDS, lane=STUDY, parts=parts)
