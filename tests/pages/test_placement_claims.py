"""Every claim of the page about where the layer goes, held against a computation of this file."""

import dataclasses
import itertools
import math
import re
import statistics

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.claims import check_all
from ui.questions.placement import (
    PlacementState,
    answers,
    answers_words,
    bias,
    distributions,
    rates,
    rates_words,
)
from ui.questions.placement import (
    state as page,
)

NAMES = ("none", "before", "after", "output", "orphan")
MEASURES = ("loss", "validation_loss", "accuracy", "validation_accuracy")
ACCURACIES = st.sampled_from([0.5, 0.5, 0.55, 0.6, 0.9, 0.95, 1.0, math.nan])


def interval(first, second, comparisons, step, overlap, shared):
    """The corrected resampled t interval of the pairs that are there: mean and half width."""
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if math.isfinite(a - b)]
    off = [a - b for a, b in pairs]
    if len(off) < 2:
        return (statistics.fmean(off) if off else math.nan), math.nan
    variance = max(statistics.variance(off), step**2 / 6)
    within = variance / len(off) + overlap * min(variance, shared)
    quantile = stats.t.isf(0.05 / comparisons / 2, len(off) - 1)
    return statistics.fmean(off), quantile * math.sqrt(within)


def last(values, name, measure="validation_accuracy"):
    return [float(value) for value in values["runs"][name][measure][-1]]


def pairs_of(values):
    """What is compared: before with after, and every placement with none."""
    there = [name for name in values["runs"] if name != "orphan"]
    found = [("before", "after")] if {"before", "after"} <= set(there) else []
    return found + [(name, "none") for name in there if name != "none" and "none" in there]


