"""Every sentence of the page about moving statistics, held against loops and exact fractions."""

import dataclasses
import itertools
import math
import re
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bncore.estimators import BIASED, KERAS_2, UNBIASED
from bncore.experiments.moving import MovingFound, RecordedLayer
from bncore.paths import Case
from bncore.settling import Kind, Settling
from ui.questions.moving import answers, words
from ui.questions.moving.recording import recording
from ui.questions.moving.state import MovingState
from ui.state.arrays import FrozenArray

FACTORS = {
    "biased": lambda n, epsilon: 1.0,
    "n/(n-1)": lambda n, epsilon: n / (n - 1),
    "n/(n-(1+epsilon))": lambda n, epsilon: n / (n - (1 + epsilon)),
}
VARIANTS = {"keras-3": "biased", "unbiased": "n/(n-1)", "keras-2": "n/(n-(1+epsilon))"}


def sizes(rows, size):
    return [size] * (rows // size) + [rows % size] * bool(rows % size)


def recorded(x, variant, size, keep, epsilon, updates):
    """A run as a float32 layer makes it, in the shape that the experiment sends."""
    x = np.asarray(x, np.float32)
    rng, parts = np.random.default_rng(0), []
    while len(parts) < updates:
        order = x if size == len(x) else rng.permutation(x)
        parts += [order[b : b + size] for b in range(0, len(x), size)]
    mean, variance = np.zeros(x.shape[1], np.float32), np.ones(x.shape[1], np.float32)
    found = {name: [] for name in ("moving_mean", "moving_variance", "batch_mean",
                                   "batch_variance")}  # fmt: skip
    old, new = np.float32(keep), np.float32(1 - keep)
    with np.errstate(all="ignore"):
        for rows in parts[:updates]:
            m, v = rows.mean(axis=0), np.square(rows - rows.mean(axis=0)).mean(axis=0)
            factor = 1.0 if len(rows) == 1 else FACTORS[VARIANTS[variant]](len(rows), epsilon)
            mean = old * mean + new * m
            variance = old * variance + new * (v * np.float32(factor))
            for name, values in zip(found, (mean, variance, m, v), strict=True):
                found[name].append(values)
    arrays = {name: np.array(values) for name, values in found.items()}
    return RecordedLayer(**arrays, loss=np.ones(updates))


def exact(x, variant, size, epsilon):
    """The biased variance of all rows, and what the estimator makes of it in the end (exactly)."""
    biased, target = [], []
    for column in np.asarray(x, np.float32).astype(float).T.tolist():
        v = _variance([Fraction(value) for value in column])
        rows = len(column)
        each = [v * Fraction((n - 1) * rows, n * (rows - 1)) if rows > 1 else v for n in
                sizes(rows, size)]  # fmt: skip
        rule = FACTORS[VARIANTS[variant]]
        stored = [float(e) * (rule(n, epsilon) if n > 1 else 1) for e, n in
                  zip(each, sizes(rows, size), strict=True)]  # fmt: skip
        biased.append(float(v))
        target.append(float(np.mean(stored)))
    return np.array(biased), np.array(target)


def _variance(values):
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


@dataclasses.dataclass
class Run:
    """What a check may look at: the settings, the exact numbers, and the recorded end."""

    state: MovingState
    variant: str
    biased: np.ndarray
    target: np.ndarray
    held: np.ndarray
    update: int

    @property
    def id(self):
        return VARIANTS[self.variant]

    @property
    def miss(self):
        """Of the features that have a variance, the largest relative difference."""
        varied = self.biased > 0
        return np.abs(self.held[varied] / self.target[varied] - 1).max()

    def named(self, text):
        """Nothing else than the estimator that was fed is printed in bold, after the title."""
        assert re.findall(r"\*\*(.*?)\*\*", text)[1] == self.id
        n, epsilon = self.state.batch_size, self.state.epsilon
        assert f"n = {n}, " in text
        factor = FACTORS[self.id](n, epsilon)
        if self.id == "biased":
            assert "stores the biased variance itself" in text
        elif "% too large" in text:
            said = float(re.search(r"([\d.]+) % too large", text)[1])
            assert said == pytest.approx(100 * (factor - 1), rel=1e-3)
        else:
            assert not factor > 0

    def off(self, text, before):
        """The per cent (or the plain number) in front of these words is the largest miss."""
        number = re.search(rf"is (?:now )?([\d.,e+-]+)( %)? {before}", text)
        said = float(number[1].replace(",", "")) / (100 if number[2] else 1)
        assert said == pytest.approx(self.miss, rel=0.06, abs=1e-9)


def check_nothing(text, run):
    assert ("batch of one row" in text) == (run.state.batch_size == 1)
    if run.state.batch_size == 1:
        return
    lost = (1 - run.state.keep) * run.biased < 2e-38
    assert (lost | (run.biased * len(run.state.data.array) > 1e38)).all()


def check_stays(text, run):
    assert (run.held == 1).all()
    assert ("keep 1 " in text) == (run.state.keep == 1)


def check_unlike(text, run):
    n, epsilon = run.state.batch_size, run.state.epsilon
    assert n == 1 or n - (1 + epsilon) == 0, text
    assert "divides by 0" in text or n == 1


def check_open(text, run):
    assert "not there yet" in text or "told apart" in text or "the same here" in text
    if "not there yet" in text:
        share = float(text.split("update")[1].split(": ")[1].split(" of")[0])
        assert share == pytest.approx(run.state.keep**run.update, rel=0.06)
    elif "It is not" in text:
        ruled_out = text.split("It is not ")[1].split(".")[0].split(" or ")
        assert run.id not in ruled_out
    if "the same here" in text:
        assert run.state.epsilon == 0


def check_near(text, run):
    run.named(text)
    run.off(text, "off")
    if "arrives" in text:
        left = float(text.split("(")[-1].split(" of")[0])
        assert left == pytest.approx(run.state.keep**run.update, rel=0.06)


def check_reached(text, run):
    run.named(text)
    said = float(re.search(r"difference ([\d.e-]+);", text)[1])
    assert said == pytest.approx(run.miss, rel=0.06, abs=1e-9)
    assert said < 1.1e-3


def check_averages(text, run):
    run.named(text)
    run.off(text, "from its expected")
    assert run.state.batch_size < len(run.state.data.array)
    memory = int(re.search(r"about ([\d,]+) update", text)[1].replace(",", ""))
    assert memory == pytest.approx(1 / (1 - run.state.keep), abs=0.51)


CHECKS = {
    "nothing": check_nothing, "stays": check_stays, "unlike": check_unlike, "open": check_open,
    "near": check_near, "reached": check_reached, "averages": check_averages,
}  # fmt: skip


def test_every_kind_of_claim_has_words_and_a_check():
    assert set(CHECKS) == set(words._SENTENCES) == set(get_args(Kind))


CELLS = st.sampled_from([0.0, 1.0, -1.0, 2.5, 100.0, 0.1, 1e-3, -7.0, 1e20])
KEEPS = st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-9, 1.0])
TABLES = st.tuples(st.integers(1, 6), st.integers(1, 2)).flatmap(
    lambda shape: st.lists(
        st.lists(CELLS, min_size=shape[1], max_size=shape[1]), min_size=shape[0],
        max_size=shape[0],
    )
)  # fmt: skip


