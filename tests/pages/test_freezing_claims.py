"""Every claim about freezing, held against a computation of this file."""

import dataclasses
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from bncore.experiments.freezing import FreezingRow
from tests.claims import check_all
from ui.questions.freezing import answers
from ui.questions.freezing.state import GUESSES, FreezingState
from ui.questions.freezing.words import WORDS

WHENS = ("never", "before compile", "after compile", "after compile, compiled again",
         "compiled again, before fit")  # fmt: skip

WAYS = [("functional", t) for t in ("not given", "True", "False")]
WAYS += [("subclassed", t) for t in ("not given", "True", "False", "passed on")]
MOVED = st.sampled_from([True, False, None])
TRUE_RULE = {"never": False, "after compile": False} | dict.fromkeys(
    ("before compile", "after compile, compiled again", "compiled again, before fit"), True
)


def frozen(row):
    moved = [row.gamma_moved, row.statistics_moved]
    if any(moved):
        return False
    return True if moved == [False, False] else None


def row_of(rows, model, training, when):
    (row,) = [r for r in rows if (r.model, r.training, r.frozen)
              == (model, training, when)]  # fmt: skip
    return row


def counted(rows):
    judged = [(frozen(row), TRUE_RULE[row.frozen]) for row in rows]
    known = [pair for pair in judged if pair[0] is not None]
    return len(known), sum(found is not rule for found, rule in known)


def check_rule(c, text, state, rows):
    known, wrong = counted(rows)
    assert known > 0
    assert wrong == 0
    assert (
        f"all {len(rows)} comb" if known == len(rows) else f"the {known} of {len(rows)}"
    ) in text


def check_no_rule(c, text, state, rows):
    known, wrong = counted(rows)
    assert wrong > 0
    assert f"wrong in {wrong} of {'all 35' if known == 35 else f'the {known} of 35'} " in text


def check_no_rule_known(c, text, state, rows):
    assert counted(rows) == (0, 0)
    assert f"none of the {len(rows)} comb" in text


ASKED = {
    "training": ("functional", "False", "never"),
    "trainable": ("functional", "not given", "after compile"),
    "compiled": ("functional", "not given", "after compile, compiled again"),
}


SAID = {True: "**Frozen.**", False: "**Not frozen.**", None: "cannot tell.**"}


def check_way(c, text, state, rows):
    row = row_of(rows, *ASKED[c["name"]])
    assert GUESSES[c["name"]] in text
    assert text.endswith(SAID[frozen(row)])
    assert ("gamma and the moving statistics moved" in text) == (
        row.gamma_moved is True and row.statistics_moved is True
    )
    assert ("nothing moved" in text) == (True not in (row.gamma_moved, row.statistics_moved))
    assert ("statistics of the batch" in text) == (row.fit == "batch")
    assert ("with the moving statistics" in text) == (row.fit == "moving")
    for name in ("gamma_moved", "statistics_moved"):
        if getattr(row, name) is None and "nothing moved" in text:
            assert f"{'gamma' if name == 'gamma_moved' else 'the moving statistics'} " in text


def check_prediction(c, text, state, rows):
    found = frozen(row_of(rows, *ASKED[state.guess]))
    assert ("predicted it" in text) == (found is True)
    assert ("did not freeze" in text) == (found is False)


def check_reverse_trap(c, text, state, rows):
    row = row_of(rows, "subclassed", "not given", "never")
    assert (row.statistics_moved, row.fit) == (False, "moving")


def check_cannot_tell(c, text, state, rows):
    assert any(None in (row.gamma_moved, row.statistics_moved) for row in rows)


CHECKS = {
    "rule": check_rule, "no rule": check_no_rule, "no rule known": check_no_rule_known,
    "way": check_way, "prediction": check_prediction, "reverse trap": check_reverse_trap,
    "cannot tell": check_cannot_tell,
}  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(st.tuples(MOVED, MOVED, st.sampled_from(["batch", "moving", "cannot tell"])),
             min_size=35, max_size=35),
    st.sampled_from(["as drawn", "the rule", "the rule, some unknown", "all unknown"]),
    st.sampled_from(list(GUESSES)),
)  # fmt: skip
def test_every_claim_about_freezing(drawn, how, guess):
    rows = []
    for (way, when), (gamma, statistics, fit) in zip(
        itertools.product(WAYS, WHENS), drawn, strict=True
    ):
        if how == "the rule" or (how == "the rule, some unknown" and gamma is not None):
            gamma, statistics = (not TRUE_RULE[when],) * 2
        elif how != "as drawn":
            gamma, statistics = None, False
        rows.append(FreezingRow(*way, when, gamma, statistics, fit, "", "", ""))
    state = dataclasses.replace(FreezingState(), guess=guess)
    check_all(answers, WORDS, CHECKS, state, rows)
