import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(tuple)


@st.composite
def shape_and_axes(draw):
    shape = draw(shapes)
    axes = draw(st.sets(st.integers(0, len(shape) - 1)))
    return shape, tuple(sorted(axes))


@given(shape_and_axes())
def test_the_two_kinds_of_axes_partition_the_rank(case):
    shape, axes = case
    split = bncore.split_axes(shape, axes)
    assert sorted(split.feature_axes + split.reduction_axes) == list(range(len(shape)))
    assert split.count * int(np.prod(split.feature_shape)) == int(np.prod(shape))


@given(shape_and_axes())
def test_either_vocabulary_and_negative_axes_say_the_same(case):
    shape, axes = case
    kept = bncore.split_axes(shape, axes)
    negative = bncore.split_axes(shape, [axis - len(shape) for axis in axes])
    collapsed = bncore.split_axes(shape, reduction_axes=kept.reduction_axes)
    assert kept == negative == collapsed


@given(shape_and_axes())
def test_shapes_are_those_of_numpy(case):
    shape, axes = case
    split = bncore.split_axes(shape, reduction_axes=axes)
    x = np.zeros(shape)
    assert x.mean(axis=axes).shape == split.feature_shape
    assert x.mean(axis=axes, keepdims=True).shape == split.keepdims_shape


def test_the_question_of_the_matrix():
    assert bncore.split_axes((3, 4), -1).reduction_axes == (0,)
    assert bncore.split_axes((3, 4), reduction_axes=0).feature_axes == (1,)


@pytest.mark.parametrize("axis", [2, -3, (0, 5)])
def test_an_axis_out_of_range_names_the_range(axis):
    with pytest.raises(ValueError, match=r"shape \(3, 4\) has rank 2.*-2 to 1"):
        bncore.split_axes((3, 4), axis)


@pytest.mark.parametrize("axis", [True, 1.0, "1", [0, "1"], [None]])
def test_an_axis_that_is_no_integer_is_refused(axis):
    with pytest.raises(TypeError, match="int or several ints"):
        bncore.split_axes((3, 4), axis)


def test_numpy_integers_are_integers():
    assert bncore.split_axes(np.zeros((3, 4)).shape, np.int64(1)).feature_axes == (1,)


def test_an_axis_named_twice():
    with pytest.raises(ValueError, match="twice"):
        bncore.split_axes((3, 4), (1, -1))


@pytest.mark.parametrize("arguments", [{}, {"feature_axis": 0, "reduction_axes": 1}])
def test_exactly_one_vocabulary(arguments):
    with pytest.raises(TypeError, match="exactly one"):
        bncore.split_axes((3, 4), **arguments)


def test_rank_zero_and_unknown_sizes():
    with pytest.raises(ValueError, match="rank 0"):
        bncore.split_axes((), 0)
    with pytest.raises(TypeError, match="None"):
        bncore.split_axes((None, 4), 0)
    with pytest.raises(ValueError, match="0 or more"):
        bncore.split_axes((-1, 4), 0)


ALLOWED = "takes an int or several ints, for shape (3, 4) from -2 to 1"


@pytest.mark.parametrize(
    ("shape", "arguments", "said"),
    [
        ((3, 4), {"feature_axis": "a"}, f"feature_axis {ALLOWED}; got 'a' (str)"),
        ((3, 4), {"reduction_axes": 1.5}, f"reduction_axes {ALLOWED}; got 1.5 (float)"),
        (
            (3, 4),
            {},
            "split_axes takes either feature_axis (the axes kept) or reduction_axes (the axes "
            "collapsed), exactly one of them; got feature_axis=None, reduction_axes=None",
        ),
        (
            (None, 4),
            {"feature_axis": 1},
            "a shape is a tuple of whole numbers such as (5, 6); got (None, 4). A batch size that "
            "is not known yet (None) has to be chosen first.",
        ),
        (
            (),
            {"feature_axis": 0},
            "a tensor of rank 0 has no axis to keep or collapse; give rank 1 or more",
        ),
        (
            (3, 4),
            {"feature_axis": (0, -2)},
            "feature_axis=(0, -2) names an axis twice for shape (3, 4) (negative axes count from "
            "the end); each axis may be named once, from -2 to 1",
        ),
        (
            (3, 4),
            {"reduction_axes": 2},
            "reduction_axes=2 is out of range: shape (3, 4) has rank 2, so axes run from -2 to 1",
        ),
    ],
)
def test_what_arrived_what_is_allowed_and_what_to_do(shape, arguments, said):
    with pytest.raises((TypeError, ValueError)) as refusal:
        bncore.split_axes(shape, **arguments)
    assert str(refusal.value) == said
