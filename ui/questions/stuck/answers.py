"""Whether validation is stuck, whether the moving statistics are why, and what cures it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from bncore.experiments.validation_gap import Estimated, GapFound, GapRun
from ui.page.claims import Claim, claim, worded
from ui.questions.stuck.state import StuckState
from ui.questions.stuck.words import WORDS
from ui.state.numbers import format_number

LAGGING = 0.05  # of the initial values: with less left, the statistics have moved on
APART = 0.05  # of the rows: two accuracies that differ by less are not called apart


@dataclass(frozen=True)
class Accuracies:
    """Of one model: its training rows in both modes, and its validation rows."""

    training_mode: float
    inference_mode: float
    validation: float

    @property
    def lost(self) -> float:
        """By how much validation stays below training."""
        return self.training_mode - self.validation

    @property
    def between_modes(self) -> float:
        """By how much the training rows in inference mode stay below them in training mode."""
        return self.training_mode - self.inference_mode


def words(state: StuckState, found: GapFound) -> list[str]:
    """The answer, computed from what was recorded."""
    return worded(claims(state, found), WORDS)


def claims(state: StuckState, found: GapFound) -> list[Claim]:
    """Whether validation is stuck, whether the moving statistics are why, and what cures it."""
    first, second = (format_number(keep) for keep in (state.keep, state.second_keep))
    ends, common = at_the_end(found.runs[first]), found.most_common
    lost, modes = ends.lost, ends.between_modes
    numbers = claim("accuracies", keep=first, common=common, **asdict(ends))
    if lost <= APART or modes <= lost / 2:
        return [_not_stuck(ends, common), numbers]
    return [
        _why(state, len(found.runs[first].loss), mostly=modes < 0.8 * lost),
        numbers,
        claim("lose", validation=lost, trained=modes),
        _second_keep(state, ends, at_the_end(found.runs[second]), common),
        _averaging(first, ends, found.estimated.get(first), common),
    ]


def _not_stuck(ends: Accuracies, common: float) -> Claim:
    """What is claimed where the moving statistics hold nothing back."""
    if ends.training_mode <= common:
        return claim("nothing learned")
    if ends.lost <= APART:
        return claim("not stuck", lost=ends.lost)
    return claim("other reason", lost=ends.lost, modes=ends.between_modes)


def at_the_end(run: GapRun) -> Accuracies:
    """The three accuracies after the last update."""
    curves = run.training_mode, run.inference_mode, run.validation
    return Accuracies(*(float(curve[-1]) for curve in curves))


def effect(before: Accuracies, after: Accuracies, common: float) -> str:
    """What another treatment of the moving statistics did: "cures", "helps" or "none".

    A cure ends above the most common class' share and by more than ``APART`` above what was, and
    gives back at least half of what inference mode took from the training rows (or all but
    ``APART`` of it).

    >>> stuck, better = Accuracies(0.95, 0.35, 0.36), Accuracies(0.95, 0.38, 0.386)
    >>> good = Accuracies(0.95, 0.93, 0.9)
    >>> [effect(stuck, after, common=0.667) for after in (stuck, better, good)]
    ['none', 'helps', 'cures']
    """
    if after.validation <= before.validation:
        return "none"
    given_back = after.between_modes <= max(APART, before.between_modes / 2)
    seen = after.validation > max(common, before.validation + APART)
    return "cures" if given_back and seen else "helps"


def _why(state: StuckState, updates: int, mostly: bool) -> Claim:
    """What is wrong with the moving statistics: too old, or of too few batches."""
    left = state.keep**updates
    if left > LAGGING:
        return claim(
            "lagging", mostly=mostly, updates=updates, left=left, keep=state.keep,
            guess=state.guess,
        )  # fmt: skip
    return claim("few batches", mostly=mostly, keep=state.keep, size=state.batch_size)


def _second_keep(state: StuckState, before: Accuracies, after: Accuracies, common: float) -> Claim:
    """What another keep does."""
    return claim(
        "second keep", found=effect(before, after, common),
        sooner=state.second_keep < state.keep, first=format_number(state.keep),
        second=format_number(state.second_keep), before=before.validation,
        after=after.validation,
    )  # fmt: skip


def _averaging(keep: str, before: Accuracies, estimated: Estimated | None, common: float) -> Claim:
    """What the paper's average over batches does, without training again."""
    if estimated is None:
        return claim("no averaging")
    after = replace(before, **asdict(estimated))
    return claim(
        "averaging", found=effect(before, after, common), keep=keep,
        before=before.validation, after=after.validation,
    )  # fmt: skip
