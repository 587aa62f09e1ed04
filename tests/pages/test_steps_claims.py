"""Every claim of the step-by-step page, held against exact fractions and plain NumPy."""

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.page.claims import sentence
from ui.questions.steps import facts as steps_facts
from ui.questions.steps import tried as steps_tried
from ui.questions.steps.order import PANELS
from ui.questions.steps.sentences import WORDS
from ui.questions.steps.state import Pass, StepsState, whole_pass
from ui.state.arrays import FrozenArray

CELLS = st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.1, 3.0, 1e-30, -1e-13, 1e8 + 1, 1e20])
STEPS = ("x_hat", "dy", "dz")


@st.composite
def states(draw):
    """One row and more, equal rows, constant columns, tiny and huge numbers, both modes."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["few", "plain", "far", "alike"]))
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    z = generator.normal(size=(rows, columns)) * 10.0 ** draw(st.integers(-12, 18))
    if kind == "few":
        z = np.array([[draw(CELLS) for _ in range(columns)] for _ in range(rows)])
    elif kind == "far":
        z += 1e6 * np.abs(z).max()
    elif kind == "alike":
        z[:] = z[:1]
    upstream = generator.integers(-1, 2, (rows, columns)) * draw(st.sampled_from([1.0, 1e-13, 3e9]))
    if draw(st.booleans()):
        upstream[:] = upstream[:1]

    def feature(sizes):
        return FrozenArray([draw(st.sampled_from(sizes)) for _ in range(columns)])

    return StepsState(
        z=FrozenArray(z),
        upstream=FrozenArray(upstream),
        gamma=feature([1.0, 0.0, -2.0, 1e-9, 1e9]),
        beta=feature([0.0, 0.5, -1e6]),
        moving_mean=feature([0.0, 1.0, -1e9]),
        moving_variance=feature([0.0, 1.0, 1e-30, 1e20]),
        epsilon=draw(st.sampled_from([0.0, 1e-12, 1e-3, 0.5, 1e6])),
        mode=draw(st.sampled_from(["training", "training", "inference"])),
        activation=draw(st.sampled_from(["linear", "relu", "tanh", "sigmoid"])),
    )


@dataclasses.dataclass
class Exact:
    """A column of z in fractions: dz is gamma / sqrt(v + eps) times ``dz``."""

    centered: list
    variance: Fraction
    divided: Fraction
    dz: list
    sizes: list

    @classmethod
    def of(cls, state, column, dy):
        z = [Fraction(v) for v in state.z.array[:, column]]
        n, g = len(z), [Fraction(float(v)) for v in np.nan_to_num(dy[:, column])]
        mean, variance = sum(z) / n, Fraction(float(state.moving_variance.array[column]))
        if state.mode == "training":
            variance = sum((v - mean) ** 2 for v in z) / n
        else:
            mean = Fraction(float(state.moving_mean.array[column]))
        centered, divided = [v - mean for v in z], variance + Fraction(state.epsilon)
        dz, sizes = list(g), [abs(v) for v in g]
        if state.mode == "training" and divided:
            along = sum(a * b for a, b in zip(g, centered, strict=True)) / divided
            parts = [(v, -sum(g) / n, -c * along / n) for v, c in zip(g, centered, strict=True)]
            dz, sizes = [sum(part) for part in parts], [max(map(abs, part)) for part in parts]
        return cls(centered, variance, divided, dz, sizes)


def exact(state, whole):
    return [Exact.of(state, j, whole.values["dy"]) for j in range(state.z.shape[1])]


def blur(state, column):
    """What float64 may leave where x̂ cancels: more on data far from 0."""
    size = max(abs(v) for v in state.z.array[:, column])
    divided = float(np.var(state.z.array[:, column])) + state.epsilon
    return 1e-11 * (1 + size / math.sqrt(divided)) if divided else math.inf


def there(state, mode):
    """The pass that a claim is about, and whether its numbers are those on the screen."""
    assert mode in (None, "training")
    assert mode is None or state.mode == "inference"
    return dataclasses.replace(state, mode=mode or state.mode)


def check_division_by_0(state, whole, mode):
    assert state.epsilon == 0
    about = there(state, mode)
    assert not np.isfinite(whole_pass(about).values["x_hat"]).all()
    assert min(column.variance for column in exact(about, whole)) < Fraction(1e-300)


def check_beyond_float64(state, whole, mode):
    values = whole_pass(there(state, mode)).values
    assert not all(np.isfinite(found).all() for found in values.values())
    assert state.epsilon > 0 or (values["variance"] != 0).any()


def check_moments(state, whole, means, variances):
    """Of x̂, in exact arithmetic, from z, ε and the statistics."""
    for j, column in enumerate(exact(state, whole)):
        deviation = math.sqrt(column.divided)
        normalised = [float(c) / deviation for c in column.centered]
        mean = math.fsum(normalised) / len(normalised)
        variance = math.fsum((v - mean) ** 2 for v in normalised) / len(normalised)
        size = 1 + abs(mean) + math.sqrt(variance) if state.mode == "inference" else 1.0
        off = min(1.0, blur(state, j)) if state.mode == "training" else 1e-9 * size
        if off < 1:
            assert means[j] == pytest.approx(mean, abs=off * size, rel=1e-9)
            assert variances[j] == pytest.approx(variance, abs=3 * off * size**2, rel=1e-9)


def check_normalised(state, whole, means, variances):
    assert state.mode == "inference"  # in training they always are what they should be
    check_moments(state, whole, means, variances)


def check_normalised_to(state, whole, means, variances, below):
    assert state.mode == "training"
    check_moments(state, whole, means, variances)
    if below is None:
        assert state.epsilon == 0
        return
    missing = [float(Fraction(state.epsilon) / column.divided) for column in exact(state, whole)]
    known = [j for j in range(len(missing)) if blur(state, j) < 1e-3]
    assert all(below >= missing[j] * (1 - 1e-2) for j in known)
    if len(known) == len(missing):
        assert below == pytest.approx(max(missing), rel=1e-2)


def check_flat(state, whole, flat, count):
    y, da = whole.values["output"], whole.values["da"]
    assert count == y.size
    ends = {
        "linear": np.zeros(y.shape, bool),
        "relu": y <= 0,
        "tanh": np.abs(y) > 18,  # from here on 1 - tanh² is below float64's last digit
        "sigmoid": np.abs(y) > 36,
    }[state.activation]
    surely = ends if state.activation in ("linear", "relu") else ends & (np.abs(y) > 40)
    surely &= (state.activation != "sigmoid") | (y > 0)
    assert ((da != 0) & surely).sum() <= flat <= ((da != 0) & ends).sum()


def check_gradients(state, whole, direct, touched, blurred):
    columns, gamma = exact(state, whole), state.gamma.array
    g = whole.values["dy"]
    assert direct == sum(g[i, j] != 0 and gamma[j] != 0 for i, j in np.ndindex(g.shape))
    surely, nothing, cancelled = 0, 0, 0
    for j, column in enumerate(columns):
        size = max(column.sizes)
        rounding = 1e-16 if state.mode == "inference" else min(blur(state, j), 1e300)
        for value in column.dz:
            if gamma[j] == 0 or size == 0:
                nothing += 1
            elif abs(value) <= Fraction(1e-16) * size:
                cancelled += 1
            elif abs(value) > Fraction(rounding) * size:
                surely += 1
    assert surely <= touched <= g.size - nothing - cancelled
    assert touched + blurred <= g.size - nothing
    assert state.mode == "training" or (touched, blurred) == (direct, 0)


def check_column_sums(state, whole, largest, zero, along, share):
    assert state.mode == "training"
    assert zero  # they are 0 in exact arithmetic
    columns = exact(state, whole)
    for column in columns:
        assert sum(column.dz) == 0
    dz, x_hat = whole.values["dz"], whole.values["x_hat"]
    assert largest == np.abs(dz.sum(axis=0)).max()
    assert along == np.abs((dz * x_hat).sum(axis=0)).max()
    assert share is not None
    for column in columns:
        into = zip(column.dz, column.centered, strict=True)
        kept = Fraction(state.epsilon) / column.divided
        g = [v * c for v, c in into]
        j = columns.index(column)
        directly = [Fraction(v) for v in whole.values["dy"][:, j]]
        assert sum(g) == kept * sum(d * c for d, c in zip(directly, column.centered, strict=True))
        if blur(state, j) < 1e-3:
            assert share >= float(kept) * (1 - 1e-2)


def check_same_in_every_row(state, whole, largest):
    g = whole.values["dy"]
    assert all(len(set(column)) == 1 for column in g.T)
    for column in exact(state, whole):
        assert not any(column.dz)
    assert largest == np.abs(whole.values["dz"]).max()


def shifted(state, mode):
    z = state.z.array + 100 * (np.arange(state.z.shape[1]) == 0)
    there = dataclasses.replace(state, mode=mode, z=FrozenArray(z))
    return whole_pass(there).values["output"][:, 0]


def check_training(state, whole, found, change):
    assert found == "same"  # in exact arithmetic it always is
    before = whole_pass(dataclasses.replace(state, mode="training")).values["output"][:, 0]
    assert change == np.abs(shifted(state, "training") - before).max()
    size = abs(state.gamma.array[0]) * math.sqrt(len(before)) + abs(state.beta.array[0])
    assert change <= 0.2 * size


def check_differences_lost(state, whole):
    column = state.z.array[:, 0]
    deviation = math.sqrt(float(Exact.of(state, 0, np.zeros(state.z.shape)).divided))
    if state.mode == "training":
        assert (abs(column).max() + 100) * 1e-13 > deviation * 1e-3


def check_moving_variance_0(state, whole):
    assert state.epsilon == 0
    assert state.moving_variance.array[0] == 0


def check_inference(state, whole, expected):
    scale = Fraction(float(state.moving_variance.array[0])) + Fraction(state.epsilon)
    assert expected == pytest.approx(100 * state.gamma.array[0] / math.sqrt(scale), rel=1e-12)
    before = whole_pass(dataclasses.replace(state, mode="inference")).values["output"][:, 0]
    np.testing.assert_allclose(shifted(state, "inference") - before, expected, rtol=2e-6)


def check_inference_hidden(state, whole, expected):
    scale = Fraction(float(state.moving_variance.array[0])) + Fraction(state.epsilon)
    assert expected == pytest.approx(100 * state.gamma.array[0] / math.sqrt(scale), rel=1e-12)
    apart = abs(state.z.array[:, 0]).max() + abs(state.moving_mean.array[0])
    shift = abs(state.beta.array[0]) / max(abs(expected), 1e-300)
    assert apart * 1e-16 > 1e-8 or shift * 1e-16 > 1e-8


CHECKS = {
    "division by 0": check_division_by_0,
    "beyond float64": check_beyond_float64,
    "normalised": check_normalised,
    "normalised to": check_normalised_to,
    "flat": check_flat,
    "gradients": check_gradients,
    "column sums": check_column_sums,
    "same in every row": check_same_in_every_row,
    "differences lost": check_differences_lost,
    "training": check_training,
    "moving variance 0": check_moving_variance_0,
    "inference": check_inference,
    "inference hidden": check_inference_hidden,
}


def test_every_kind_of_claim_has_words_and_a_check():
    assert set(WORDS) == set(CHECKS)


def claimed(state):
    """The kinds that are claimed of a state, at any step; each claim is checked."""
    whole = whole_pass(state)
    assert isinstance(whole, Pass)
    found = [claim for step in PANELS for claim in steps_facts.claims(whole, step)]
    found += [steps_tried.in_training(state), steps_tried.in_inference(state)]
    for claim in found:
        assert "nan" not in sentence(claim, WORDS)
        CHECKS[claim.kind](state, whole, **claim.numbers)
    if state.mode == "training":
        # Where all numbers of a column are equal, rounding leaves nothing.
        alike = np.ptp(whole.values["z"], axis=0) == 0
        x_hat = whole.values["x_hat"][:, alike]
        assert not x_hat[np.isfinite(x_hat)].any()
    kinds = {claim.kind for claim in found}
    assert kinds & {"division by 0", "beyond float64", "gradients"}
    if "gradients" in kinds and state.mode == "training":
        dy, gamma = whole.values["dy"], state.gamma.array
        assert ("column sums" in kinds) == bool((dy * gamma).any())
        alike = (dy == dy[0]).all() and dy.any() and (dy * gamma).any()
        assert ("same in every row" in kinds) == bool(alike)
    return kinds


@settings(max_examples=250, database=None)
@given(states())
def test_every_claim_is_true(state):
    with np.errstate(all="ignore"):
        claimed(state)


EDGES = {
    "division by 0": {"z": FrozenArray(np.ones((4, 3))), "epsilon": 0.0},
    "beyond float64": {"z": FrozenArray([[1e308, 1.0, 2.0], [-1e308, 2.0, 5.0]])},
    "normalised": {"mode": "inference"},
    "normalised to": {"epsilon": 1e-20},
    "flat": {"activation": "relu", "upstream": FrozenArray(np.ones((4, 3)))},
    "gradients": {"z": FrozenArray([[1.0, 2.0, 3.0], [2.0, 1e6, 1e6 + 1]]), "epsilon": 0.0},
    "column sums": {"epsilon": 1e-18},
    "same in every row": {"upstream": FrozenArray(np.ones((4, 3))), "activation": "linear"},
    "differences lost": {"z": FrozenArray([[1e18, 0.0, 1.0], [1e18 + 256, 1.0, 3.0]])},
    "training": {},
    "moving variance 0": {"moving_variance": FrozenArray([0.0, 1.0, 1.0]), "epsilon": 0.0},
    "inference": {"gamma": FrozenArray([0.0, 1.0, 1.0])},
    "inference hidden": {"moving_mean": FrozenArray([1e20, 0.0, 0.0])},
}


@pytest.mark.parametrize("kind", list(CHECKS))
def test_every_kind_is_reached_and_true(kind):
    with np.errstate(all="ignore"):
        assert kind in claimed(dataclasses.replace(StepsState(), **EDGES[kind]))


def test_numbers_that_are_not_shown_are_not_called_numbers_here():
    """Inference mode, every number finite; training mode would divide by 0."""
    state = StepsState(z=FrozenArray(np.ones((3, 3))), epsilon=0.0, mode="inference")
    with np.errstate(all="ignore"):
        said = sentence(steps_tried.in_training(state), WORDS)
    assert said.startswith("In training mode some numbers are **not finite**")


def test_a_share_of_epsilon_below_float64s_last_digit_is_not_0():
    whole = whole_pass(dataclasses.replace(StepsState(), epsilon=1e-20))
    assert 0 < steps_facts.claims(whole, "x_hat")[0].numbers["below"] < 1e-19


def test_a_variance_beyond_float64_leaves_no_gradient_to_count():
    z = FrozenArray([[1e200, 1.0, 2.0], [-1e200, 2.0, 5.0]])
    whole = whole_pass(dataclasses.replace(StepsState(), z=z))
    assert [claim.kind for claim in steps_facts.claims(whole, "dz")] == ["beyond float64"]


HALF = np.array([0.5])
SAID = [
    ("division by 0", {"mode": None}, "Some numbers here are **not finite**: a column of variance "
     "0 is divided by √(0 + ε), which needs an ε above 0."),
    ("beyond float64", {"mode": "training"}, "In training mode some numbers are **not finite**: "
     "they are beyond float64 (1.8e308)."),
    ("normalised", {"means": np.array([-1e-17, 0.25]), "variances": np.array([1.00006, 0.5])},
     "Column means of x̂: 0.0000, 0.2500; column variances: 1.0001, 0.5000."),
    ("normalised to", {"means": HALF, "variances": HALF, "below": None}, "Column means of x̂: "
     "0.5000; column variances: 0.5000, which is σ²/(σ²+ε)."),
    ("normalised to", {"means": HALF, "variances": HALF, "below": 0.5}, "Column means of x̂: "
     "0.5000; column variances: 0.5000, which is σ²/(σ²+ε) (below 1 by at most 0.5)."),
    ("gradients", {"direct": 2, "touched": 4, "blurred": 0},
     "Numbers of z with a gradient: 2 directly, 4 in the end."),
    ("gradients", {"direct": 2, "touched": 4, "blurred": 3}, "Numbers of z with a gradient: 2 "
     "directly, 4 in the end. In 3 of them the terms cancel up to rounding, which counts as 0."),
    ("column sums", {"largest": 1e-17, "zero": True, "along": 0.5, "share": 0.25}, "Every column "
     "of the gradient sums to 0 (here 1e-17, rounding), because shifting a column of z changes "
     "nothing. Its sum with x̂ would be 0 for ε = 0, because then stretching the column would "
     "change nothing either. Here it is at most 0.5: the share ε/(σ²+ε), at most 0.25, of what "
     "goes in directly."),
    ("column sums", {"largest": 0.1, "zero": False, "along": 0.5, "share": None}, "A column of the "
     "gradient sums to 0.1: more than rounding, although shifting a column of z changes nothing. "
     "Its sum with x̂ is 0.5."),
    ("training", {"found": "same", "change": 0.0}, "In training mode **nothing changes**: with 100 "
     "added to every number of column 0 of z, its outputs y change by at most **0**. The mean "
     "takes it away again."),
    ("training", {"found": "shifts", "change": 2.0}, "Tried in training mode: with 100 added to "
     "every number of column 0 of z, its outputs y change by at most **2**."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "numbers", "text"), SAID)
def test_sentences_in_every_branch(kind, numbers, text):
    assert WORDS[kind](**numbers) == text


def test_a_gradient_beyond_float64_leaves_the_outputs_as_they_are():
    huge = StepsState(
        upstream=FrozenArray(np.full((4, 3), 1e308) * [[1.0], [-1.0], [1.0], [1.0]]),
        gamma=FrozenArray([100.0, 100.0, 100.0]), activation="linear",
    )  # fmt: skip
    with np.errstate(all="ignore"):
        whole = whole_pass(huge)
        kinds = {step: [c.kind for c in steps_facts.claims(whole, step)] for step in PANELS}
    assert kinds.pop("x_hat") == ["normalised to"]
    assert kinds.pop("dz") == ["beyond float64"]
    assert not any(kinds.values())
