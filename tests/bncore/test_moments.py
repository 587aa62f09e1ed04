import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import bncore
from bncore import blocked, moments

numbers = st.floats(-1e6, 1e6, width=32)
arrays = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=1, max_dims=5, max_side=5), elements=numbers
)


@st.composite
def data_and_split(draw):
    x = draw(arrays)
    x = x.transpose(draw(st.permutations(range(x.ndim))))
    axes = draw(st.sets(st.integers(0, x.ndim - 1)))
    return x, bncore.split_axes(x.shape, axes)


@given(data_and_split())
def test_agrees_with_numpy_whatever_the_layout(case):
    x, split = case
    m = bncore.batch_moments(x, split)
    scale = np.abs(x).max() + 1
    np.testing.assert_allclose(m.mean, x.mean(split.reduction_axes), atol=1e-13 * scale)
    np.testing.assert_allclose(m.variance, x.var(split.reduction_axes), atol=1e-13 * scale**2)
    assert m.count == split.count


@given(arrays.filter(lambda x: x.shape[0] > 1), st.data())
def test_the_merged_parts_are_the_whole(x, data):
    cut = data.draw(st.integers(1, x.shape[0] - 1))
    parts = [
        bncore.batch_moments(p, bncore.split_axes(p.shape, reduction_axes=0))
        for p in np.split(x, [cut])
    ]
    whole = bncore.batch_moments(x, bncore.split_axes(x.shape, reduction_axes=0))
    merged = bncore.merge_moments(*parts)
    scale = np.abs(x).max() + 1
    assert merged.count == whole.count
    np.testing.assert_allclose(merged.mean, whole.mean, atol=1e-12 * scale)
    np.testing.assert_allclose(merged.variance, whole.variance, atol=1e-12 * scale**2)


@given(data_and_split(), st.floats(-100, 100), st.floats(0.1, 10))
def test_shift_and_scale_laws(case, shift, scale):
    x, split = case
    m, moved = (bncore.batch_moments(v, split) for v in (x, scale * x + shift))
    size = scale * (np.abs(x).max() + 100) + 100
    np.testing.assert_allclose(moved.mean, scale * m.mean + shift, atol=1e-12 * size)
    np.testing.assert_allclose(moved.variance, scale**2 * m.variance, atol=1e-11 * size**2)


def test_threads_do_not_change_the_answer(monkeypatch):
    x = np.random.default_rng(0).normal(5, 2, (50, 7, 9)).astype(np.float32)
    split = bncore.split_axes(x.shape, (1,))
    whole = bncore.batch_moments(x, split)
    monkeypatch.setattr(moments, "SMALL", 100)
    monkeypatch.setattr(moments, "THREADED", 200)
    threaded = bncore.batch_moments(x, split)
    np.testing.assert_allclose(threaded.variance, whole.variance, rtol=1e-13)


def test_what_is_not_finite_warns_of_nothing_in_a_thread_either(monkeypatch):
    monkeypatch.setattr(moments, "SMALL", 10)
    monkeypatch.setattr(moments, "THREADED", 20)
    x = np.ones((40, 3))
    x[[0, 30], 1] = np.inf, -np.inf
    m = bncore.batch_moments(x, bncore.split_axes(x.shape, -1))
    np.testing.assert_array_equal(m.mean, [1, np.nan, 1])
    np.testing.assert_array_equal(m.variance, [0, np.nan, 0])


