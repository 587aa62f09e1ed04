"""Every claim of the conventions page, held against exact fractions and plain loops."""

import dataclasses
import math
import types
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bncore.conventions import CONVENTIONS
from bncore.experiments.live import CarriedFound, CarriedOutput
from tests.claims import check_all
from ui.questions.conventions import carry, words
from ui.questions.conventions import state as view
from ui.questions.conventions.state import ConventionsState
from ui.state.arrays import FrozenArray

# v, n, epsilon -> what is stored; written out here once more.
RULES = {
    "biased": lambda v, n, e: v,
    "n/(n-1)": lambda v, n, e: v * n / (n - 1),
    "n/max(n-1,1)": lambda v, n, e: v * n / max(n - 1, 1),
    "n/(n-(1+epsilon))": lambda v, n, e: v * n / (n - 1 - e),
    "n/(n-1) * n/(n-(1+epsilon))": lambda v, n, e: v * n / max(n - 1, 1) * n / (n - 1 - e),
    "biased + epsilon": lambda v, n, e: v + e,
    "(v+epsilon) * n/(n-(1+epsilon))": lambda v, n, e: (v + e) * n / (n - 1 - e),
}


def column(state):
    """The elements of the drawn feature, exactly."""
    x = state.data.array
    chosen = x[..., min(state.feature, x.shape[-1] - 1)].ravel()
    return [Fraction(float(value)) for value in chosen]


def variance(values):
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def stored(state, name):
    """What a convention stores, exactly; None where that is a division by 0."""
    convention = view.convention_of(state, name)
    rule = RULES[convention.estimator_for(view.split_of(state)).id]
    values = column(state)
    try:
        return rule(variance(values), len(values), Fraction(convention.epsilon))
    except ZeroDivisionError:
        return None


def left(state, name):
    """keep multiplied by itself; nothing where the first update drops the initial value."""
    convention = view.convention_of(state, name)
    if convention.keep is None or convention.zero_debiased:
        return 0.0
    return math.prod([convention.keep] * state.updates)


def name_of(title):
    return next(name for name in CONVENTIONS if view.TITLES[name] == title)


def keeps(state, found):
    return {name: found[name].convention.keep for name in found}


def check_fed(text, state):
    assert f"same batch of {len(column(state))} elements" in text
    assert f"{state.updates:,} times" in text


def check_no_ratio(c, text, state, found):
    exact = variance(column(state))
    assert c["zero"] == (exact == 0) == ("is 0:" in text) or float(exact) < 1e-30
    assert c["zero"] or exact > Fraction(10) ** 300
    check_fed(text, state)


def check_keep_1(c, text, state, found):
    assert all(keep == 1 for keep in keeps(state, found).values())
    check_fed(text, state)


def check_stored(c, text, state, found):
    check_fed(text, state)
    exact = variance(column(state))
    said = {name_of(title): label for label, titles in c["groups"].items() for title in titles}
    still = {name for name, keep in keeps(state, found).items() if keep == 1}
    assert {name_of(title) for title in c["still"]} == still
    lost = {name for name in found if name not in still and stored(state, name) is None}
    assert {name_of(title) for title in c["lost"]} == lost
    assert set(said) == set(found) - still - lost
    for name, label in said.items():
        digits = len(label.split(".")[1])
        assert float(label) == pytest.approx(float(stored(state, name) / exact), rel=1e-9,
                                             abs=0.51 * 10**-digits)  # fmt: skip
        assert f"**{label}** times the biased variance: " in text
        for other, beside in said.items():
            off = abs(stored(state, name) - stored(state, other))
            apart = float(off / abs(stored(state, name)))
            assert apart < 1e-8 if label == beside else apart > 1e-10
    number = len(c["groups"])
    assert text.startswith(
        {0: "**No finite", 1: "**One variance is"}.get(number, f"**{number} different variances")
    )


def check_left(c, text, state, found):
    assert {name_of(title) for title in c["shares"]} <= set(found)
    v = float(variance(column(state)))
    there = []
    for name in found:
        share = left(state, name)
        if view.convention_of(state, name).keep == 1:
            assert view.TITLES[name] not in c["shares"]
        elif share > 1.001e-6 * min(v, 1):
            assert c["shares"][view.TITLES[name]] == pytest.approx(share)
            assert f"**{100 * share:.3g} %** in " in text
            target = stored(state, name)
            if target is not None:
                moving = share + (1 - share) * float(target)
                there.append(abs(moving / float(target) - 1) < 1e-5)
        elif share < 0.999e-6 * min(v, 1):
            assert view.TITLES[name] not in c["shares"]
    if c["there"]:
        assert all(there)
    elif len(there) == len(c["shares"]):
        assert not all(there) or any(
            left(state, name) > 1e-7 for name in found
        )  # further off than a millionth
    assert ("not there yet" in text) == (not c["there"])


def check_none_left(c, text, state, found):
    going = [name for name, keep in keeps(state, found).items() if keep != 1]
    assert all(left(state, name) < 1.001e-6 for name in going)


