"""What the page about moving statistics holds, and the run that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import bncore
from bncore.experiments.moving import Moving, MovingFound
from bncore.training.jobs import Job
from bncore.variants import OPTIMIZERS, VARIANTS
from ui.questions.moving.words import GUESSES
from ui.state import fields
from ui.state.amounts import counted
from ui.state.arrays import FrozenArray

LARGEST = 2048  # numbers: what a link still carries

MOST_BYTES = 56 * 2**20  # of recorded numbers; the training service ends a job at 64 MiB

VARIANT_TITLES = {name: variant.title for name, variant in VARIANTS.items()}

OPTIMIZER_TITLES = {name: choice.title for name, choice in OPTIMIZERS.items()}


@dataclass(frozen=True)
class MovingState:
    """What is trained, and what is looked at."""

    data: FrozenArray = fields.array(bncore.DATASETS["question-2018"]().values, (2, 2), LARGEST)
    variants: tuple[str, ...] = fields.choices(
        ("keras-3", "keras-2", "unbiased"), tuple(VARIANTS), at_least=1
    )
    batch_size: int = fields.integer(5, 1, 1024)
    keep: float = fields.number(0.99, 0, 1)
    epsilon: float = fields.number(1e-3, 0, 1)
    updates: int = fields.integer(10_000, 1, 200_000)
    guess: str = fields.prediction(GUESSES)
    optimizer: str = fields.choice("sgd", tuple(OPTIMIZERS))
    learning_rate: float | None = fields.number(None, 0, 1e3, optional=True)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    feature: int = fields.integer(0, 0, LARGEST)
    log: bool = fields.flag(True)


def summary(state: MovingState) -> str:
    """The settings in a line."""
    count, (rows, features) = len(state.variants), state.data.shape
    return (
        f"{counted(count, 'layer')}, {counted(state.updates, 'update')}, keep {state.keep:.10g}, "
        f"batches of {state.batch_size} from {counted(rows, 'row')} with "
        f"{counted(features, 'feature')}"
    )


def problem(state: MovingState) -> str:
    """Why this cannot be trained, in a sentence; empty where it can."""
    rows = len(state.data.array)
    if state.batch_size > rows:
        return (
            f"The batch size is {state.batch_size}, but the data have {rows} rows. Choose 1 to "
            f"{rows}."
        )
    size = 4 * state.updates * len(state.variants) * (6 * state.data.shape[1] + 1)
    if size > MOST_BYTES:
        most = state.updates * MOST_BYTES // size
        return (
            f"{state.updates:,} recorded updates of {len(state.variants)} layers and "
            f"{state.data.shape[1]} features are {size / 2**20:.0f} MiB, more than a page can "
            f"hold ({MOST_BYTES / 2**20:.0f} MiB). Choose at most {most:,} updates, fewer layers, "
            "or fewer features."
        )
    single = state.batch_size == 1 or rows % state.batch_size == 1
    if single and {"unbiased"} & set(state.variants):
        return (
            f"With batch size {state.batch_size} and {rows} rows some batches hold one row, for "
            "which n/(n−1) is 1/0. Choose another batch size, or leave the unbiased layer out."
        )
    return ""


def job(state: MovingState) -> Job[MovingFound]:
    """The training run that this state asks for."""
    asked = Moving(
        state.data.array,
        variants=state.variants,
        batch_size=state.batch_size,
        keep=state.keep,
        epsilon=state.epsilon,
        updates=state.updates,
        optimizer=state.optimizer,
        learning_rate=state.learning_rate,
        seed=state.seed,
    )
    return Job(asked, "Moving statistics")