@pytest.mark.parametrize("rows", [3, 10, 49, 1000, 100_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_numbers_have_no_variance_and_themselves_as_mean(rows, dtype):
    x = np.full((rows, 3), [0.1, -1e8 / 3, 1e-30], dtype)
    m = bncore.batch_moments(x, bncore.split_axes(x.shape, -1))
    np.testing.assert_array_equal(m.variance, 0)
    np.testing.assert_array_equal(m.mean, x[0])


def test_right_where_the_short_formula_is_not():
    x = (np.random.default_rng(1).standard_normal(1_000_000) + 1e4).astype(np.float32)
    split = bncore.split_axes(x.shape, reduction_axes=0)
    exact = np.var(x.astype(np.float64))
    naive = np.mean(x * x) - np.mean(x) ** 2
    assert abs(bncore.batch_moments(x, split).variance / exact - 1) <= 1e-6
    assert abs(naive / exact - 1) > 1e-2  # the test's data do tell the formulas apart
    in_float32 = bncore.batch_moments(x, split, dtype=np.float32)
    assert in_float32.variance.dtype == np.float32
    assert abs(in_float32.variance / exact - 1) <= 1e-4


def test_temporaries_stay_small():
    x = np.ones((16, 112, 112, 64), np.float32)
    split = bncore.split_axes(x.shape, -1)
    bncore.batch_moments(x, split)  # where numba is installed, it is loaded now
    tracemalloc.start()
    bncore.batch_moments(x, split)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.1 * x.nbytes * 4 > moments.THREADS * blocked.BLOCK * 8  # the goal's is larger still
    assert peak < 0.35 * x.nbytes


def test_variance_with_another_divisor():
    m = bncore.batch_moments([[1.0], [2.0], [4.0]], bncore.split_axes((3, 1), -1))
    assert m.variance_with(ddof=1)[0] == pytest.approx(np.var([1, 2, 4], ddof=1))
    with pytest.raises(ValueError, match="n = 3"):
        m.variance_with(ddof=3)
    assert m.variance_with(ddof=2)[0] == pytest.approx(3 * np.var([1, 2, 4]))
    with pytest.raises(ValueError, match="usually 0 or 1; got nan"):
        m.variance_with(ddof=float("nan"))


def test_nan_and_infinity_stay_in_their_feature():
    x = np.array([[np.nan, np.inf, 1.0], [1.0, 2.0, 3.0]])
    m = bncore.batch_moments(x, bncore.split_axes(x.shape, -1))
    np.testing.assert_array_equal(m.mean, [np.nan, np.inf, 2.0])
    np.testing.assert_array_equal(m.variance, [np.nan, np.nan, 1.0])


def test_every_element_its_own_statistic():
    m = bncore.batch_moments([[1.0, 2.0]], bncore.split_axes((1, 2), (0, 1)))
    np.testing.assert_array_equal(m.mean, [[1.0, 2.0]])
    np.testing.assert_array_equal(m.variance, [[0.0, 0.0]])


def test_no_features_is_not_an_error_no_elements_is():
    assert bncore.batch_moments(np.ones((5, 0)), bncore.split_axes((5, 0), -1)).mean.shape == (0,)
    with pytest.raises(ValueError, match="nothing to average"):
        bncore.batch_moments(np.ones((0, 3)), bncore.split_axes((0, 3), -1))


@pytest.mark.parametrize(
    ("x", "error", "says"),
    [
        ([[1, 2], [3]], ValueError, "ragged"),
        ([["a", "b"]], TypeError, "real numbers"),
        ([[1j, 2]], TypeError, "complex"),
        ([[None, 1]], TypeError, "object"),
        (np.ones((2, 3)), ValueError, r"\(2, 3\)"),
    ],
)
def test_what_is_not_a_table_of_numbers(x, error, says):
    with pytest.raises(error, match=says):
        bncore.batch_moments(x, bncore.split_axes((1, 2), -1))


def test_merging_other_features():
    a, b = (bncore.Moments(np.zeros(n), np.ones(n), 2) for n in (2, 3))
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        bncore.merge_moments(a, b)


def test_merging_with_nothing_or_with_little():
    def part(value, count):
        return bncore.Moments(np.array([value]), np.zeros(1), count)

    assert bncore.merge_moments(part(0.0, 0), part(0.0, 0)).count == 0
    assert bncore.merge_moments(part(0.0, 0), part(7.0, 1)).mean == 7


def test_merging_what_is_not_finite_warns_of_nothing():
    def part(value):
        return bncore.Moments(np.array([value]), np.zeros(1), 2)

    assert np.isnan(bncore.merge_moments(part(np.inf), part(np.inf)).variance)
    assert bncore.merge_moments(part(1e200), part(-1e200)).variance == np.inf


@pytest.mark.parametrize(("n", "features"), [(1025, 2), (3000, 2), (700, 5), (2047, 3)])
def test_rows_that_fill_no_last_wide_row_count_as_much(n, features):
    """2,048 numbers lie side by side; the rows that are left over are the largest here."""
    x = np.arange(n * features, dtype=float).reshape(n, features) ** 2
    assert n % (2048 // features)
    found = bncore.batch_moments(x, bncore.split_axes(x.shape, -1))
    exact = [sum(int(v) for v in column) / n for column in x.T]
    np.testing.assert_allclose(found.mean, exact, rtol=1e-14)
    np.testing.assert_allclose(found.variance, x.var(axis=0), rtol=1e-12)
