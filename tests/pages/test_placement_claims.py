"""Every claim of the page “placement”, held against a computation of this file."""

import dataclasses
import math
import re
import statistics

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import Orphans, StudyFound, VariantRun
from tests.claims import check_all
from tests.intervals import interval
from ui.questions.placement import answers
from ui.questions.placement.state import GUESSES, PlacementState
from ui.questions.placement.words import WORDS

NAMES = ("none", "before", "after", "output", "orphan")
MEASURES = ("loss", "validation_loss", "accuracy", "validation_accuracy")
ACCURACIES = st.sampled_from([0.5, 0.5, 0.55, 0.6, 0.9, 0.95, 1.0, math.nan])


def last(values, name, measure="validation_accuracy"):
    return [float(value) for value in getattr(values.runs[name], measure)[-1]]


def pairs_of(values):
    """What is compared: before with after, and every placement with none."""
    there = [name for name in values.runs if name != "orphan"]
    found = [("before", "after")] if {"before", "after"} <= set(there) else []
    return found + [(name, "none") for name in there if name != "none" and "none" in there]


def judged(values, pair):
    """Mean difference, half width, and whether the interval excludes 0."""
    filled = [
        [c if math.isnan(a) else a for a, c in zip(last(values, name), values.most_common,
                                                   strict=True)]
        for name in pair
    ]  # fmt: skip
    rows = values.rows
    wrong = 2 - statistics.fmean(filled[0]) - statistics.fmean(filled[1])
    mean, margin = interval(
        *filled, len(pairs_of(values)), 1 / rows.validation,
        rows.validation / rows.training, wrong / rows.validation,
    )  # fmt: skip
    return mean, margin, abs(mean) > margin


def same(values, first, second, measures=("validation_accuracy",)):
    return all(
        str(last(values, first, measure)) == str(last(values, second, measure))
        for measure in measures
    )


def check_difference(c, text, values):
    """The numbers of a comparison, as they stand in its sentence."""
    mean, margin, clear = judged(values, c["pair"])
    lost = [sum(map(math.isnan, last(values, name))) for name in c["pair"]]
    assert list(c["lost"]) == lost
    assert ("diverged:" in text) == any(lost)
    assert ("number for number" in text) == same(values, *c["pair"])
    if same(values, *c["pair"]):
        return mean, margin, False
    number = re.search(r"([+-][\d.]+(?:e-\d+)?) points", text)
    assert number
    digits = 0.06 * abs(margin) if math.isfinite(margin) else 0.0
    assert float(number[1]) == pytest.approx(100 * mean, rel=0.06, abs=100 * digits)
    half = re.search(r"\(± ([\d.]+)\)", text)
    assert bool(half) == math.isfinite(margin)
    if half:
        assert float(half[1]) == pytest.approx(100 * margin, rel=0.06)
        assert (abs(float(number[1])) > float(half[1])) == clear
    return mean, margin, clear


def all_lost(values, pair):
    return all(math.isnan(value) for name in pair for value in last(values, name))


def check_order(c, text, state, values):
    mean, margin, clear = check_difference(c, text, values)
    assert not all_lost(values, c["pair"])
    assert math.isfinite(margin)
    right = "same" if not clear else "before" if mean > 0 else "after"
    assert c["answer"] == right
    named = {"same": "**no clear difference**", "before": "**before the activation is better**",
             "after": "**after the activation is better**"}  # fmt: skip
    assert named[right] in text
    assert ("You predicted it" in text) == (state.guess == right)


def check_no_order(c, text, state, values):
    assert all_lost(values, c["pair"]) or len(values.most_common) == 1
    assert ("every repetition of both diverged" in text) == all_lost(values, c["pair"])
    assert "predicted" not in text
    if not all_lost(values, c["pair"]):
        check_difference(c, text, values)


def check_against(c, text, state, values):
    assert ("every repetition of both diverged" in text) == all_lost(values, c["pair"])
    if not all_lost(values, c["pair"]):
        _, _, clear = check_difference(c, text, values)
        assert ("**" in text) == clear
        if math.isfinite(judged(values, c["pair"])[1]):
            unclear = not clear and not same(values, *c["pair"])
            assert ("no clear difference" in text) == unclear


def check_orphan(c, text, state, values):
    found = values.orphans["orphan"]
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    assert numbers == [found.made, found.listed, found.moved]
    none = "none" in values.runs and same(values, "orphan", "none", MEASURES)
    assert ("number for number" in text) == none


def check_nothing_to_compare(c, text, state, values):
    assert pairs_of(values) == []


