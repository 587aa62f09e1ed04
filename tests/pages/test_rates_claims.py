"""Every claim of the page “rates”, held against a computation of this file."""

import dataclasses
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bncore.experiments.arguments import Rows
from bncore.experiments.placement import Trained
from tests.claims import check_all
from ui.questions.classifier.state import TITLES
from ui.questions.rates import answers
from ui.questions.rates.state import GUESSES, RATES, RatesState
from ui.questions.rates.words import WORDS

NAMES = tuple(TITLES)


def learned(accuracy, chance, values):
    """The exact binomial tail, summed; of all trainings together."""
    rows = values.rows.validation
    if math.isnan(accuracy):
        return False
    right = round(accuracy * rows)
    tail = math.fsum(
        math.comb(rows, n) * chance**n * (1 - chance) ** (rows - n) for n in range(right, rows + 1)
    )
    return tail <= 0.05 / values.trainings


def learners(values):
    return {
        name: {
            rate: [learned(a, c, values) for a, c in
                   zip(found.validation_accuracy.tolist(), values.most_common, strict=True)]
            for rate, found in rates.items()
        }
        for name, rates in values.rates.items()
    }  # fmt: skip


def check_largest(c, text, state, values):
    found = learners(values)
    rate = max((rate for rates in found.values() for rate in rates), key=float)
    assert all(rate in rates for rates in found.values())
    good = [name for name, rates in found.items() if all(rates[rate])]
    assert (c["rate"], list(c["good"])) == (rate, good)
    assert f"With {rate}, every" in text
    assert f"**{len(good)} of {len(found)} variants**" in text
    assert all(f"“{TITLES[name]}”" in text for name in good)
    asked = [name for name in state.variants if name != "orphan"] or ["none"]
    if set(asked) != set(found) or float(rate) != max(map(float, state.rates)):
        assert "predicted" not in text
        return
    true = {
        "nobody": not good, "all": set(good) == set(found),
        "normalised": good and set(good) == set(found) - {"none"},
        "some": 0 < len(good) < len(found) and set(good) != set(found) - {"none"},
    }  # fmt: skip
    if "You predicted it" in text:
        assert true[state.guess]
    elif "You predicted" in text:
        assert not true[state.guess] or (true["all"] and state.guess == "normalised")


def check_higher(c, text, state, values):
    reached = {
        name: max([float(rate) for rate, right in rates.items() if all(right)] + [0])
        for name, rates in learners(values).items()
    }
    asked = [name for name in state.variants if name != "orphan"]
    assert set(asked) == set(reached) == {"none", *reached}
    assert all(set(rates) == set(state.rates) for rates in values.rates.values())
    none, others = reached.pop("none"), list(reached.values())
    assert (c["without"], c["least"], c["most"]) == (none, min(others), max(others))
    if all(other > none for other in others):
        assert text.startswith("**Yes, here**")
    elif any(other > none for other in others):
        assert text.startswith("**Here in some variants only**")
    else:
        assert text.startswith("**No, not here**")
    assert (f"learns is {none:g} without" in text) == (none > 0)
    assert ("without batch normalisation there is no rate" in text) == (none == 0)
    least, most = min(others), max(others)
    own = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    if not least:
        own = f"{most:g}, and at least one variant has none"
    assert text.endswith(f"; with it the largest is {own}." if most else "; with it there is none.")


def check_variant(c, text, state, values):
    found = learners(values)[c["name"]]
    every = sorted((rate for rate in found if all(found[rate])), key=float)
    some = sorted((r for r in found if any(found[r]) and not all(found[r])), key=float)
    assert (list(c["every"]), list(c["some"])) == (every, some)
    assert text.startswith(f"“{TITLES[c['name']]}”: ")
    assert f"learns with {', '.join(every)}" in text if every else "no rate for all" in text
    assert (f"; some with {', '.join(some)}." in text) == bool(some)


def check_meaning(c, text, state, values):
    chance = values.most_common
    assert (c["least"], c["most"]) == (min(chance), max(chance))
    assert f"{min(chance):.1%}" in text
    assert f"{max(chance):.1%})" in text
    assert f"for all {values.trainings} trainings" in text


def check_too_few(c, text, state, values):
    assert not all(learned(1.0, chance, values) for chance in values.most_common)
    assert f"**{values.rows.validation} validation rows" in text


RATE_CHECKS = {
    "higher": check_higher, "largest": check_largest, "variant": check_variant,
    "meaning": check_meaning,
    "too few": check_too_few,
}  # fmt: skip


def end(accuracies):
    ones = np.ones(len(accuracies))
    return Trained(ones, ones, np.array(accuracies), diverged=-ones)


@settings(max_examples=100)
@given(st.data())
def test_every_claim_about_learning_rates(data):
    names = data.draw(st.lists(st.sampled_from(NAMES[:4]), min_size=1, unique=True))
    k, rows = data.draw(st.sampled_from([1, 3])), data.draw(st.sampled_from([4, 40, 200]))
    asked = data.draw(st.lists(st.sampled_from(RATES), min_size=1, unique=True))
    accuracy = st.sampled_from([0.0, 0.5, 0.55, 0.6, 0.7, 0.9, 1.0, math.nan])
    trained = {}
    for name in names:
        there = data.draw(
            st.lists(st.sampled_from(asked), min_size=1, unique=True) | st.just(asked)
        )
        trained[name] = {
            rate: end(data.draw(st.lists(accuracy, min_size=k, max_size=k) | st.just([1.0] * k)))
            for rate in there
        }  # fmt: skip
    chance = tuple(data.draw(st.sampled_from([0.5, 0.6])) for _ in range(k))
    values = answers.Trials(
        trained, Rows(4 * rows, rows), chance, trainings=k * len(asked) * len(names)
    )
    missing = data.draw(st.sampled_from([(), ("output",), ("orphan",)]))
    state = dataclasses.replace(
        RatesState(), variants=tuple({*names, *missing}), rates=tuple(asked),
        guess=data.draw(st.sampled_from(list(GUESSES))),
    )  # fmt: skip
    kinds = check_all(answers, WORDS, RATE_CHECKS, state, values)
    whole = all(set(rates) == set(asked) for rates in trained.values())
    whole &= set(state.variants) - {"orphan"} == set(names)
    assert ("higher" in kinds) == (whole and "none" in names and len(names) > 1)
