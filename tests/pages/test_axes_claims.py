"""Every claim of the axis explorer, held against exact fractions and plain NumPy."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bncore
from ui.page.claims import sentence
from ui.questions.axes import answers as axes_claims
from ui.questions.axes import state as view
from ui.questions.axes.state import AxisState
from ui.questions.axes.words import WORDS, listed
from ui.state.arrays import FrozenArray

SIZES = st.sampled_from(
    [0.0, 1.0, -1.0, 0.1, 1 / 3, 1e-30, -1e-170, 1e20, 1e8 + 1, 1e155, 1e308, -1.7e308]
)


@st.composite
def states(draw):
    """Any rank, any axes kept, any family; equal, constant, tiny and huge numbers."""
    rank = draw(st.integers(1, 4))
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank)))
    kind = draw(st.sampled_from(["alike", "few", "far", "plain"]))
    size = math.prod(shape)
    if kind == "alike":
        data = np.full(size, draw(SIZES))
    elif kind == "few":
        data = np.array(draw(st.lists(SIZES, min_size=size, max_size=size)))
    else:
        generator = np.random.default_rng(draw(st.integers(0, 99)))
        data = generator.normal(size=size) * 10.0 ** draw(st.integers(-30, 20))
        data += 1e6 * abs(data).max() * (kind == "far")
    kept = draw(st.lists(st.integers(-rank, rank - 1), max_size=2, unique_by=lambda a: a % rank))
    return AxisState(
        data=FrozenArray(data.reshape(shape)),
        family=draw(st.sampled_from(["batch", "batch", "batch", "layer", "instance", "group"])),
        kept=tuple(kept),
        layout=draw(st.sampled_from(["channels last", "channels first"])),
        groups=draw(st.sampled_from([1, 2])),
        epsilon=draw(st.sampled_from([0.0, 1e-12, 1e-3, 1e6])),
        gamma=FrozenArray([draw(SIZES)]),
    )


def channel(state):
    rank = len(state.data.shape)
    return 1 if state.layout == "channels first" and rank > 1 else rank - 1


def kept_axes(state):
    return sorted(axis % len(state.data.shape) for axis in state.kept)


def groups(state):
    """The places of the cells of each statistic, in C order, by a walk through all cells."""
    shape, found = state.data.shape, {}
    for place in itertools.product(*map(range, shape)):
        at = channel(state)
        key = {
            "batch": tuple(place[axis] for axis in kept_axes(state)),
            "layer": place[:1],
            "instance": (place[0], place[at]),
            "group": (place[0], place[at] * state.groups // shape[at]),
        }[state.family]
        found.setdefault(key, []).append(place)
    return [found[key] for key in sorted(found)]


def cells(state):
    return [[Fraction(state.data.array[place]) for place in group] for group in groups(state)]


def exact_mean(numbers):
    return sum(numbers) / len(numbers)


def exact_variance(numbers):
    mean = exact_mean(numbers)
    return sum((number - mean) ** 2 for number in numbers) / len(numbers)


def near(found, exact, size):
    return abs(Fraction(float(found)) - exact) <= Fraction(1e-12) * max(size, Fraction(5e-324))


def too_large(numbers):
    """What float64 may not be able to sum up."""
    return 4 * sum(map(abs, numbers)) > Fraction(1.7e308)


def check_means(state, p, means, n, kept, collapsed, grouped):
    parts = cells(state)
    assert means.size == len(parts)
    assert {n} == set(map(len, parts))
    for found, numbers in zip(means, parts, strict=True):
        largest = max(map(abs, numbers))
        if np.isfinite(found):
            assert near(found, exact_mean(numbers), largest)
        else:
            assert too_large(numbers)
    shape = grouped or state.data.shape
    assert math.prod(shape) == state.data.array.size
    assert sorted(kept + collapsed) == list(range(len(shape)))
    assert math.prod(shape[axis] for axis in collapsed) == n
    assert bool(grouped) == (state.family == "group")
    if state.family == "batch":
        assert list(kept) == kept_axes(state)


def check_no_layer(state, p):
    assert state.kept == ()


def check_holds(state, p, learned, moving):
    size = math.prod(state.data.shape[axis] for axis in kept_axes(state))
    assert (learned, moving) == (2 * size, 2 * size)


def check_same_in_both_modes(state, p, title, learned):
    assert title.split()[0].lower() == state.family
    assert learned == 2 * state.data.shape[channel(state)]


def check_numpy(state, p, collapsed, kept, count, same, other):
    assert ([kept], collapsed) == (kept_axes(state), 1 - kept)
    x = state.data.array
    assert count == x.shape[kept]
    assert same  # it is the same statistic: where float64 holds it, it never is another
    lines = [[Fraction(v) for v in line] for line in (x if kept == 1 else x.T)]
    assert other.size == len(lines)
    for found, line in zip(other, lines, strict=True):
        assert near(found, exact_mean(line), max(map(abs, line)))


def check_batch_kept(state, p):
    assert kept_axes(state) == [0]


def check_not_the_channels(state, p, channel, kept, name, count):
    rank = len(state.data.shape)
    inside = {2: "", 3: "W", 4: "HW"}[rank]
    names = "N" + (inside + "C" if state.layout == "channels last" else "C" + inside)
    assert names[channel] == "C"
    assert names[kept] == name != "C"
    assert ([kept], count) == (kept_axes(state), state.data.shape[kept])


def holding(state, p, condition):
    """x̂ in the groups that a condition holds for, by their numbers."""
    return [
        np.array([p.x_hat[place] for place in places])
        for places, numbers in zip(groups(state), cells(state), strict=True)
        if condition(numbers)
    ]


def spread_out(numbers):
    """What float64 may not be able to square and sum up."""
    return 4 * len(numbers) * max(map(abs, numbers)) ** 2 > Fraction(1.7e308)


def beyond_float64(state, p):
    """Of every group whose variance is not finite: its numbers, and x̂ there."""
    parts = zip(groups(state), cells(state), p.moments.variance.ravel(), strict=True)
    return [
        (numbers, np.array([p.x_hat[place] for place in places]))
        for places, numbers, variance in parts
        if not np.isfinite(variance)
    ]


def check_not_computed(state, p, lost, count):
    found = [numbers for numbers, x_hat in beyond_float64(state, p) if np.isnan(x_hat).all()]
    assert (len(found), p.moments.mean.size) == (lost, count)
    assert all(spread_out(numbers) for numbers in found)


def check_variance_beyond(state, p, beyond, count):
    found = [numbers for numbers, x_hat in beyond_float64(state, p) if (x_hat == 0).all()]
    assert (len(found), p.moments.variance.size) == (beyond, count)
    assert all(len(c) * exact_variance(c) > Fraction(1.79e308) for c in found)


def alike(numbers):
    return len(set(numbers)) == 1


def check_constant(state, p):
    assert state.epsilon > 0
    assert any(not x_hat.any() for x_hat in holding(state, p, alike))


def check_division_by_0(state, p):
    assert state.epsilon == 0
    assert any(np.isnan(x_hat).all() for x_hat in holding(state, p, alike))


def check_variance_too_small(state, p, groups, count):
    parts = list(zip(cells(state), p.moments.variance.ravel(), strict=True))
    assert len(parts) == count
    found = [exact_variance(numbers) for numbers, v in parts if v == 0 and not alike(numbers)]
    assert len(found) == groups
    for variance, numbers in ((exact_variance(c), c) for c, v in parts if v == 0):
        assert variance < Fraction(1e-290) + Fraction(1e-24) * max(map(abs, numbers)) ** 2


def check_scaler(state, p, difference, by_one):
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit(state.data.array)
    there = (state.data.array - scaled.mean_) / scaled.scale_
    assert difference == pytest.approx(np.abs(there - p.x_hat).max(), rel=1e-9, abs=1e-12)
    for scale, numbers in zip(scaled.scale_, cells(state), strict=True):
        variance = exact_variance(numbers)
        if not math.isclose(scale**2, float(variance), rel_tol=1e-3):
            assert by_one
            assert scale == 1


CHECKS = {
    "means": check_means,
    "no layer": check_no_layer,
    "holds": check_holds,
    "same in both modes": check_same_in_both_modes,
    "numpy": check_numpy,
    "batch kept": check_batch_kept,
    "not the channels": check_not_the_channels,
    "not computed": check_not_computed,
    "variance beyond": check_variance_beyond,
    "constant": check_constant,
    "division by 0": check_division_by_0,
    "variance too small": check_variance_too_small,
    "scaler": check_scaler,
}


def test_every_kind_of_claim_has_words_and_a_check():
    assert set(WORDS) == set(CHECKS)


def claimed(state):
    """The claims of a state, each one checked; None where its axes or groups do not fit."""
    try:
        p = view.picture(state)
    except ValueError:
        return None
    found = axes_claims.claims(state, p)
    if claim := axes_claims.scaler(p):
        found.append(claim)
    for claim in found:
        assert sentence(claim, WORDS)
        CHECKS[claim.kind](state, p, **claim.numbers)
    kinds = {claim.kind for claim in found}
    assert expected(state) <= kinds
    assert not beyond_float64(state, p) or kinds & {"not computed", "variance beyond"}
    assert not holding(state, p, alike) or kinds & ONE_NUMBER
    assert np.isfinite(p.x_hat).all() or kinds & NOT_FINITE
    # Where all numbers of a group are equal, rounding leaves nothing: x̂ is 0, or 0/0.
    assert not any(np.isfinite(x_hat).all() and x_hat.any() for x_hat in holding(state, p, alike))
    return kinds


ONE_NUMBER = {"constant", "division by 0", "not computed"}
NOT_FINITE = {"division by 0", "not computed", "variance too small"}


def expected(state):
    """Kinds that have to be there: what is not said can mislead as well."""
    kinds, parts = {"means"}, cells(state)
    if state.family == "batch":
        kinds.add("holds" if state.kept else "no layer")
        kept = kept_axes(state)
        if len(kept) == 1 and len(state.data.shape) > 1:
            if kept == [0]:
                kinds.add("batch kept")
            elif kept != [channel(state)]:
                kinds.add("not the channels")
            if len(state.data.shape) == 2 and not any(map(too_large, parts)):
                kinds.add("numpy")
    else:
        kinds.add("same in both modes")
    return kinds


@settings(max_examples=100, database=None)
@given(states())
def test_every_claim_is_true(state):
    with np.errstate(all="ignore"):
        claimed(state)


@pytest.mark.parametrize("layout", ["channels last", "channels first"])
@pytest.mark.parametrize("rank", [2, 3, 4])
def test_every_axis_of_every_layout(rank, layout):
    data = FrozenArray(np.arange(2.0**rank).reshape((2,) * rank))
    for axis in range(rank):
        claimed(AxisState(data=data, kept=(axis - rank,), layout=layout))


def test_equal_numbers_whose_mean_is_rounded():
    """Their variance comes out as 0, or nearly, and x̂ as anything."""
    generator = np.random.default_rng(0)
    for value in 1e20 * generator.normal(size=40):
        data = FrozenArray(np.full((int(generator.integers(2, 40)), 2), value))
        claimed(AxisState(data=data))


EDGES = {
    "means": {},
    "no layer": {"kept": ()},
    "holds": {"data": [[[1.0, 2.0], [3.0, 4.0]]], "kept": (0, 1)},
    "same in both modes": {"family": "layer"},
    "numpy": {"kept": (-2,)},
    "batch kept": {"data": np.arange(8.0).reshape(2, 2, 2), "kept": (-3,)},
    "not the channels": {"data": np.arange(8.0).reshape(2, 2, 2), "kept": (1,)},
    "not computed": {"data": [[1e308, 1.0], [1e308, 2.0]]},
    "variance beyond": {"data": [[1e308, 1.0], [2.0, 3.0]]},
    "constant": {"data": [[1.0, 2.0], [1.0, 3.0]]},
    "division by 0": {"data": [[1.0, 2.0], [1.0, 3.0]], "epsilon": 0.0},
    "variance too small": {"data": [[1e-170, 2.0], [2e-170, 3.0]], "epsilon": 0.0},
    "scaler": {"data": [[1e12, 2.0], [1e12 + 3e-4, 3.0]], "epsilon": 0.0},
}


@pytest.mark.parametrize("kind", list(CHECKS))
def test_every_kind_is_reached_and_true(kind):
    given = dict(EDGES[kind])
    if "data" in given:
        given["data"] = FrozenArray(given["data"])
    with np.errstate(all="ignore"):
        assert kind in claimed(AxisState(**given))


@given(st.lists(st.floats(-1e20, 1e20), min_size=1, max_size=8))
def test_means_are_listed_to_six_digits(means):
    text = listed(np.array(means)).strip("[]").split(", ")
    assert ("…" in text) == (len(means) > 6)
    for shown, mean in zip(text, means[:6], strict=False):
        assert float(shown) == pytest.approx(mean, rel=1e-5, abs=0)


def test_a_mean_that_is_rounding_is_0():
    state = AxisState(data=FrozenArray([[0.1], [0.2], [-0.3]]))
    assert axes_claims.claims(state, view.picture(state))[0].numbers["means"].tolist() == [0]
    between = AxisState(data=FrozenArray([[1e4], [1 - 1e4]]))
    assert axes_claims.claims(between, view.picture(between))[0].numbers["means"].tolist() == [0.5]
    tiny = AxisState(data=FrozenArray([[1e-9], [3e-9]]))
    assert "[2e-09]" in sentence(axes_claims.claims(tiny, view.picture(tiny))[0], WORDS)


def test_numpys_means_are_other_means_where_they_are():
    state = AxisState()
    p = view.picture(state)
    moved = bncore.Moments(p.moments.mean + 1e-6, p.moments.variance, p.moments.count)
    other = view.Picture(**{**vars(p), "moments": moved})
    claim = next(c for c in axes_claims.claims(state, other) if c.kind == "numpy")
    assert not claim.numbers["same"]


TWO = np.array([277.75, 1 / 3])
SAID = [
    ("means", {"means": TWO[:1], "n": 3, "kept": (), "collapsed": (0, 1), "grouped": None},
     "**one mean, each over n = 3 cells**: [277.75]. The axes kept are (), the axes collapsed "
     "(0, 1)."),
    ("means", {"means": TWO, "n": 3, "kept": (1,), "collapsed": (0,), "grouped": (3, 2)},
     "**2 means, each over n = 3 cells**: [277.75, 0.333333]. The axes kept are (1,), the axes "
     "collapsed (0,) of the grouped shape (3, 2)."),
    ("numpy", {"collapsed": 0, "kept": 1, "count": 2, "same": True, "other": TWO},
     "NumPy's `axis=0` is the axis that disappears, Keras' `axis=1` (or `axis=-1`) the one that "
     "stays: **the same 2 means**. NumPy's `axis=1` would give [277.75, 0.333333]."),
    ("numpy", {"collapsed": 1, "kept": 0, "count": 2, "same": False, "other": TWO},
     "NumPy's `axis=1` is the axis that disappears, Keras' `axis=0` (or `axis=-2`) the one that "
     "stays: **other means, though**. NumPy's `axis=0` would give [277.75, 0.333333]."),
    ("scaler", {"difference": 5e-4, "by_one": 0},
     "scikit-learn's `StandardScaler` on the same matrix: largest difference from x̂ **0.0005**. "
     "It divides by √variance, the layer by √(variance + ε)."),
    ("scaler", {"difference": 5e-4, "by_one": 2},
     "scikit-learn's `StandardScaler` on the same matrix: largest difference from x̂ **0.0005**. "
     "It divides by √variance, the layer by √(variance + ε). It takes 2 of the columns for "
     "constant and divides by 1 there."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "numbers", "text"), SAID)
def test_sentences_in_every_branch(kind, numbers, text):
    assert WORDS[kind](**numbers) == text


@pytest.mark.parametrize(("means", "text"), [
    ([1.23456789, -12345.6789012, 0.123456789], "[1.234568, -12345.678901, 0.123457]"),
    ([1.0, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, 6]"),
    ([1.0, 2, 3, 4, 5, 6, 7], "[1, 2, 3, 4, 5, 6, …]"),
])  # fmt: skip
def test_six_digits_of_six_means(means, text):
    assert listed(np.array(means)) == text
