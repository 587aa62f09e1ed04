import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from bncore.placement import PLACEMENTS, SATURATED, judge

accuracies = st.lists(st.floats(0, 1), min_size=2, max_size=12)


@given(accuracies, st.floats(0.01, 1))
def test_a_constant_gain_is_larger_than_its_spread(baseline, gain):
    found = judge(np.array(baseline) + gain, np.array(baseline))
    assert found.larger
    assert found.difference == pytest.approx(gain)


@given(accuracies)
def test_equal_results_are_identical_and_no_effect(values):
    found = judge(np.array(values), np.array(values))
    assert found.identical
    assert not found.larger


@pytest.mark.parametrize("replicas", [2, 4, 8])
def test_noise_is_called_an_effect_once_in_twenty_times(replicas):
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(4000, replicas))
    called = np.mean([judge(row, np.zeros(replicas)).larger for row in noise])
    assert 0.035 < called < 0.065


@pytest.mark.parametrize("replicas", [2, 4])
def test_equal_steps_of_an_accuracy_are_no_certainty(replicas):
    """Of 30 rows: two initialisations often differ by the same number of them, by chance."""
    generator = np.random.default_rng(1)
    rows = generator.binomial(30, 0.8, size=(4000, 2, replicas)) / 30
    called = np.mean([judge(*pair, step=1 / 30).larger for pair in rows])
    assert called < 0.065
    assert not judge(np.array([0.9, 0.8]), np.array([0.6, 0.5]), step=1 / 3).larger


def test_what_diverged_everywhere_is_not_identical():
    lost = np.full(3, np.nan)
    assert not judge(lost, lost).identical


def test_one_initialisation_has_no_spread():
    found = judge(np.array([0.9]), np.array([0.5]))
    assert np.isnan(found.margin)
    assert not found.larger


def test_diverged_replicas_are_left_out():
    found = judge(np.array([0.9, 0.9, np.nan]), np.array([0.5, 0.5, 0.5]))
    assert found.larger
    assert found.count == 2
    assert not judge(np.array([np.nan]), np.array([0.5])).larger


def test_the_orphan_is_nowhere():
    orphan = PLACEMENTS["orphan"]
    assert not any((orphan.before, orphan.after, orphan.output))


@pytest.mark.parametrize(
    ("name", "slope"), [("tanh", lambda a: 1 - a**2), ("sigmoid", lambda a: 4 * a * (1 - a))]
)
def test_saturated_begins_where_the_slope_is_a_tenth(name, slope):
    for end in SATURATED[name]:
        assert 0.09 < slope(end) < 0.1


def test_equal_differences_have_the_margin_of_their_rounding():
    found = judge(np.array([0.9, 0.8]), np.array([0.6, 0.5]), step=0.3)
    assert found.margin == pytest.approx(t.ppf(0.975, 1) * np.sqrt(0.3**2 / 6 / 2))
    both = np.array([0.9, np.nan])
    assert judge(both, both).identical
