"""Whether validation is stuck, whether the moving statistics are why, and what cures it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui.page.claims import Claim, claim, worded
from ui.questions.stuck.state import StuckState
from ui.questions.stuck.words import WORDS
from ui.state.numbers import format_number

LAGGING = 0.05  # of the initial values: with less left, the statistics have moved on
APART = 0.05  # of the rows: two accuracies that differ by less are not called apart
ACCURACIES = ("training_mode", "inference_mode", "validation")


def words(state: StuckState, values: Mapping[str, Any]) -> list[str]:
    """The answer, computed from what was recorded."""
    return worded(claims(state, values), WORDS)


def claims(state: StuckState, values: Mapping[str, Any]) -> list[Claim]:
    """Whether validation is stuck, whether the moving statistics are why, and what cures it."""
    first, second = (format_number(keep) for keep in (state.keep, state.second_keep))
    ends, common = at_the_end(values["runs"][first]), values["most_common"]
    lost = ends["training_mode"] - ends["validation"]
    modes = ends["training_mode"] - ends["inference_mode"]
    numbers = claim("accuracies", keep=first, common=common, **ends)
    if lost <= APART or modes <= lost / 2:
        return [_not_stuck(ends["training_mode"], lost, modes, common), numbers]
    return [
        _why(state, len(values["runs"][first]["loss"]), mostly=modes < 0.8 * lost),
        numbers,
        claim("lose", validation=lost, trained=modes),
        _second_keep(state, ends, at_the_end(values["runs"][second]), common),
        _averaging(first, ends, values.get("estimated", {}).get(first), common),
    ]


def _not_stuck(training: float, lost: float, modes: float, common: float) -> Claim:
    """What is claimed where the moving statistics hold nothing back."""
    if training <= common:
        return claim("nothing learned")
    if lost <= APART:
        return claim("not stuck", lost=lost)
    return claim("other reason", lost=lost, modes=modes)


def at_the_end(run: Mapping[str, Any]) -> dict[str, float]:
    """The three accuracies after the last update."""
    return {name: float(run[name][-1]) for name in ACCURACIES}


def effect(before: Mapping[str, float], after: Mapping[str, float], common: float) -> str:
    """What another treatment of the moving statistics did: "cures", "helps" or "none".

    A cure ends above the most common class' share and by more than ``APART`` above what was, and
    gives back at least half of what inference mode took from the training rows (or all but
    ``APART`` of it). ``before`` and ``after`` hold
    training_mode, inference_mode and validation.

    >>> stuck = {"training_mode": 0.95, "inference_mode": 0.35, "validation": 0.36}
    >>> better = {"training_mode": 0.95, "inference_mode": 0.38, "validation": 0.386}
    >>> good = {"training_mode": 0.95, "inference_mode": 0.93, "validation": 0.9}
    >>> [effect(stuck, after, common=0.667) for after in (stuck, better, good)]
    ['none', 'helps', 'cures']
    """
    if after["validation"] <= before["validation"]:
        return "none"
    taken, still = (run["training_mode"] - run["inference_mode"] for run in (before, after))
    given_back = still <= max(APART, taken / 2)
    seen = after["validation"] > max(common, before["validation"] + APART)
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


def _second_keep(
    state: StuckState, before: Mapping[str, float], after: Mapping[str, float], common: float
) -> Claim:
    """What another keep does."""
    return claim(
        "second keep", found=effect(before, after, common),
        sooner=state.second_keep < state.keep, first=format_number(state.keep),
        second=format_number(state.second_keep), before=before["validation"],
        after=after["validation"],
    )  # fmt: skip


def _averaging(
    keep: str, before: Mapping[str, float], estimated: Mapping[str, float] | None, common: float
) -> Claim:
    """What the paper's average over batches does, without training again."""
    if estimated is None:
        return claim("no averaging")
    return claim(
        "averaging", found=effect(before, {**before, **estimated}, common), keep=keep,
        before=before["validation"], after=estimated["validation"],
    )  # fmt: skip
