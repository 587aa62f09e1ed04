"""What the page about the two modes holds, and the job that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.experiments.modes import Modes, ModesFound
from bncore.training.jobs import Job
from ui.page.predictions import predictions
from ui.questions.rows import LARGEST, RowsState
from ui.state import fields
from ui.state.amounts import counted

MOST_RECORDED = 4_000_000  # numbers: 16 MB
KEEPS = ("0", "0.5", "0.9", "0.99", "0.999")
GUESSES = predictions(
    vanishes="it vanishes",
    shrinks="it shrinks, but something stays",
    stays="it stays as it is",
    grows="it grows",
)


@dataclass(frozen=True)
class ModesState(RowsState):
    """One batch in both modes, while the moving statistics are updated.

    `tried` is the batch size with which the layer is tried afterwards.
    """

    batch_size: int = fields.integer(4, 1, 256)
    keeps: tuple[str, ...] = fields.choices(("0.9", "0.99", "0.999"), KEEPS, at_least=1)
    updates: int = fields.integer(1000, 1, 20_000)
    epsilon: float = fields.number(1e-3, 0, 1)
    seed: int = fields.integer(0, 0, 2**31 - 1)
    looked_at: str = fields.choice("0.99", KEEPS)
    tried: int = fields.integer(4, 1, LARGEST)
    guess: str = fields.prediction(GUESSES)


def summary(state: ModesState) -> str:
    """The settings in a line."""
    rows, features = state.data.shape
    return (
        f"keep {', '.join(state.keeps)}; {counted(state.updates, 'update')} with batches of "
        f"{size_of_batch(state)} from {counted(rows, 'row')} with {counted(features, 'feature')}"
    )


def size_of_batch(state: ModesState) -> int:
    """The batch size, no larger than the data."""
    return min(state.batch_size, state.data.shape[0])


def looked_at(state: ModesState) -> str:
    """The keep whose outputs are shown: the chosen one, if a layer has it."""
    return state.looked_at if state.looked_at in state.keeps else state.keeps[-1]


def problem(state: ModesState) -> str:
    """Why the gap cannot be recorded, in a sentence; empty where it can."""
    each = size_of_batch(state) * state.data.shape[1] * len(state.keeps)
    if each * state.updates > MOST_RECORDED:
        return (
            f"{state.updates:,} updates of {each:,} outputs each are more than the "
            f"{MOST_RECORDED:,} numbers that can be recorded here. Choose fewer updates, a "
            "smaller batch or fewer layers."
        )
    return ""


def job(state: ModesState) -> Job[ModesFound]:
    """One batch in both modes, after every update."""
    asked = Modes(
        state.data.array,
        keeps=tuple(float(keep) for keep in state.keeps),
        batch_size=size_of_batch(state),
        updates=state.updates,
        epsilon=state.epsilon,
        seed=state.seed,
    )
    return Job(asked, "Both modes")
