"""A page shows a difference on noise at most once in twenty times, and real ones are found."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, t

from bncore.comparisons import RISK, accuracies_judged, judge, learned, lowest
from bncore.placement import contrasts

accuracies = st.lists(st.floats(0, 1), min_size=2, max_size=12)
ROWS = {"training": 80, "validation": 20}
STEP = 1 / ROWS["validation"]
DATA_SETS = 300


@given(accuracies, st.floats(0.01, 1))
def test_a_constant_gain_is_clear(baseline, gain):
    found = judge(np.array(baseline) + gain, np.array(baseline))
    assert found.clear
    assert found.difference == pytest.approx(gain)


@given(accuracies)
def test_equal_results_are_identical_and_no_effect(values):
    found = judge(np.array(values), np.array(values))
    assert found.identical
    assert not found.clear


@given(accuracies, accuracies, st.integers(1, 9), st.floats(0, 1), st.floats(0, 0.1))
def test_the_interval_that_is_shown_is_the_one_that_decides(a, b, comparisons, overlap, step):
    k = min(len(a), len(b))
    how = {"comparisons": comparisons, "overlap": overlap, "step": step}
    found = judge(np.array(a[:k]), np.array(b[:k]), **how)
    assert found.clear == (abs(found.difference) > found.margin)


@pytest.mark.parametrize("replicas", [2, 4, 8])
def test_one_comparison_of_independent_noise_is_called_clear_once_in_twenty_times(replicas):
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(4000, replicas))
    called = np.mean([judge(row, np.zeros(replicas)).clear for row in noise])
    assert 0.035 < called < 0.065


@pytest.mark.parametrize("comparisons", [1, 4, 10])
def test_independent_noise_makes_one_page_in_twenty_show_something(comparisons):
    generator = np.random.default_rng(1)
    pages = generator.normal(size=(1500, comparisons, 6))
    shown = [
        any(judge(row, np.zeros(6), comparisons=comparisons).clear for row in page)
        for page in pages
    ]
    assert 0.03 < np.mean(shown) < 0.065


@pytest.mark.parametrize("replicas", [2, 4])
def test_equal_steps_of_an_accuracy_are_no_certainty(replicas):
    """Of 30 rows: two repetitions often differ by the same number of them, by chance."""
    generator = np.random.default_rng(1)
    rows = generator.binomial(30, 0.8, size=(4000, 2, replicas)) / 30
    called = np.mean([judge(*pair, step=1 / 30).clear for pair in rows])
    assert called < 0.065
    assert not judge(np.array([0.9, 0.8]), np.array([0.6, 0.5]), step=1 / 3).clear


def centroid(x, y, unseen):
    far = [((unseen - x[y == label].mean(axis=0)) ** 2).sum(axis=1) for label in (0, 1)]
    return (far[1] < far[0]).astype(int)


def ridge(x, y, unseen):
    weights = np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ (2 * y - 1))
    return (unseen @ weights > 0).astype(int)


def nearest(x, y, unseen):
    far = (unseen**2).sum(axis=1)[:, None] - 2 * unseen @ x.T + (x**2).sum(axis=1)
    return y[far.argmin(axis=1)]


def best_column(x, y, unseen):
    products = ((2 * y - 1)[:, None] * x).mean(axis=0)
    column = np.abs(products).argmax()
    return (np.sign(products[column]) * unseen[:, column] > 0).astype(int)


LEARNERS = {"none": centroid, "before": ridge, "after": nearest, "output": best_column}


def page_of(data_set, signal=0.0):
    """What four learners reach on eight splits of the same rows; without a signal: noise."""
    generator = np.random.default_rng(data_set)
    y = generator.integers(0, 2, sum(ROWS.values()))
    x = generator.normal(size=(len(y), 14))
    x[:, :6] += signal * (2 * y - 1)[:, None]
    found = {name: [] for name in LEARNERS}
    for _ in range(8):
        order = generator.permutation(len(y))
        training, unseen = order[ROWS["validation"] :], order[: ROWS["validation"]]
        for name, learner in LEARNERS.items():
            right = learner(x[training], y[training], x[unseen]) == y[unseen]
            found[name].append(right.mean())
    return {name: np.array(each) for name, each in found.items()}


@cache
def noise_pages():
    return [page_of(number) for number in range(DATA_SETS)]


def test_on_labels_of_pure_noise_at_most_one_page_in_twenty_shows_a_difference():
    """Real learners, whose repetitions split the same rows: they are not independent."""
    pairs = contrasts(LEARNERS)
    assert len(pairs) == 4
    shown = [
        any(found.clear for found in accuracies_judged(page, pairs, **ROWS).values())
        for page in noise_pages()
    ]
    assert np.mean(shown) <= RISK


def test_neither_correction_alone_would_keep_that():
    """Without the other comparisons, or as if every split had rows of its own."""

    def shown(**how):
        return np.mean(
            [
                any(
                    judge(page[first], page[second], step=STEP, **how).clear
                    for first, second in contrasts(LEARNERS)
                )
                for page in noise_pages()
            ]
        )

    assert shown() > 0.3
    assert shown(comparisons=4) > 0.1
    assert shown(overlap=0.25) > 0.06


def test_a_true_difference_is_found_on_the_same_number_of_rows():
    """Six of 14 columns tell the class: a ridge sees them all, the best column alone one."""
    pages = [page_of(number, signal=0.8) for number in range(40)]
    found = [
        accuracies_judged(page, [("before", "output")], **ROWS)["before", "output"]
        for page in pages
    ]
    assert np.mean([verdict.clear for verdict in found]) > 0.5
    assert all(verdict.difference > 0 for verdict in found if verdict.clear)


def test_no_variant_is_called_smallest_where_all_are_alike():
    """The smallest of four is chosen after it was seen."""
    generator = np.random.default_rng(3)
    pages = generator.normal(size=(1500, 4, 8))
    named = [len(lowest(dict(zip("abcd", page, strict=True)))) == 1 for page in pages]
    told_apart = [len(lowest(dict(zip("abcd", page, strict=True)))) < 4 for page in pages]
    assert np.mean(named) <= np.mean(told_apart) <= RISK
    unlike = pages + np.array([-4.0, 0, 0, 0])[:, None]
    assert {lowest(dict(zip("abcd", page, strict=True))) for page in unlike[:50]} == {("a",)}


def test_the_lowest_are_those_that_no_other_one_is_clearly_below():
    low, high = np.array([0.10, 0.11, 0.12]), np.array([0.50, 0.51, 0.53])
    near = low + 0.001 * np.array([1, -1, 1])
    assert lowest({"none": high, "before": low, "after": near}) == ("before", "after")
    assert lowest({"none": high, "before": low, "after": high + 0.2}) == ("before",)
    lost = np.full(3, np.nan)
    assert lowest({"none": lost, "before": low}) == ("none", "before")
    assert lowest({}) == ()


def test_nothing_is_learned_from_noise():
    generator = np.random.default_rng(5)
    rows, trainings = 200, 64
    right = generator.binomial(rows, 0.5, size=(2000, trainings)) / rows
    pages = learned(right, np.full(trainings, 0.5), rows, trainings).any(axis=1)
    assert 0.01 < pages.mean() <= RISK


@given(st.integers(0, 40), st.integers(20, 40), st.integers(1, 100))
def test_learning_is_told_by_the_exact_binomial_test(right, common, trainings):
    expected = binomtest(right, 40, common / 40, alternative="greater").pvalue
    (found,) = learned(np.array([right / 40]), np.array([common / 40]), 40, trainings)
    assert found == (expected <= RISK / trainings)


def test_what_diverged_has_not_learned_and_is_not_identical():
    lost = np.full(3, np.nan)
    assert not learned(lost, np.full(3, 0.5), 100, 3).any()
    assert not judge(lost, lost).identical


def test_one_repetition_has_no_interval():
    found = judge(np.array([0.9]), np.array([0.5]))
    assert np.isnan(found.margin)
    assert not found.clear


def test_pairs_without_a_number_are_left_out():
    found = judge(np.array([0.9, 0.9, np.nan]), np.array([0.5, 0.5, 0.5]))
    assert found.clear
    assert found.count == 2
    assert not judge(np.array([np.nan]), np.array([0.5])).clear


def test_equal_differences_have_the_margin_of_their_rounding():
    found = judge(np.array([0.9, 0.8]), np.array([0.6, 0.5]), step=0.3)
    assert found.margin == pytest.approx(t.ppf(0.975, 1) * np.sqrt(0.3**2 / 6 / 2))
    both = np.array([0.9, np.nan])
    assert judge(both, both).identical


def test_the_rows_in_common_widen_an_interval_by_what_they_can_explain():
    """Nadeau and Bengio's term, of no more variance than so many wrong rows can give."""
    values, baseline = np.array([0.9, 0.7, 0.95, 0.6]), np.full(4, 0.5)
    spread = np.var(values - baseline, ddof=1)
    quantile = t.ppf(1 - 0.05 / 2 / 3, 3)
    whole = judge(values, baseline, comparisons=3, overlap=0.25)
    assert whole.margin == pytest.approx(quantile * np.sqrt(spread * (1 / 4 + 0.25)))
    some = judge(values, baseline, comparisons=3, overlap=0.25, shared=0.001)
    assert some.margin == pytest.approx(quantile * np.sqrt(spread / 4 + 0.25 * 0.001))
    found = accuracies_judged(
        {"a": values, "b": baseline}, [("a", "b")] * 3, training=800, validation=200
    )
    wrong = (1 - values.mean()) + (1 - baseline.mean())
    expected = quantile * np.sqrt(spread / 4 + 0.25 * wrong / 200)
    assert found["a", "b"].margin == pytest.approx(expected)