CHECKS = {
    "no ratio": check_no_ratio, "keep 1": check_keep_1, "stored": check_stored,
    "left": check_left, "none left": check_none_left,
}  # fmt: skip
CELLS = st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.1, 1000.0, 1e-9, 1e160, -3.5])


@settings(max_examples=60)
@given(
    st.sampled_from([(1, 2), (2, 2), (5, 2), (2, 2, 2, 2), (1, 1, 3, 2)]).flatmap(
        lambda shape: st.lists(CELLS, min_size=math.prod(shape), max_size=math.prod(shape)).map(
            lambda cells: np.reshape(cells, shape)
        )
    ),
    st.lists(st.sampled_from(list(CONVENTIONS)), min_size=1, max_size=6, unique=True),
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.9999999, 1.0]),
    st.sampled_from([0.0, 1e-8, 1e-3, 1.0]),
    st.sampled_from([1, 2, 7, 150, 3000]),
    st.booleans(), st.integers(0, 1),
)  # fmt: skip
@example(np.array([[1.0], [-1.0]]), ["keras-3"], 0.99, 1e-3, 5, False, 0)  # it starts there
@example(np.array([[1.0], [3.0]]), ["keras-2.2.4"], 0.99, 1.0, 5, False, 0)
@example(np.array([[1.0], [3.0]]), ["keras-3", "tf_keras"], 1.0, 1e-3, 5, False, 0)
@example(np.array([[1.0], [3.0]]), ["keras-3"], 0.9, 1e-3, 100, False, 0)  # 3e-5 is left
@example(np.full((1, 1, 3, 2), 0.1), ["keras-3", "torch"], 0.9, 1e-3, 7, False, 1)  # constant
def test_every_claim_about_what_is_stored(x, chosen, keep, epsilon, updates, own, feature):
    state = dataclasses.replace(
        ConventionsState(), data=FrozenArray(x), chosen=tuple(chosen), keep=keep, epsilon=epsilon,
        updates=updates, own=own, feature=feature,
    )  # fmt: skip
    with np.errstate(all="ignore"):
        found = {
            name: view.Outcome(view.convention_of(state, name), *[np.empty(0)] * 3)
            for name in chosen
        }
        answer = types.SimpleNamespace(
            claims=words.claims,
            words=lambda *given: words.worded(words.claims(*given), words.WORDS),
        )
        check_all(answer, words.WORDS, CHECKS, state, found)


@given(st.floats(0.9, 1.4), st.floats(0.9, 1.4), st.sampled_from(list(view.GUESSES)))
@example(1.0, 1.25, "rank")
@example(1.25, 1.25, "unbiased")
@example(1.0, 1.0, "biased")
@example(1.12, 1.0, "biased")
def test_what_keras_3_stores_is_what_was_recorded(second, fourth, guess):
    words_today, words.keras_3_today = words.keras_3_today, lambda: {2: (second, 1.25),
                                                                     4: (fourth, 1.25)}  # fmt: skip
    try:
        text = words.guess_words(dataclasses.replace(ConventionsState(), guess=guess))
    finally:
        words.keras_3_today = words_today
    near = {"biased": 1.0, "unbiased": 1.25}
    told = [[n for n, r in near.items() if abs(ratio - r) <= 0.0026] for ratio in (second, fourth)]
    if "neither" in text:
        sure = [[n for n, r in near.items() if abs(ratio - r) < 0.0024]
                for ratio in (second, fourth)]  # fmt: skip
        assert [] in sure
        assert "predicted" not in text
        return
    assert [] not in told
    right = told[0][0] if told[0] == told[1] else "rank"
    assert f"**{view.GUESSES[right]}**" in text
    assert f"{second:.4f} times the biased variance at rank 2" in text
    assert ("You predicted it" in text) == (guess == right)


U = float(np.finfo(np.float32).eps) / 2


def exact_outputs(state, epsilon):
    gamma, beta, mean, variance_ = state.layer.array
    with np.errstate(all="ignore"):
        return gamma * (carry.probe(state.layer.array) - mean) / np.sqrt(variance_ + epsilon) + beta


def furthest(state, found):
    """The largest difference, each feature over its largest output, number by number."""
    source, target = found.source.output, found.target.output
    most = 0.0
    for feature in range(source.shape[1]):
        size = max(abs(float(v)) for v in source[:, feature])
        for a, b in zip(source[:, feature], target[:, feature], strict=True):
            most = max(most, abs(float(a) - float(b)) / (size or 1.0))
    return most


def check_asked(c, text, state, found):
    assert all(f"{role}, {getattr(found, role).who}" in text for role in ("source", "target"))


def check_nothing_checked(c, text, state, found):
    assert not found.source.real
    assert not found.target.real


def check_not_finite(c, text, state, found):
    assert not all(map(math.isfinite, [*found.source.output.ravel(),
                                       *found.target.output.ravel()]))  # fmt: skip