STUDY_CHECKS = {
    "order": check_order, "no order": check_no_order, "against": check_against,
    "orphan": check_orphan, "nothing to compare": check_nothing_to_compare,
}  # fmt: skip


@st.composite
def studies(draw):
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    k = draw(st.sampled_from([1, 2, 3, 8]))
    each = st.lists(ACCURACIES, min_size=k, max_size=k)
    runs, base = {}, draw(each)
    for name in names:
        how = draw(st.sampled_from(["own", "base", "shifted", "lost"]))
        found = {
            "own": lambda: draw(each),
            "base": lambda: base,
            "shifted": lambda: [max(0.0, value - 0.3) for value in base],
            "lost": lambda: [math.nan] * k,
        }[how]()
        other = draw(st.sampled_from([0.5, 0.5, 0.7]))
        run = {measure: np.array([found]) for measure in MEASURES}
        runs[name] = VariantRun(**run | {"loss": np.where(np.isnan([found]), np.nan, other)})
    validation = draw(st.sampled_from([10, 200, 2000]))
    orphans = {}
    if "orphan" in names:
        orphans["orphan"] = Orphans(2, draw(st.integers(0, 2)), draw(st.integers(0, 2)))
    rows = Rows(4 * validation, validation)
    return StudyFound(rows=rows, most_common=(0.5,) * k, runs=runs, orphans=orphans)


def study_of(most_common=(0.5, 0.5), **accuracies):
    runs = {
        name: VariantRun(**dict.fromkeys(MEASURES, np.array([found])))
        for name, found in accuracies.items()
    }
    return StudyFound(rows=Rows(80, 20), most_common=most_common, runs=runs)


@pytest.mark.parametrize(("before", "after", "answer"), [
    ([0.9, 0.91], [0.5, 0.51], "before"), ([0.5, 0.51], [0.9, 0.91], "after"),
    ([0.5, 0.9], [0.9, 0.5], "same"),
])  # fmt: skip
def test_which_order_is_better(before, after, answer):
    state = dataclasses.replace(PlacementState(), guess=answer)
    values = study_of(before=before, after=after)
    check_all(answers, WORDS, STUDY_CHECKS, state, values)
    assert "You predicted it" in answers.words(state, values)[0]


def test_the_orphan_stands_beside_none_in_the_table():
    cells = lambda **runs: answers.table(study_of(**runs))["accuracy, against none"].tolist()  # noqa: E731
    alike, other, lost = [0.5, 0.6], [0.5, 0.7], [math.nan] * 2
    assert cells(none=alike, orphan=alike) == ["–", "identical"]
    assert cells(none=alike, orphan=other) == ["–", "–"]
    assert cells(orphan=alike, before=alike) == ["–", "–"]
    assert cells(none=lost, before=lost) == ["–", "–"]
    assert cells(none=[0.5, 0.51], before=[0.9, 0.91])[1] == "+40 points (± 22), clear"
    assert re.search(r"\(± [\d.]+\)$", cells(none=alike, before=[0.7, 0.6])[1])
    frame = answers.table(study_of(none=[0.5, 0.7], before=lost))
    assert frame.columns[0] == "batch normalisation"
    assert frame["diverged"].tolist() == ["0 of 2", "2 of 2"]


def test_a_variant_that_diverged_holds_nobody_up():
    values = study_of(none=[0.5, 0.6], before=[0.6, 0.7], after=[math.nan] * 2)
    assert "that did not diverge made" in answers.method(
        dataclasses.replace(values, stopped={"after": "lost"})
    )


@settings(max_examples=120)
@given(studies(), st.sampled_from(list(GUESSES)))
@example(  # always the most common class, beside what diverged: not the same numbers
    study_of((0.5,) * 3, none=[0.5, 0.5, 0.5], before=[math.nan] * 3), "unsure",
)  # fmt: skip
def test_every_claim_of_a_study(values, guess):
    state = dataclasses.replace(PlacementState(), guess=guess)
    kinds = check_all(answers, WORDS, STUDY_CHECKS, state, values)
    assert ("orphan" in kinds) == ("orphan" in values.runs)
    told = answers.method(values)
    pairs, k = pairs_of(values), len(values.most_common)
    assert bool(told) == bool(pairs)
    assert (f"all {len(pairs)} comparisons" in told) == (len(pairs) > 1 and k > 1)
    assert ("this comparison" in told) == (len(pairs) == 1 and k > 1)
    assert ("after epoch 0" in told) == bool(pairs)
    assert "that did not diverge" not in told
    assert ("95 %" in told) == (k > 1 and bool(pairs))