def test_of_nothing_nothing_is_said():
    found = judge(np.full(2, np.nan), np.zeros(2))
    assert np.isnan([found.difference, found.margin]).all()
    assert (found.identical, found.clear, found.count) == (False, False, 0)


def test_accuracies_come_in_steps_of_one_row():
    """Both differences are 0.3, so their variance is that of the rounding to tenths alone."""
    found = accuracies_judged(
        {"a": np.array([0.9, 0.8]), "b": np.array([0.6, 0.5])},
        [("a", "b")], training=40, validation=10,
    )["a", "b"]  # fmt: skip
    rounding = 0.1**2 / 6
    assert found.margin == pytest.approx(t.ppf(0.975, 1) * np.sqrt(rounding * (1 / 2 + 10 / 40)))
    whole = accuracies_judged(
        {"a": np.uint8([1, 1]), "b": np.uint8([0, 0])}, [("b", "a")], training=40, validation=10
    )
    assert whole["b", "a"].difference == -1


def test_the_lowest_is_told_by_steps_and_rows_in_common_too():
    found = {"low": np.array([0.6, 0.5, 0.55]), "high": np.array([0.9, 0.8, 0.86])}
    assert lowest(found) == ("low",)
    assert lowest(found, step=1.0) == ("low", "high")
    assert lowest(found, overlap=1e4) == ("low", "high")


@pytest.mark.parametrize("chance", [0.5, 0.65, 0.9])
def test_learning_begins_with_the_first_number_of_rows_that_chance_makes_rare(chance):
    right = np.arange(41)
    rare = [binomtest(k, 40, chance, alternative="greater").pvalue <= RISK / 3 for k in right]
    assert learned(right / 40, np.full(41, chance), 40, 3).tolist() == rare