@settings(max_examples=80)
@given(
    TABLES, st.sampled_from(list(VARIANTS)), st.integers(1, 6), KEEPS,
    st.sampled_from([0.0, 1e-3, 0.5, 1.0]), st.sampled_from([1, 2, 30, 400]),
    st.sampled_from(list(words.GUESSES)),
)  # fmt: skip
@example([[1.0], [2.0], [4.0]], "unbiased", 3, 0.9, 1e-3, 400, "unbiased")
@example([[1.0], [2.0], [4.0]], "keras-3", 3, 0.9, 1e-3, 100, "biased")
@example([[1.0], [2.0], [4.0], [0.0]], "keras-3", 2, 0.9, 1e-3, 400, "biased")
@example([[1.0], [2.0], [4.0]], "keras-3", 3, 1 - 1e-9, 1e-3, 2, "biased")
@example([[1.0], [1.0]], "keras-3", 2, 0.9, 1e-3, 2, "biased")
@example([[1.0], [2.0]], "keras-3", 1, 0.9, 1e-3, 2, "biased")  # every batch is one row
@example([[0.0], [0.0], [1.0]], "keras-3", 2, 0.5, 0.0, 30, "biased")  # both corrections: 1/0
def test_every_sentence_about_a_layer(x, variant, size, keep, epsilon, updates, guess):
    size = min(size, len(x))
    if variant != "keras-3" and min(sizes(len(x), size)) <= 1 + epsilon:
        return  # n/(n-1) is 1/0: refused, or of no meaning
    state = dataclasses.replace(
        MovingState(), data=FrozenArray(x), batch_size=size, keep=keep, epsilon=epsilon,
        updates=updates, guess=guess,
    )  # fmt: skip
    run = recorded(x, variant, size, keep, epsilon, updates)
    claim = answers.claim(state, variant, run, updates)
    text = answers.verdict(state, variant, run, updates)
    held = run.moving_variance[-1].astype(float)
    biased, target = exact(x, variant, size, epsilon)
    left_out = [n for n in range(len(biased)) if biased[n] == 0]
    if "constant" in text:
        numbers = re.search(r"features? ([\d, ]+): constant", text, re.IGNORECASE)[1]
        assert [int(n) for n in numbers.split(", ")] == left_out
    elif claim.kind != "stays" and "one row" not in text:
        assert not left_out
    good = np.ones(len(biased), bool) if claim.kind in ("nothing", "stays") else ~(biased > 1e37)
    CHECKS[claim.kind](text, Run(state, variant, biased[good], target[good], held[good], updates))
    if variant == "keras-3":
        told = answers.guess_words(state, run)
        assert bool(told) == (claim.kind in ("near", "reached", "averages"))
        if told:
            assert "stores **the biased one**" in told
            assert ("You predicted it" in told) == (guess == "biased")