def judged(values, pair):
    """Mean difference, half width, and whether the interval excludes 0."""
    filled = [
        [c if math.isnan(a) else a for a, c in zip(last(values, name), values["most_common"],
                                                   strict=True)]
        for name in pair
    ]  # fmt: skip
    rows = values["rows"]
    wrong = 2 - statistics.fmean(filled[0]) - statistics.fmean(filled[1])
    mean, margin = interval(
        *filled, len(pairs_of(values)), 1 / rows["validation"],
        rows["validation"] / rows["training"], wrong / rows["validation"],
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
    assert all_lost(values, c["pair"]) or len(values["most_common"]) == 1
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
    found = values["orphans"]["orphan"]
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    assert numbers == [found["made"], found["listed"], found["moved"]]
    none = "none" in values["runs"] and same(values, "orphan", "none", MEASURES)
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
        runs[name] = run | {"loss": np.where(np.isnan([found]), np.nan, other)}
    validation = draw(st.sampled_from([10, 200, 2000]))
    values = {
        "runs": runs, "rows": {"training": 4 * validation, "validation": validation},
        "most_common": (0.5,) * k,
    }  # fmt: skip
    if "orphan" in names:
        counts = {"made": 2, "listed": draw(st.integers(0, 2)), "moved": draw(st.integers(0, 2))}
        values["orphans"] = {"orphan": counts}
    return values


LOST = {"none": [0.5, 0.5, 0.5], "before": [math.nan] * 3}


@settings(max_examples=120)
@given(studies(), st.sampled_from(list(page.GUESSES)))
@example(  # always the most common class, beside what diverged: not the same numbers
    {
        "runs": {name: {m: np.array([found]) for m in MEASURES} for name, found in LOST.items()},
        "rows": {"training": 80, "validation": 20}, "most_common": (0.5,) * 3,
    }, "unsure",
)  # fmt: skip
def test_every_claim_of_a_study(values, guess):
    state = dataclasses.replace(PlacementState(), guess=guess)
    check_all(answers, answers_words.WORDS, STUDY_CHECKS, state, values)
    told = answers.method(values)
    pairs, k = pairs_of(values), len(values["most_common"])
    assert bool(told) == bool(pairs)
    assert (f"all {len(pairs)} comparisons" in told) == (len(pairs) > 1 and k > 1)
    assert ("95 %" in told) == (k > 1 and bool(pairs))


def shares_of(values):
    """The mean of all blocks of each repetition, of what is compared."""
    found = {name: run["flat"][-1] for name, run in values["runs"].items() if name != "orphan"}
    return {
        name: [statistics.fmean(column) if np.isfinite(column).all() else math.nan
               for column in flat.T.tolist()]
        for name, flat in found.items()
    }  # fmt: skip


def below(state, values):
    """Every ordered pair of which the first is clearly below the second."""
    shares = {name: s for name, s in shares_of(values).items() if any(map(math.isfinite, s))}
    each = 1 if state.activation == "relu" else values["rows"]["validation"]
    overlap = values["rows"]["validation"] / values["rows"]["training"]
    count = len(shares) * (len(shares) - 1) // 2
    found = set()
    for a, b in itertools.permutations(shares, 2):
        mean, margin = interval(
            shares[a], shares[b], count, 1 / (each * state.units * state.depth), overlap, math.inf
        )
        if mean < -margin:
            found.add((a, b))
    return set(shares), found


def check_lost(c, text, values):
    lost = {name: sum(map(math.isnan, found)) for name, found in shares_of(values).items()}
    count = len(values["most_common"])
    partly = {name: n for name, n in lost.items() if 0 < n < count}
    assert dict(c["lost"]) == partly
    assert ("left out" in text) == bool(partly)
    assert all(f"“{page.TITLES[name]}” {n} of {count}" in text for name, n in partly.items())


def check_smallest(c, text, state, values):
    there, found = below(state, values)
    (name,) = c["found"]
    assert len(there) > 1
    reached = {name}  # below the others, directly or by what is below them
    for _ in there:
        reached |= {b for a, b in found if a in reached}
    assert reached == there
    assert not any(b == name for _, b in found)
    assert f"**{page.TITLES[name]}**, clearly below the others" in text
    assert ("You predicted it" in text) == (state.flat_guess == name)
    check_lost(c, text, values)


def check_not_told_apart(c, text, state, values):
    there, found = below(state, values)
    expected = [name for name in shares_of(values) if name in there - {b for _, b in found}]
    assert list(c["found"]) == expected
    assert len(expected) > 1
    assert ", ".join(f"“{page.TITLES[name]}”" for name in expected) in text
    check_lost(c, text, values)


def check_one_left(c, text, state, values):
    there, _ = below(state, values)
    assert set(c["known"]) == there
    assert len(there) < 2
    assert all(f"“{page.TITLES[name]}”" in text for name in there)


def check_block(c, text, state, values):
    assert text.startswith(f"Block {c['block'] + 1}, ")
    for name, run in values["runs"].items():
        if name == "orphan":
            continue
        known = [v for v in run["flat"][-1, c["block"]].tolist() if math.isfinite(v)]
        range_ = (
            f"{statistics.fmean(known):.0%} ({min(known):.0%} to {max(known):.0%})"
            if known
            else "diverged"
        )
        assert f"{page.TITLES[name]} {range_}" in text
    assert ("dead units (zero for every" in text) == (state.activation == "relu")


FLAT_CHECKS = {
    "smallest": check_smallest, "not told apart": check_not_told_apart,
    "one left": check_one_left, "block": check_block,
}  # fmt: skip


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0.0, 0.1, 0.4, 0.45, math.nan]),
                    min_size=1),
    st.sampled_from([1, 2, 5]),
    st.sampled_from([0.0, 1e-4, 0.02]),
    st.sampled_from(["relu", "tanh", "sigmoid"]),
    st.sampled_from(list(page.FLAT_GUESSES)),
    st.integers(0, 99),
)  # fmt: skip
@example({"none": math.nan, "before": 0.1}, 5, 0.02, "tanh", "before", 0)
def test_every_claim_about_flat_shares(levels, k, noise, activation, guess, seed):
    rng = np.random.default_rng(seed)
    runs = {}
    for name, level in levels.items():
        flat = np.clip(level + rng.normal(0, noise, (1, 2, k)), 0, 1)
        flat[:, :, rng.random(k) < 0.1] = np.nan
        runs[name] = {"flat": flat}
    values = {
        "runs": runs, "rows": {"training": 400, "validation": 100}, "most_common": (0.5,) * k,
    }  # fmt: skip
    state = dataclasses.replace(PlacementState(), activation=activation, flat_guess=guess)
    if set(runs) == {"orphan"}:
        return  # which is not looked at
    check_all(distributions, distributions.WORDS, FLAT_CHECKS, state, values)


