"""What the switches in a piece of code lead to."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One combination of the switches.

    Args:
        code: the lines, each with whether a switch put it there.
        changed: by the name of what may change whether it did; None where that cannot be told.
        said: the sentence about it.
    """

    code: Sequence[tuple[str, bool]]
    changed: Mapping[str, bool | None]
    said: str


def record(
    choices: Mapping[str, Sequence[str]], cases: Mapping[tuple[str, ...], Case]
) -> dict[str, Any]:
    """The choices and all their combinations, in the order of `itertools.product`, for JSON.

    ValueError where a combination has no case.

    >>> case = Case([("bn(x)", False)], {"gamma": True}, "It moved.")
    >>> record({"training": ("not given",)}, {("not given",): case})["cases"][0]["changed"]
    [['gamma', 'changed']]
    """
    combinations = list(itertools.product(*choices.values()))
    if missing := [each for each in combinations if each not in cases]:
        raise ValueError(f"there is no case for {missing[0]}")
    return {
        "choices": [[name, list(options)] for name, options in choices.items()],
        "cases": [_told(cases[each]) for each in combinations],
    }


def _told(case: Case) -> dict[str, Any]:
    return {
        "code": [list(line) for line in case.code],
        "changed": [[name, _STATES[did]] for name, did in case.changed.items()],
        "said": case.said,
    }


_STATES = {True: "changed", False: "unchanged", None: "cannot tell"}