@given(st.integers(2, 7), st.integers(1, 7), st.sampled_from([0.0, 1e-3, 0.1]), KEEPS)
@example(5, 2, 1e-3, 1.0)
def test_the_expected_final_value_is_the_mean_over_all_batches(rows, size, epsilon, keep):
    size = min(size, rows)
    x = [[Fraction(value)] for value in (1, 5, -2, 7, 0, 3, 11)[:rows]]
    state = dataclasses.replace(
        MovingState(), data=FrozenArray([[float(v)] for (v,) in x]), batch_size=size, keep=keep,
        epsilon=epsilon,
    )  # fmt: skip
    text = answers.settling(state)
    assert bool(text) == (size < rows and keep < 1)
    if not text:
        return
    column = [value for (value,) in x]
    each = []
    for n in sizes(rows, size):
        chosen = list(itertools.combinations(column, n))
        each.append((n, sum(map(_variance, chosen)) / len(chosen) / _variance(column)))
    biased = sum(ratio for _, ratio in each) / len(each)
    assert f"biased layer is {float(biased):.4f} times" in text
    assert f"**Mini-batches of {size} from {rows} rows**" in text
    assert (f"holds {rows % size})" in text) == (rows % size > 0)
    if 1 in sizes(rows, size):
        assert "not defined for a batch of one row" in text
    else:
        unbiased = sum(ratio * n / (n - 1) for n, ratio in each) / len(each)
        assert unbiased == Fraction(rows, rows - 1)
        assert f"with n/(n−1) {float(unbiased):.4f} times" in text
        assert f"(N/(N−1) = {float(unbiased):.4f})" in text


@given(KEEPS | st.floats(0, 1).map(lambda keep: round(keep, 6)))
@example(0.9999999)
def test_keep_in_both_spellings(keep):
    text = answers.momentum_words(keep).replace("\\", "")
    numbers = [float(n) for n in re.findall(r"(?:keep|momentum) ([\d.]+(?:e[+-]\d+)?)", text)]
    assert numbers == pytest.approx([keep, keep, 1 - keep], rel=1e-5)
    assert numbers[0] + numbers[2] == pytest.approx(1, abs=1e-6)
    assert (numbers[0] == 1) == (keep > 1 - 1e-10)
    assert ("is gone" in text) == (0 < keep < 1)
    if 0 < keep < 1:
        half, most = (int(n.replace(",", "")) for n in re.findall(r"after ([\d,]+)", text))
        for updates, share in ((half, 0.5), (most, 0.001)):
            assert math.exp(updates * math.log(keep)) <= share * (1 + 1e-6)
            assert math.exp((updates - 1) * math.log(keep)) >= share * (1 - 1e-6)