def learned(accuracy, chance, values):
    """The exact binomial tail, summed; of all trainings together."""
    rows = values["rows"]["validation"]
    if math.isnan(accuracy):
        return False
    right = round(accuracy * rows)
    tail = math.fsum(
        math.comb(rows, n) * chance**n * (1 - chance) ** (rows - n) for n in range(right, rows + 1)
    )
    return tail <= 0.05 / values["trainings"]


def learners(values):
    return {
        name: {
            rate: [learned(a, c, values) for a, c in
                   zip(found["validation_accuracy"].tolist(), values["most_common"], strict=True)]
            for rate, found in rates.items()
        }
        for name, rates in values["rates"].items()
    }  # fmt: skip


def check_largest(c, text, state, values):
    found = learners(values)
    rate = max((rate for rates in found.values() for rate in rates), key=float)
    assert all(rate in rates for rates in found.values())
    good = [name for name, rates in found.items() if all(rates[rate])]
    assert (c["rate"], list(c["good"])) == (rate, good)
    assert f"With {rate}, every" in text
    assert f"**{len(good)} of {len(found)} variants**" in text
    assert all(f"“{page.TITLES[name]}”" in text for name in good)
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
        assert true[state.rate_guess]
    elif "You predicted" in text:
        assert not true[state.rate_guess] or (true["all"] and state.rate_guess == "normalised")


def check_variant(c, text, state, values):
    found = learners(values)[c["name"]]
    every = sorted((rate for rate in found if all(found[rate])), key=float)
    some = sorted((r for r in found if any(found[r]) and not all(found[r])), key=float)
    assert (list(c["every"]), list(c["some"])) == (every, some)
    assert text.lower().startswith(page.TITLES[c["name"]].lower())
    assert f"learns with {', '.join(every)}" in text if every else "no rate for all" in text
    assert (f"; some with {', '.join(some)}." in text) == bool(some)


def check_meaning(c, text, state, values):
    chance = values["most_common"]
    assert (c["least"], c["most"]) == (min(chance), max(chance))
    assert f"{min(chance):.1%}" in text
    assert f"{max(chance):.1%})" in text
    assert f"for all {values['trainings']} trainings" in text


def check_too_few(c, text, state, values):
    assert not all(learned(1.0, chance, values) for chance in values["most_common"])
    assert f"**{values['rows']['validation']} validation rows" in text


RATE_CHECKS = {
    "largest": check_largest, "variant": check_variant, "meaning": check_meaning,
    "too few": check_too_few,
}  # fmt: skip


