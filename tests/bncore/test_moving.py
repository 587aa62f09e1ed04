import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore

DATA = bncore.DATASETS["question-2018"]().values
SPLIT = bncore.split_axes(DATA.shape, -1)
BATCH = bncore.batch_moments(DATA, SPLIT)
START = bncore.MovingStatistics.initial((6,))

conventions = st.sampled_from(list(bncore.CONVENTIONS.values()))


@given(conventions, st.integers(0, 60), st.integers(0, 20))
def test_the_closed_form_is_where_the_trajectory_arrives(convention, updates, before):
    start = START
    for _ in range(before):
        start = bncore.update_moving(start, bncore.Moments(DATA[0], DATA[1], 5), convention, SPLIT)
    path = bncore.moving_trajectory(
        itertools.repeat(BATCH, updates), convention, SPLIT, start=start
    )
    end = bncore.moving_after(start, BATCH, convention, SPLIT, updates)
    np.testing.assert_allclose(end.mean, path.mean[-1], rtol=1e-10)
    np.testing.assert_allclose(end.variance, path.variance[-1], rtol=1e-10)
    assert end.updates == path.updates == before + updates


@given(st.floats(0, 1), st.integers(1, 30))
def test_the_exponential_average_is_a_convex_combination(keep, updates):
    convention = dataclasses.replace(bncore.CONVENTIONS["keras-3"], keep=keep)
    path = bncore.moving_trajectory([BATCH] * updates, convention, SPLIT)
    low, high = np.minimum(1, BATCH.variance), np.maximum(1, BATCH.variance)
    assert (path.variance >= low - 1e-12).all()
    assert (path.variance <= high + 1e-12).all()


def test_an_update_leaves_the_old_state_alone():
    before = (START.mean.copy(), START.variance.copy())
    after = bncore.update_moving(START, BATCH, bncore.CONVENTIONS["keras-3"], SPLIT)
    np.testing.assert_array_equal(START.mean, before[0])
    np.testing.assert_array_equal(START.variance, before[1])
    assert after.updates == 1


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("keras-3", 0.03949985, 0.0838992),
        ("keras-2.2.4", 0.04938715, 0.10490017),
        ("keras-2.3.1", 0.04938715, 0.10490017),
        ("torch", 0.04937486, 0.1048741),
        ("paper", 0.04937486, 0.1048741),
    ],
)
def test_where_the_question_ends_up(name, first, last):
    end = bncore.moving_after(START, BATCH, bncore.CONVENTIONS[name], SPLIT, 10_000)
    np.testing.assert_allclose(end.variance[[0, 5]], [first, last], rtol=1.5e-5)


def test_one_update_was_enough_for_the_zero_debiased_average():
    once = bncore.update_moving(START, BATCH, bncore.CONVENTIONS["keras-2.2.4"], SPLIT)
    assert once.variance[0] == pytest.approx(0.04938715, rel=1e-6)


def test_an_average_that_took_in_a_nan_never_heals():
    spoilt = dataclasses.replace(START, mean=np.array([np.nan, 0, 0, 0, 0, 0]))
    end = bncore.moving_trajectory([BATCH] * 2000, bncore.CONVENTIONS["keras-3"], SPLIT, spoilt)
    assert np.isnan(end.mean[-1, 0])
    assert np.isfinite(end.mean[-1, 1:]).all()


def test_one_element_per_statistic():
    split = bncore.split_axes((1, 6), -1)
    single = bncore.batch_moments(DATA[:1], split)

    def stored(name):
        convention = dataclasses.replace(bncore.CONVENTIONS[name], keep=0.0)
        return bncore.update_moving(START, single, convention, split)

    for name in ("keras-3", "keras-2.3.1", "flax", "onnxruntime", "mxnet"):
        np.testing.assert_array_equal(stored(name).variance, 0)
    assert np.isnan(stored("mindspore").variance).all()
    assert stored("paddle") is START
    for name in ("torch", "paper"):
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            stored(name)


def test_keep_and_epsilon_are_checked():
    for wrong in (-0.5, 1.5, float("nan")):
        with pytest.raises(ValueError, match="weight of the old value"):
            dataclasses.replace(bncore.CONVENTIONS["keras-3"], keep=wrong)
    for wrong in (-1e-3, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="epsilon"):
            dataclasses.replace(bncore.CONVENTIONS["keras-3"], epsilon=wrong)
    frozen = dataclasses.replace(bncore.CONVENTIONS["keras-2.2.4"], keep=1.0)
    with pytest.raises(ValueError, match="0/0"):
        bncore.update_moving(START, BATCH, frozen, SPLIT)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        bncore.update_moving(
            bncore.MovingStatistics.initial((3,)), BATCH, bncore.CONVENTIONS["torch"], SPLIT
        )


@pytest.mark.parametrize("name", ["biased", "n/(n-1)"])
@pytest.mark.parametrize("size", [2, 4, 10])
def test_theory_says_where_mini_batches_settle(name, size):
    """The average over all batches of many shuffled epochs is the expectation itself."""
    x = bncore.DATASETS["sixty-rows"]().values
    estimator = bncore.ESTIMATORS[name]
    convention = dataclasses.replace(bncore.CONVENTIONS["keras-3"], keep=None, estimator=estimator)
    rng = np.random.default_rng(0)
    split = bncore.split_axes((size, 3), -1)
    batches = (
        bncore.batch_moments(rows, split)
        for _ in range(300)
        for rows in rng.permutation(x).reshape(-1, size, 3)
    )
    settled = bncore.moving_trajectory(batches, convention, split).variance[-1]
    expected = bncore.expected_ratio(estimator, size, 60, 1e-3)
    np.testing.assert_allclose(settled / x.var(axis=0), expected, rtol=0.03)