@settings(max_examples=25)
@given(
    st.sampled_from(list(VARIANTS)), st.sampled_from([2, 3, 5]), st.sampled_from([0.0, 0.5, 0.99]),
    st.sampled_from([0.0, 0.0, 1e-4, 0.3]), st.integers(0, 11), st.integers(0, 1),
)  # fmt: skip
def test_the_engine_and_the_arithmetic_follow_the_recorded_run(
    variant, size, keep, off, at, feature
):
    x = [[1.0, 300.0], [2.0, 310.0], [4.0, 280.0], [0.5, 301.0], [7.0, 299.0]]
    state = dataclasses.replace(
        MovingState(), data=FrozenArray(x), batch_size=size, keep=keep, feature=feature
    )
    if 1 in sizes(5, size):
        size, state = 5, dataclasses.replace(state, batch_size=5)
    run = recorded(x, variant, size, keep, state.epsilon, 12)
    run = dataclasses.replace(run, moving_variance=run.moving_variance.astype(float))
    run.moving_variance[at, feature] *= 1 + off
    rule, largest = FACTORS[VARIANTS[variant]], 0.0
    mean, variance = [0.0] * 2, [1.0] * 2
    for update in range(12):
        n = sizes(5, size)[update % len(sizes(5, size))]
        for f in range(2):
            m, v = (
                float(getattr(run, f"batch_{name}")[update, f]) for name in ("mean", "variance")
            )
            made = keep * mean[f] + (1 - keep) * m
            stored = v * rule(n, state.epsilon)
            spread = keep * variance[f] + (1 - keep) * stored
            mean[f], variance[f] = (
                float(getattr(run, f"moving_{name}")[update, f]) for name in ("mean", "variance")
            )
            largest = max(largest, abs(variance[f] - spread) / spread)
            largest = max(largest, abs(mean[f] - made) / max(abs(made), math.sqrt(spread)))
            if (update, f) == (at, feature):
                sums = (made, spread)
    text = answers.engine_words(state, variant, run)
    assert float(text.rsplit(" ", 1)[1].rstrip(".")) == pytest.approx(largest, rel=0.06)
    assert "each of the 12 recorded updates" in text
    found = MovingFound({}, {}, np.arange(1, 13), {variant: run})
    arrays = {each.key: each.values[variant] for each in recording(state, found).quantities}
    for name, total in zip(("mean", "variance"), sums, strict=True):
        before, taken, after = (
            arrays[name][at],
            arrays[f"taken_{name}"][at + 1],
            arrays[name][at + 1],
        )
        made = keep * before[feature] + (1 - keep) * taken[feature]
        assert made == pytest.approx(total, rel=1e-5, abs=1e-6)
        assert after[feature] == pytest.approx(total, rel=max(off, 1e-4) * 1.01)


