"""What freezes a layer, read off every combination that was run. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bncore.experiments.freezing import FREEZING, FreezingRow
from ui.page.claims import Claim, claim, worded
from ui.questions.freezing.state import FreezingState
from ui.questions.freezing.words import WORDS

Row = FreezingRow
NEVER, BEFORE, AFTER, AGAIN, BEFORE_FIT = FREEZING
IN_TIME = (BEFORE, AGAIN, BEFORE_FIT)


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows in the words of the screen."""
    moved = {True: "moved", False: "stayed", None: "cannot tell"}
    answers = {True: "yes", False: "no", None: "cannot tell"}
    return pd.DataFrame(
        {
            "training in the call": [row.training for row in rows],
            "trainable=False set": [row.frozen for row in rows],
            "gamma": [moved[row.gamma_moved] for row in rows],
            "moving statistics": [moved[row.statistics_moved] for row in rows],
            "frozen?": [answers[is_frozen(row)] for row in rows],
            "fit normalises with": [row.fit for row in rows],
            "predict": [row.predict for row in rows],
            "model(x)": [row.call for row in rows],
            "model(x, training=True)": [row.call_training for row in rows],
        }
    )


def is_frozen(row: Row) -> bool | None:
    """Whether nothing in the layer moved; None where these data could not have shown it."""
    moved = (row.gamma_moved, row.statistics_moved)
    if True in moved:
        return False
    return None if None in moved else True


def words(state: FreezingState, rows: Sequence[Row]) -> list[str]:
    """The answer, computed from what moved: the rule first, then the three ways of the question."""
    return worded(claims(state, rows), WORDS)


def claims(state: FreezingState, rows: Sequence[Row]) -> list[Claim]:
    """The rule, what each way of the question did, and what these data cannot show."""
    ways = {
        "training": _row(rows, "False", NEVER),
        "trainable": _row(rows, "not given", AFTER),
        "compiled": _row(rows, "not given", AGAIN),
    }
    made = [rule(rows)]
    for name, row in ways.items():
        moved = {"gamma": row.gamma_moved, "the moving statistics": row.statistics_moved}
        made.append(claim("way", name=name, moved=moved, fit=row.fit, frozen=is_frozen(row)))
    if state.guess != "unsure":
        made.append(claim("prediction", right=is_frozen(ways[state.guess])))
    silent = _row(rows, "not given", NEVER, "subclassed")
    if silent.statistics_moved is False and silent.fit == "moving":
        made.append(claim("reverse trap"))
    if any(None in (row.gamma_moved, row.statistics_moved) for row in rows):
        made.append(claim("cannot tell"))
    return made


def rule(rows: Sequence[Row]) -> Claim:
    """The rule to take home, held against every result that can be judged."""
    known = [row for row in rows if is_frozen(row) is not None]
    wrong = sum(is_frozen(row) != (row.frozen in IN_TIME) for row in known)
    if not known:
        return claim("no rule known", rows=len(rows))
    kind = "no rule" if wrong else "rule"
    counts = {"known": len(known), "rows": len(rows)}
    return claim(kind, **counts, **({"wrong": wrong} if wrong else {}))


def _row(rows: Sequence[Row], training: str, frozen: str, model: str = "functional") -> Row:
    wanted = (model, training, frozen)
    return next(row for row in rows if (row.model, row.training, row.frozen) == wanted)