def place(c, found):
    shown, there = (float(getattr(found, role).output[c["row"], c["feature"]])
                    for role in ("source", "target"))  # fmt: skip
    assert (c["source"], c["target"]) == (shown, there)
    return abs(shown - there)


def check_differ(c, text, state, found):
    off = place(c, found)
    assert off > c["allowed"]
    gamma, beta, mean, v = state.layer.array[:, c["feature"]]
    scale = abs(gamma) / math.sqrt(v + state.epsilon)
    assert c["allowed"] >= U * max(abs(beta), abs(mean) * scale)  # one rounding is always allowed
    assert f"the source has {c['source']:.6g}, the target {c['target']:.6g}" in text


def check_too_coarse(c, text, state, found):
    assert place(c, found) > 0
    assert furthest(state, found) > 0.999e-3
    mean = state.layer.array[2][c["feature"]]
    assert f"moving mean of {mean:.6g}" in text


def check_agree(c, text, state, found):
    assert furthest(state, found) <= 1.001e-3
    assert c["largest"] <= furthest(state, found) * 1.0001 + 1e-12
    assert f"**{c['largest']:.2g}**" in text


def check_same_epsilon(c, text, state, found):
    assert found.default_epsilon == state.epsilon


def check_forgotten_not_finite(c, text, state, found):
    assert not all(map(math.isfinite, found.forgotten.ravel()))


def forgotten(found):
    other = CarriedOutput("the target with its own epsilon", True, found.forgotten)
    return furthest(None, dataclasses.replace(found, target=other))


def check_forgotten_shows(c, text, state, found):
    assert forgotten(found) > 0.999e-5
    most = np.abs(found.forgotten - found.source.output).max()
    assert f"to **{most:.2g}** apart" in text
    assert f"epsilon {found.default_epsilon:g} instead of {state.epsilon:g}," in text


def check_forgotten_hardly_shows(c, text, state, found):
    assert forgotten(found) <= 1.001e-5
    assert found.default_epsilon != state.epsilon


CARRY_CHECKS = {
    "asked": check_asked, "nothing checked": check_nothing_checked, "not finite": check_not_finite,
    "differ": check_differ, "too coarse": check_too_coarse, "agree": check_agree,
    "same epsilon": check_same_epsilon, "forgotten not finite": check_forgotten_not_finite,
    "forgotten shows": check_forgotten_shows,
    "forgotten hardly shows": check_forgotten_hardly_shows,
}  # fmt: skip
HELD = [0.0, 1e-6, 0.5, 1.0, -2.0, 300.0, 1e6]
SIZES, STATISTICS = st.sampled_from([*HELD, 1e30]), st.sampled_from(HELD)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(SIZES, SIZES, STATISTICS, STATISTICS.map(abs)), min_size=1, max_size=3),
    st.sampled_from([0.0, 1e-7, 1e-4, 2e-3, 0.5, math.nan]),
    st.sampled_from([0.0, 1e-5, 1e-3]),
    st.sampled_from([1e-5, 1e-3]),
    st.tuples(st.booleans(), st.booleans()),
    st.booleans(),
)
@example([(1.0, 0.0, 1e6, 1.0)], 2e-3, 1e-3, 1e-5, (True, True), True)
@example([(1.0, 0.0, 1.0, 1.0)], 0.0, 1e-3, 1e-5, (True, True), False)
@example([(1.0, 0.0, 1.0, 1e6)], 0.0, 1e-3, 1e-5, (True, True), False)
def test_every_claim_about_a_layer_that_is_carried_over(
    layer, off, epsilon, default, real, one_number
):
    state = dataclasses.replace(
        ConventionsState(), layer=FrozenArray(np.transpose(layer)), epsilon=epsilon
    )
    source = exact_outputs(state, epsilon)
    gamma, _, mean, v = np.abs(state.layer.array)
    with np.errstate(all="ignore"):
        cancelled = gamma * mean / np.sqrt(v + epsilon)
    # What is nothing but rounding in float64, too, has no size to be relative to.
    size = np.abs(source).max(axis=0)
    assume(not ((size > 0) & (size < 1e-12 * cancelled)).any())
    target = source.copy()
    touched = (slice(0, 1), slice(0, 1)) if one_number else (slice(None), slice(None))
    target[touched] += off * np.maximum(np.abs(target[touched]), 1e-9)
    found = CarriedFound(
        CarriedOutput("a layer", real[0], source),
        CarriedOutput("another", real[1], target),
        forgotten=exact_outputs(state, default),
        default_epsilon=default,
    )
    answer = types.SimpleNamespace(
        claims=carry.claims,
        words=lambda *given: carry.worded(carry.claims(*given), carry.WORDS),
    )
    check_all(answer, carry.WORDS, CARRY_CHECKS, state, found)
    said = carry.checked_words(state, found)
    assert said.agrees in (None, furthest(state, found) <= 1e-3 and "agree." in said.text)
