"""The tuned paths against two passes in a wider float. No time is judged here."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bncore import blocked

SHAPES = hnp.array_shapes(min_dims=1, max_dims=5, max_side=6)
DTYPES = [np.float64, np.float32, np.float16, np.int64, np.int8, np.bool_]


def loops():
    """With NumPy alone, and compiled."""
    compiled = pytest.param(True, id="compiled")
    return pytest.mark.parametrize("compiled", [pytest.param(False, id="numpy"), compiled])


@pytest.fixture(autouse=True)
def chosen(compiled, monkeypatch):
    if compiled:
        pytest.importorskip("numba")
    monkeypatch.setattr(blocked, "COMPILED", 0 if compiled else float("inf"))


pytestmark = loops()


def in_blocks(x, reduced, dtype=np.float64, block=1 << 19, stretch=1 << 9):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked, "BLOCK", block)
        patch.setattr(blocked, "STRETCH", stretch)
        patch.setattr(blocked, "PART", stretch)
        with np.errstate(invalid="ignore", over="ignore"):
            return blocked.mean_and_variance(x, reduced, dtype)


def exactly(x, reduced):
    axes, wide = tuple(range(reduced)), x.astype(np.longdouble)
    mean = wide.mean(axes)
    return mean, ((wide - mean) ** 2).mean(axes)


@st.composite
def views(draw):
    """Transposed, reversed, strided and broadcast views of any real dtype in any byte order."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    numbers = st.floats(-1e3, 1e3, width=16) if dtype.kind == "f" else None
    x = draw(hnp.arrays(dtype, draw(SHAPES), elements=numbers))
    x = x.transpose(draw(st.permutations(range(x.ndim))))
    x = x[tuple(slice(None, None, draw(st.sampled_from([1, -1, 2]))) for _ in x.shape)]
    if draw(st.booleans()):
        x = np.broadcast_to(x, (2, *x.shape))
    if draw(st.booleans()):
        x = x.astype(x.dtype.newbyteorder())
    return x, draw(st.integers(0, x.ndim))


@given(views(), st.sampled_from([1, 4, 1000]), st.sampled_from([1, 3, 2048]))
def test_any_layout_in_any_blocks(case, block, stretch):
    x, reduced = case
    before = x.copy()
    mean, variance = in_blocks(x, reduced, np.float64, block, stretch)
    exact_mean, exact_variance = exactly(x, reduced)
    scale = float(np.abs(x.astype(float)).max()) + 1e-9
    assert mean.shape == variance.shape == x.shape[reduced:]
    np.testing.assert_allclose(mean, exact_mean.astype(float), atol=1e-14 * scale)
    np.testing.assert_allclose(variance, exact_variance.astype(float), atol=1e-14 * scale**2)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("steps", [(-1, 1), (1, -1), (-1, -1), (3, 1), (1, 3)])
@pytest.mark.parametrize("reduced_first", [True, False])
def test_views_whose_memory_runs_backwards_or_has_gaps(steps, reduced_first):
    x = np.random.default_rng(0).standard_normal((300, 40))
    x = x[:: steps[0], :: steps[1]]
    found = in_blocks(x if reduced_first else x.T, 1, stretch=8)
    for ours, exact in zip(found, exactly(x if reduced_first else x.T, 1), strict=True):
        np.testing.assert_allclose(ours, exact.astype(float), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("offset", [0.0, 0.7, 100.0, 1e8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "order", "reduced"),
    [
        ((6, 28, 28, 64), (0, 1, 2, 3), 3), ((6, 64, 28, 28), (0, 2, 3, 1), 3),
        ((30_001, 3), (0, 1), 1), ((3, 30_001), (1, 0), 1), ((90_001,), (0,), 1),
        ((7, 9_973), (0, 1), 1), ((9_973, 7), (1, 0), 1), ((11, 5, 13, 7, 9), (1, 3, 0, 2, 4), 2),
    ],
)  # fmt: skip
def test_as_exact_as_two_passes_far_from_zero_too(shape, order, reduced, dtype, offset, compiled):
    x = (np.random.default_rng(0).standard_normal(shape) * 3 + offset * 3).astype(dtype)
    x = x.transpose(order)
    mean, variance = in_blocks(x, reduced, block=1 << 14)
    exact_mean, exact_variance = exactly(x, reduced)
    np.testing.assert_allclose(mean, exact_mean.astype(float), rtol=1e-15, atol=1e-14)
    varies = exact_variance > 0  # float32 at 3e8 has few numbers
    np.testing.assert_allclose(variance[varies], exact_variance[varies].astype(float), rtol=2e-14)
    np.testing.assert_array_equal(variance[~varies], 0)


def test_a_first_part_that_is_like_no_other_costs_digits_and_not_the_answer():
    x = np.random.default_rng(0).standard_normal((1 << 16, 2)) + 1e8
    x[:256] = 0
    variance = in_blocks(x, 1, block=1 << 9)[1]
    np.testing.assert_allclose(variance, exactly(x, 1)[1].astype(float), rtol=1e-12)


@pytest.mark.parametrize("features_last", [True, False])
def test_what_is_not_finite_stays_in_its_feature(features_last):
    x = np.random.default_rng(0).standard_normal((5000, 6)) + 1e3
    clean = in_blocks(x, 1, block=1 << 9)
    x[4000, 1], x[0, 2], x[0, 3], x[[7, 4000], 4] = np.nan, np.nan, np.inf, (np.inf, -np.inf)
    given = x if features_last else np.asfortranarray(x)
    mean, variance = in_blocks(given, 1, block=1 << 9)
    np.testing.assert_array_equal(mean[1:5], [np.nan, np.nan, np.inf, np.nan])
    np.testing.assert_array_equal(variance[1:5], [np.nan] * 4)
    for found, before in zip((mean, variance), clean, strict=True):
        np.testing.assert_allclose(found[[0, 5]], before[[0, 5]], rtol=1e-12)


@pytest.mark.parametrize("order", ["C", "F"])
def test_equal_numbers_have_no_variance(order):
    x = np.array(np.broadcast_to([0.1, 7e8 / 3, -1e-30], (10_007, 3)), order=order)
    mean, variance = in_blocks(x, 1, block=1 << 9)
    np.testing.assert_array_equal(variance, 0)
    np.testing.assert_array_equal(mean, x[0])


def test_the_largest_numbers_do_not_overflow_by_being_counted_from_the_first():
    mean, variance = in_blocks(np.array([[1.7e308], [-1.7e308]]), 1)
    assert (mean, variance) == (0, np.inf)


def test_in_float32_too(compiled):
    x = np.random.default_rng(0).standard_normal((100_000, 4)) + 50
    mean, variance = in_blocks(x, 1, np.float32, block=1 << 12)
    assert mean.dtype == variance.dtype == np.float32
    exact = exactly(x.astype(np.float32), 1)[1].astype(float)
    np.testing.assert_allclose(variance, exact, rtol=3e-6)


def test_compiled_loops_are_taken_where_they_can_be(compiled, monkeypatch):
    taken = []
    real = blocked._compiled()
    for name in ("rows", "columns") if real else ():
        loop = partial(
            lambda real, *arguments: taken.append(1) or real(*arguments), getattr(real, name)
        )
        monkeypatch.setattr(real, name, loop)
    x = np.ones((50, 4), np.float32)
    in_blocks(x, 1)
    assert bool(taken) == compiled
    taken.clear()
    in_blocks(x, 1, np.float32), in_blocks(x.astype(int), 1)
    assert not taken