ROWS = [[1.0], [2.0], [3.0], [4.0], [5.0]]
WHOLE, HALVES, FORGETFUL = (
    Case.of(rows, size, keep, 1e-3)
    for rows, size, keep in ((ROWS, 5, 0.99), (ROWS[:4], 2, 0.99), (ROWS[:4], 2, 0.0))
)
ALL = (BIASED, UNBIASED, KERAS_2)
SAID = [
    (WHOLE, Settling("near", 100, (BIASED,), share=0.366, miss=0.2, when=1200),
     " approaches **biased**: n = 5, and this layer multiplies by 1: it stores the biased variance "
     "itself. It is 20 % off after 100 updates (0.37 of the initial variance 1 is left) and "
     "arrives after about 1,200."),
    (WHOLE, Settling("near", 100, (UNBIASED,), miss=0.002, rounding=0.003),
     " approaches **n/(n-1)**: n = 5, so this layer multiplies by 5/4: 25 % too large. It is 0.2 % "
     "off; with keep 0.99 rounding in float32 may leave up to 0.3 %."),
    (WHOLE, Settling("reached", 5000, (KERAS_2,), miss=1e-6, rival=UNBIASED, apart=0.00025),
     " reached **n/(n-(1+epsilon))**: n = 5, so this layer multiplies by 5/3.999: 25.03 % too "
     "large. Largest relative difference 1e-06; n/(n-1) is 0.025 % off."),
    (HALVES, Settling("averages", 5000, (BIASED,), miss=0.03),
     " averages **biased** of each mini-batch: n = 2, and this layer multiplies by 1: it stores "
     "the biased variance itself. It is now 3 % from its expected final value. Mini-batches keep "
     "it moving: with keep 0.99 it remembers about 100 updates."),
    (FORGETFUL, Settling("averages", 5000, (UNBIASED,), miss=1.996),
     " averages **n/(n-1)** of each mini-batch: n = 2, so this layer multiplies by 2/1: 100 % too "
     "large. It is now 200 % from its expected final value. Mini-batches keep it moving: with "
     "keep 0 it remembers about 1 update."),
    (WHOLE, Settling("open", 1, ALL, share=0.99, when=300),
     ": not there yet after 1 update: 0.99 of the initial variance 1 is left. The first targets "
     "are told apart after about 300."),
    (WHOLE, Settling("open", 2, ALL[1:], left=0.5, apart=0.00025, when=4000),
     ": n/(n-1) and n/(n-(1+epsilon)) are not told apart yet after 2 updates; they will be after "
     "about 4,000. They are 0.025 % apart, and 50 % of the initial variance 1 is left, relative to "
     "the smallest variance. It is not biased."),
    (WHOLE, Settling("open", 9, ALL[1:], apart=0.0),
     ": n/(n-1) and n/(n-(1+epsilon)) are the same here (epsilon 0.001). It is not biased."),
    (HALVES, Settling("open", 9, ALL[:1] + ALL[2:], apart=0.25, rounding=0.12),
     ": biased and n/(n-(1+epsilon)) are not told apart by these mini-batches: they are 25 % "
     "apart. It is not n/(n-1)."),
    (HALVES, Settling("open", 9, ALL[:2], apart=0.25, rounding=0.13),
     ": biased and n/(n-1) cannot be told apart, however long it is trained: they are 25 % apart, "
     "and with keep 0.99 rounding in float32 may leave the average 13 % away from its target. It "
     "is not n/(n-(1+epsilon))."),
    (WHOLE, Settling("open", 9, ALL, apart=0.25, rounding=0.1),
     ": biased, n/(n-1) and n/(n-(1+epsilon)) cannot all be told apart, however long it is "
     "trained: they are 25 % apart, and with keep 0.99 rounding in float32 may leave the average "
     "10 % away from its target."),
    (WHOLE, Settling("unlike", 9),
     ": no verdict. It follows none of these: biased, n/(n-1), n/(n-(1+epsilon))."),
    (Case.of(ROWS[:2], 2, 0.99, 1.0), Settling("unlike", 9),
     ": no verdict. With n = 2 and epsilon 1 a correction divides by 0."),
    (Case.of(ROWS, 5, 1.0, 1e-3), Settling("stays", 9),
     ": with keep 1 nothing new is taken over, so it stays at 1 for ever."),
    (Case.of(ROWS, 5, 1 - 1e-9, 1e-3), Settling("stays", 9),
     ": stays at 1 for ever. With keep 0.999999999 an update changes it by less than float32 can "
     "hold beside 1 (6e-8)."),
    (Case.of(ROWS, 1, 0.99, 1e-3), Settling("nothing", 9),
     ": no verdict, there is no variance to compare. A batch of one row has the variance 0, "
     "whatever the row holds."),
    (Case.of([[1.0, 1e20], [1.0, -1e20]], 2, 0.99, 1e-3), Settling("nothing", 9),
     ": no verdict, there is no variance to compare. Feature 0: constant; feature 1: a variance "
     "above 3.4e+38, float32's largest number."),
]  # fmt: skip


@pytest.mark.parametrize(("case", "claim", "sentence"), SAID)
def test_every_sentence_in_every_branch(case, claim, sentence):
    assert words.sentence("A layer", claim, case) == f"**A layer**{sentence}"
    named = claim.kind in ("near", "reached", "averages")
    assert bool(words.guess_words(claim, "unsure")) == named


@pytest.mark.parametrize(("constant", "listed"), [
    (1, "feature 0"), (5, "features 0, 1, 2, 3, 4"), (6, "features 0, 1, 2, 3, 4, …"),
])  # fmt: skip
def test_features_that_are_left_out_are_listed(constant, listed):
    rows = [[1.0] * constant + [value, 1e-19 * value] for value in (0.0, 1.0)]
    claim = Settling("reached", 9, (BIASED,), miss=0.0, rival=UNBIASED, apart=1.0)
    case = Case.of(rows, 2, 0.99, 1e-3)
    assert words.left_out(case, claim) == (
        f" Left out: {listed}: constant; feature {constant + 1}: so small a variance that, times 1 "
        "− keep, it is below 1.2e-38, float32's smallest normal number: its moving variance can "
        "never get there."
    )
    assert words.left_out(WHOLE, claim) == words.left_out(case, Settling("stays", 9)) == ""
