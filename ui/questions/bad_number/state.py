"""What the page about one bad number holds, and the job that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from bncore.experiments.bad_number import BAD_NUMBERS, BadNumber, BadNumberFound
from bncore.training.jobs import Job
from ui.page.predictions import predictions
from ui.questions.rows import LARGEST, RowsState
from ui.state import fields
from ui.state.amounts import counted

NUMBERS = {"nan": "NaN", "inf": "infinity", "1e20": "1e20"}
MOST_BEFORE, MOST_AFTER = 10_000, 20_000  # clean updates
GUESSES = predictions(
    none="nothing: it heals",
    feature="that feature",
    all="every feature",
)


@dataclass(frozen=True)
class BadNumberState(RowsState):
    """One bad number in one batch, between clean updates."""

    bad: str = fields.choice("nan", tuple(BAD_NUMBERS))
    feature: int = fields.integer(1, 0, LARGEST)
    keep: float = fields.number(0.99, 0, 1)
    before: int = fields.integer(200, 0, MOST_BEFORE)
    after: int = fields.integer(2000, 0, MOST_AFTER)
    looked_at: int | None = fields.integer(None, 0, LARGEST, optional=True)
    guess: str = fields.prediction(GUESSES)


def bad_feature(state: BadNumberState) -> int:
    """The feature that gets the bad number, if the data have it."""
    return min(state.feature, state.data.shape[1] - 1)


def summary(state: BadNumberState) -> str:
    """The settings in a line."""
    return (
        f"{NUMBERS[state.bad]} in feature {bad_feature(state)} after "
        f"{counted(state.before, 'clean update')}, {state.after:,} after it, keep {state.keep:.10g}"
    )


def looked_at(state: BadNumberState) -> int:
    """The feature whose arithmetic is shown: the bad one until another is chosen."""
    return bad_feature(state) if state.looked_at is None else state.looked_at


def asked(state: BadNumberState) -> BadNumber:
    """What the layer is fed."""
    return BadNumber(
        state.data.array,
        state.bad,
        bad_feature(state),
        before=state.before,
        after=state.after,
        keep=state.keep,
    )


def job(state: BadNumberState) -> Job[BadNumberFound]:
    """One bad number among clean updates."""
    return Job(asked(state), "One bad number")
