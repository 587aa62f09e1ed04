import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore

SHAPE = (2, 3, 4, 6)


@pytest.mark.parametrize(
    ("name", "reduced", "statistics"),
    [("batch", (0, 1, 2), 6), ("layer", (1, 2, 3), 2), ("instance", (1, 2), 12)],
)
def test_a_family_is_a_choice_of_axes(name, reduced, statistics):
    split = bncore.FAMILIES[name].split(SHAPE, -1)
    assert split.reduction_axes == reduced
    assert np.prod(split.feature_shape) == statistics


@given(st.sampled_from([1, 2, 3, 6]), st.sampled_from([1, 3]))
def test_group_norm_lies_between_layer_and_instance_norm(groups, channel_axis):
    shape = SHAPE if channel_axis == 3 else (2, 6, 3, 4)
    x = np.random.default_rng(0).normal(size=shape)

    def outcome(family, groups=1):
        split = bncore.FAMILIES[family].split(shape, channel_axis, groups)
        moments = bncore.batch_moments(x.reshape(split.shape), split)
        return bncore.normalize(x, split, moments, 1e-3)

    if groups == 1:
        np.testing.assert_allclose(outcome("group", 1), outcome("layer"))
    if groups == 6:
        np.testing.assert_allclose(outcome("group", 6), outcome("instance"))
    split = bncore.FAMILIES["group"].split(shape, channel_axis, groups)
    assert split.count == 3 * 4 * 6 // groups


@given(st.sampled_from(list(bncore.FAMILIES)))
def test_elements_of_one_statistic_share_one_mean(name):
    split = bncore.FAMILIES[name].split(SHAPE, -1, groups=2)
    x = np.random.default_rng(1).normal(size=SHAPE)
    index = bncore.statistic_index(split, SHAPE)
    means = bncore.batch_moments(x.reshape(split.shape), split).mean.ravel()
    for number in np.unique(index):
        assert x[index == number].mean() == pytest.approx(means[number])
        assert (index == number).sum() == split.count


def test_what_does_not_fit():
    with pytest.raises(ValueError, match=r"possible: \[1, 2, 3, 6\]"):
        bncore.FAMILIES["group"].split(SHAPE, -1, groups=4)
    with pytest.raises(ValueError, match="rank 2 or more"):
        bncore.FAMILIES["instance"].split((5,), 0)
    with pytest.raises(ValueError, match="axis 0 is the batch"):
        bncore.FAMILIES["batch"].split(SHAPE, 0)
    with pytest.raises(ValueError, match="NHWC"):
        bncore.datasets.images("CHWN")


def test_only_batch_norm_keeps_moving_statistics():
    assert [f.name for f in bncore.FAMILIES.values() if f.keeps_moving_statistics] == ["batch"]
    assert bncore.FAMILIES["group"].parameter_count(SHAPE, -1) == 12


def test_one_axis_alone_is_kept_whole():
    for name in ("batch", "layer"):
        assert bncore.FAMILIES[name].split((5,), 0).feature_axes == (0,)


@pytest.mark.parametrize("name", ["instance", "batch"])
def test_two_axes_are_enough(name):
    kept = {"instance": (0, 1), "batch": (1,)}[name]
    assert bncore.FAMILIES[name].split((3, 4), 1).feature_axes == kept


def test_what_the_channel_axis_may_be_is_said():
    for shape, allowed in (((3, 4), "1 to 1"), (SHAPE, "1 to 3")):
        with pytest.raises(ValueError, match=rf"one of {allowed} \(or -1\)"):
            bncore.FAMILIES["layer"].split(shape, 0)


def test_one_group_unless_said_otherwise():
    assert bncore.FAMILIES["group"].split(SHAPE, -1).shape == (2, 3, 4, 1, 6)


def test_a_deviation_of_0_and_numbers_beyond_the_range_warn_of_nothing():
    split = bncore.split_axes((3, 1), -1)
    x = np.array([[2.0], [3.0], [1e308]])

    def found(mean):
        moments = bncore.Moments(np.array([mean]), np.zeros(1), 3)
        return bncore.normalize(x, split, moments, 0.0).ravel()

    np.testing.assert_array_equal(found(2.0), [np.nan, np.inf, np.inf])
    np.testing.assert_array_equal(found(-1e308), [np.inf, np.inf, np.inf])


@pytest.mark.parametrize("mean", [np.float32, np.float64, int])
@pytest.mark.parametrize("variance", [np.float32, np.float64, int])
@pytest.mark.parametrize("x", [np.float32, np.float64, int])
def test_x_hat_is_the_formula_in_whatever_types(x, mean, variance):
    data = np.array([[1, 5], [3, 2]], x)
    moments = bncore.Moments(np.array([2, 3], mean), np.array([1, 4], variance), 2)
    found = bncore.normalize(data, bncore.split_axes((2, 2), -1), moments, 0.5)
    expected = (data - moments.mean) / np.sqrt(moments.variance + 0.5)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype
    assert data.tolist() == [[1, 5], [3, 2]]


def test_x_hat_of_one_number():
    moments = bncore.Moments(np.array(2.0), np.array(4.0), 1)
    split = bncore.split_axes((1,), [])
    assert bncore.normalize(np.array([5.0]), split, moments, 0.0).tolist() == [1.5]