def test_expected_ratio_needs_rows():
    with pytest.raises(ValueError, match="batch size 70 of 60 rows"):
        bncore.expected_ratio(bncore.ESTIMATORS["biased"], 70, 60, 1e-3)
    assert bncore.expected_ratio(bncore.ESTIMATORS["biased"], 1, 60, 1e-3) == 0


@pytest.mark.parametrize("name", list(bncore.CONVENTIONS))
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_with_keep_0_an_average_that_is_not_finite_stays_so(name, bad):
    """0 * NaN is NaN, in Keras 3 too; a debiased or plain average never reads its start."""
    own = bncore.CONVENTIONS[name]
    convention = own if own.keep is None else dataclasses.replace(own, keep=0.0)
    start = dataclasses.replace(START, mean=np.array([bad, 0, 0, 0, 0, 0]))
    once = bncore.update_moving(start, BATCH, convention, SPLIT)
    forgets = own.keep is None or own.zero_debiased
    assert np.isfinite(once.mean[0]) == forgets
    assert np.isfinite(once.mean[1:]).all()


@given(
    conventions,
    st.integers(1, 12),
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]),
    st.sampled_from([0.0, 1.0, np.nan]),
    st.sampled_from([1.0, 1e300, np.inf, np.nan]),
)
def test_the_closed_form_holds_for_what_is_not_finite_too(convention, updates, keep, start, value):
    if convention.keep is not None:
        if convention.zero_debiased and keep == 1:
            return  # refused: 0/0
        convention = dataclasses.replace(convention, keep=keep)
    begin = dataclasses.replace(START, mean=np.full(6, start))
    batch = bncore.Moments(np.full(6, value), np.full(6, value), 5)
    path = bncore.moving_trajectory(itertools.repeat(batch, updates), convention, SPLIT, begin)
    end = bncore.moving_after(begin, batch, convention, SPLIT, updates)
    for found, expected in ((end.mean, path.mean[-1]), (end.variance, path.variance[-1])):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("name", list(bncore.CONVENTIONS))
def test_pytorch_refuses_epsilon_0_and_no_other_does(name):
    split = bncore.split_axes((5, 2), -1)
    batch = bncore.batch_moments(np.arange(10.0).reshape(5, 2), split)
    start = bncore.MovingStatistics.initial((2,))
    convention = dataclasses.replace(bncore.CONVENTIONS[name], epsilon=0.0)
    if name in ("torch", "torch-cumulative"):
        with pytest.raises(ValueError, match="eps must be positive"):
            bncore.update_moving(start, batch, convention, split)
    else:
        assert bncore.update_moving(start, batch, convention, split).updates == 1


@pytest.mark.parametrize("name", list(bncore.CONVENTIONS))
def test_the_share_of_the_start_that_is_left_is_what_a_batch_of_zeros_leaves(name):
    """From 1 towards 0: what is there after t updates is the share of the start."""
    convention = bncore.CONVENTIONS[name]
    start = dataclasses.replace(START, mean=np.ones(6))
    zeros = bncore.Moments(np.zeros(6), np.zeros(6), 5)
    path = bncore.moving_trajectory([zeros] * 3, convention, SPLIT, start)
    shares = [bncore.moving.remaining_share(convention, updates) for updates in range(4)]
    np.testing.assert_allclose(shares, path.mean[:, 0], rtol=1e-12)
    assert shares[0] == 1


def test_a_batch_that_changes_nothing_changes_nothing_however_often():
    single = bncore.batch_moments(DATA[:1], bncore.split_axes((1, 6), -1))
    paddle = bncore.CONVENTIONS["paddle"]
    end = bncore.moving_after(START, single, paddle, bncore.split_axes((1, 6), -1), 3)
    assert end is START


def test_less_than_no_updates_and_updates_counted_from_0_are_refused():
    convention = bncore.CONVENTIONS["keras-3"]
    with pytest.raises(ValueError, match="0 or more; got -1"):
        bncore.moving_after(START, BATCH, convention, SPLIT, -1)
    with pytest.raises(ValueError, match="from 1; got 0"):
        bncore.moving.update_weight(convention, 0)


@given(st.floats(0, 0.999), st.floats(1e-6, 0.999))
def test_the_share_is_left_behind_with_the_update_that_is_named_and_not_before(keep, share):
    updates = bncore.updates_until(keep, share)
    assert updates >= 1
    assert keep**updates <= share * (1 + 1e-9)
    assert keep ** (updates - 1) > share * (1 - 1e-9)


def test_a_share_that_is_never_reached_is_refused():
    for share in (0.0, 1.0, 1.5):
        with pytest.raises(ValueError, match=f"between 0 and 1, such as 0.01; got {share}"):
            bncore.updates_until(0.5, share)
    for keep in (-0.1, 1.0, 1.5):
        with pytest.raises(ValueError, match=f"from 0 to below 1; got {keep}"):
            bncore.updates_until(keep, 0.5)
    assert [bncore.updates_until(keep, 0.5) for keep in (0.0, 0.5)] == [1, 1]


@pytest.mark.parametrize("rows", [2, 3, 60])
def test_one_batch_of_all_rows_has_the_variance_of_the_data(rows):
    assert bncore.expected_ratio(bncore.ESTIMATORS["biased"], rows, rows, 1e-3) == pytest.approx(1)
    for size in (0, rows + 1):
        with pytest.raises(ValueError, match=f"batch size {size} of {rows} rows"):
            bncore.expected_ratio(bncore.ESTIMATORS["biased"], size, rows, 1e-3)
    with pytest.raises(ValueError, match="at least 2 rows"):
        bncore.expected_ratio(bncore.ESTIMATORS["biased"], 1, 1, 1e-3)