@settings(max_examples=100)
@given(st.data())
def test_every_claim_about_learning_rates(data):
    names = data.draw(st.lists(st.sampled_from(NAMES[:4]), min_size=1, unique=True))
    k, rows = data.draw(st.sampled_from([1, 3])), data.draw(st.sampled_from([4, 40, 200]))
    asked = data.draw(st.lists(st.sampled_from(page.RATES), min_size=1, unique=True))
    accuracy = st.sampled_from([0.0, 0.5, 0.55, 0.6, 0.7, 0.9, 1.0, math.nan])
    trained = {}
    for name in names:
        there = data.draw(
            st.lists(st.sampled_from(asked), min_size=1, unique=True) | st.just(asked)
        )
        trained[name] = {
            rate: {"validation_accuracy": np.array(data.draw(
                st.lists(accuracy, min_size=k, max_size=k) | st.just([1.0] * k)))}
            for rate in there
        }  # fmt: skip
    chance = tuple(data.draw(st.sampled_from([0.5, 0.6])) for _ in range(k))
    values = {
        "rates": trained, "most_common": chance, "rows": {"validation": rows},
        "trainings": k * len(asked) * len(names),
    }  # fmt: skip
    missing = data.draw(st.sampled_from([(), ("output",), ("orphan",)]))
    state = dataclasses.replace(
        PlacementState(), variants=tuple({*names, *missing}), rates=tuple(asked),
        rate_guess=data.draw(st.sampled_from(list(page.RATE_GUESSES))),
    )  # fmt: skip
    check_all(rates, rates_words.WORDS, RATE_CHECKS, state, values)


def check_diverged(c, text, state, values):
    assert not all(math.isfinite(n) for found in values["measured"].values()
                   for n in found.values())  # fmt: skip


def check_training(c, text, state, values):
    training, inference, plain = (
        values["measured"][mode] for mode in ("training", "inference", "plain")
    )
    bias_norm, kernel = training["bias_gradient"], training["kernel_gradient"]
    assert f"norm **{bias_norm:.2g}** (the kernel's: {kernel:.2g};" in text
    assert f"the bias has {plain['bias_gradient']:.2g})" in text
    assert f"at most {training['output_change']:.2g}" in text
    taken = training["output_change"] * 1000 < inference["output_change"]
    assert ("takes it away" in text) == taken
    if "You predicted it" in text:
        assert {
            "zero": bias_norm <= 1e-4 * kernel,
            "smaller": 1e-4 * kernel <= bias_norm <= 0.1 * kernel,
            "alike": 0.1 * kernel <= bias_norm <= 10 * kernel,
        }[state.bias_guess]
    if "You predicted:" in text:
        assert not {
            "zero": bias_norm < 1e-4 * kernel,
            "smaller": 1e-4 * kernel < bias_norm < 0.1 * kernel,
            "alike": 0.1 * kernel < bias_norm <= 10 * kernel,
        }[state.bias_guess]


def check_inference(c, text, state, values):
    training, found = values["measured"]["training"], values["measured"]["inference"]
    assert f"**{found['bias_gradient']:.2g}**" in text
    assert f"up to **{found['output_change']:.2g}**" in text
    needed = training["output_change"] * 1000 < found["output_change"]
    assert ("*not* redundant" in text) == needed


def check_saves(c, text, state, values):
    counts = values["parameters"]["normalised"]
    assert f"saves {counts['with'] - counts['without']:,} of {counts['with']:,} par" in text


BIAS_CHECKS = {
    "diverged": check_diverged, "training": check_training, "inference": check_inference,
    "saves": check_saves,
}  # fmt: skip
NORMS = st.sampled_from([0.0, 1e-30, 1e-9, 3e-5, 2e-3, 0.05, 0.5, 3.0, 50.0, 1e20, math.nan])


@settings(max_examples=120)
@given(st.lists(NORMS, min_size=9, max_size=9), st.sampled_from(list(page.BIAS_GUESSES)))
@example([50.0, 0.5, 1e-9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "alike")
@example([1e-9, 0.5, 1e-9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "zero")
def test_every_claim_about_the_bias(norms, guess):
    names = ("bias_gradient", "kernel_gradient", "output_change")
    measured = {
        mode: dict(zip(names, norms[3 * n : 3 * n + 3], strict=True))
        for n, mode in enumerate(("training", "inference", "plain"))
    }
    values = {"measured": measured, "parameters": {"normalised": {"with": 1280, "without": 1216}}}
    state = dataclasses.replace(PlacementState(), bias_guess=guess)
    check_all(bias, bias.WORDS, BIAS_CHECKS, state, values)
