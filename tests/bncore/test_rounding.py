"""The bounds hold for a computation in float32, and each source of error counts what it may lose.

The worked examples take one source at a time, in numbers that can be followed by hand: U is what
one rounding may take of a float32 number, relative.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bncore
from bncore.activations import ACTIVATIONS
from bncore.rounding import (
    PRECISIONS,
    backward_rounding,
    forward_rounding,
    held_rounding,
    moments_rounding,
)

SINGLE = PRECISIONS["float32"]
U = 2.0**-24
TINY = 2.0**-126  # the smallest normal number
LARGEST = (2 - 2.0**-23) * 2.0**127
SPLIT = bncore.split_axes((4, 1), -1)
NUMBERS = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([16777217.0, 1e7 + 1, 0.1, 1e-20]))


def about(value):
    """To 6 digits, which no other count of roundings shares, however small the number is."""
    return pytest.approx(value, rel=1e-6, abs=0)


def columns(*each):
    return np.array(each, np.float64).T


def moments_off(x, variance):
    return moments_rounding(x, bncore.split_axes(x.shape, -1), np.array(variance), SINGLE)


def forward_off(x, mean, variance, off=(0.0, 0.0), epsilon=0.0, gamma=1.0, beta=0.0):
    """The bounds of one number: a batch of one row and one feature."""
    given = [np.array([number]) for number in (mean, variance, *off, gamma, beta)]
    bounds = forward_rounding(
        np.array([[x]]), *given[:2], tuple(given[2:4]), epsilon, *given[4:], SINGLE
    )
    return SimpleNamespace(**{name: bound.item() for name, bound in bounds.items()})


def test_what_each_precision_is():
    for name, (unit, smallest, largest) in {
        "float32": (U, TINY, LARGEST),
        "float64": (2.0**-53, 2.0**-1022, (2 - 2.0**-52) * 2.0**1023),
    }.items():
        precision = PRECISIONS[name]
        assert (precision.unit, precision.smallest, precision.largest) == (unit, smallest, largest)


def test_a_precision_holds_the_nearest_number_it_has_or_infinity():
    held = SINGLE.held(np.array([16777217, 0.1, 1e39, -1e39]))
    assert held.tolist() == [16777216, 0.1 + 1.490116119384766e-09, np.inf, -np.inf]
    assert PRECISIONS["float64"].held(np.array([16777217, 0.1])).tolist() == [16777217, 0.1]


def test_the_bounds_of_the_moments_one_source_at_a_time():
    """Of four rows, so that a sum loses at most 4 + 8 roundings on either side."""
    lost = 2.0**26 + 3  # float32 has every eighth number here
    x = columns([1, 2, 4, -3], [4, 4, 4, 4], [0, 0, 0, 0], [lost] * 4, [-1, 0, 0, 0])
    mean, variance = moments_off(x, [1.5, 0.0, 0.0, 2.25, 0.0])
    assert mean[0] == about(96 * U)
    assert variance[0] == about(72 * U + (96 * U) ** 2)
    assert (mean[1], variance[1]) == (about(96 * U), about((96 * U) ** 2))
    assert (mean[2], variance[2]) == (TINY, 4 * TINY)
    assert mean[3] == about(3 + 24 * U * lost)
    assert variance[3] == about(2 * 1.5 * 3 + (24 * U * lost) ** 2 + 3**2)
    assert mean[4] == about(24 * U)


def test_the_bounds_of_the_moments_of_grouped_or_narrow_or_no_data():
    split = bncore.FAMILIES["group"].split((2, 4), -1, groups=2)
    x = np.array([[1.0, 2.0, 30.0, 40.0], [500.0, 6.0, 0.0, 0.0]])
    mean, _ = moments_rounding(x, split, np.zeros((2, 2)), SINGLE)
    np.testing.assert_allclose(mean, 20 * U * np.array([[2, 40], [500, 0]]), rtol=1e-6, atol=TINY)
    narrow = moments_off(np.array([[300.0], [100]], np.float16), [1e4])
    assert narrow == moments_off(np.array([[300.0], [100]]), [1e4])
    mean, variance = moments_off(np.zeros((0, 1)), [0.0])
    assert (mean.tolist(), variance.tolist()) == ([TINY], [4 * TINY])


def test_a_variance_is_unknown_where_the_sum_of_squares_may_leave_the_range():
    x = columns([0] * 4, [0] * 4, [1.4e25] * 4, [0] * 4)
    most = LARGEST / 8  # four squares, each perhaps twice the variance
    _, off = moments_off(x, [most, np.nextafter(most, np.inf), 0.0, np.inf])
    assert np.isfinite(off).tolist() == [True, False, False, False]
    _, off = moments_off(columns([1e39, 1]), [1.0])  # itself beyond: no warning either
    assert off[0] == np.inf


def test_the_bound_of_the_inverse_deviation():
    assert forward_off(0, 0, 0.25).inv_std == about(8 * U)
    assert forward_off(0, 0, 1, off=(0, 0.75)).inv_std == about(1 + 4 * U)  # 1/sqrt(1/4) - 1
    # Where the variance may be 0, the other side is the farther one: 1/sqrt(0 + 3 + 1) = 1/2
    assert forward_off(0, 0, 0, off=(0, 3), epsilon=1).inv_std == about(0.5 + 4 * U)
    assert forward_off(0, 0, 1, off=(0, 1)).inv_std == np.inf


def test_the_bound_of_x_hat_one_source_at_a_time():
    off = 8 * U  # of the inverse deviation, which is 2
    near = forward_off(3, 1, 0.25)
    assert near.x_hat == about(2 * off + 8 * U * (3 + 1) * 2)
    assert forward_off(3, -5, 0.25).x_hat == about(8 * off + 8 * U * (3 + 5) * 2)
    assert forward_off(-3, -3, 0.25).x_hat == about(8 * U * (3 + 3) * 2)
    assert forward_off(0, 0, 0.25).x_hat == about(4 * TINY)
    assert forward_off(0, 0, 0.25, off=(0.5, 0)).x_hat == about((2 + off) * 0.5)
    lost = 2.0**26 + 3
    assert forward_off(lost, lost, 0.25).x_hat == about((2 + off) * 3 + 8 * U * 2 * lost * 2)
    # A deviation that may be three times as small: every other error grows with it.
    uncertain = forward_off(3, 3, 1, off=(0.5, 8 / 9))
    assert uncertain.inv_std == about(2 + 4 * U)
    assert uncertain.x_hat == about((3 + 4 * U) * (0.5 + 8 * U * 6))


def test_the_bound_of_the_output():
    x_hat = forward_off(3, 1, 0.25).x_hat
    assert forward_off(3, 1, 0.25).output == about(x_hat + 8 * U * 4)
    assert forward_off(3, 1, 0.25, gamma=-3).output == about(3 * (x_hat + 8 * U * 4))
    assert forward_off(3, 1, 0.25, gamma=0, beta=-3).output == about(24 * U)


def test_a_scale_below_the_smallest_number_is_lost_with_what_it_multiplies():
    lost = forward_off(3, 1, 0.25, gamma=0).output
    assert lost == about(TINY * (4 + 2 * 2 + 3 + 1))  # gamma times x_hat's 2 * 2, or their product
    assert forward_off(-3, -1, 0.25, gamma=0).output == about(lost)


def test_where_nothing_is_known_the_bound_is_infinite():
    unknown = forward_off(1, 1, 0, gamma=0)  # a deviation of 0: infinity times 0
    assert (unknown.inv_std, unknown.x_hat, unknown.output) == (np.inf, np.inf, np.inf)
    beyond = forward_off(1e39, 0, 1)
    assert (beyond.x_hat, beyond.output) == (np.inf, np.inf)


def test_numbers_that_are_given_lose_one_rounding():
    bound = held_rounding(np.array([-3.0, 0.0]), SINGLE)
    assert bound.tolist() == [about(3 * U), TINY]


def backward_off(training=False, activation="linear", off=(0.0, 0.0, 0.0), **values):
    """The bounds of two rows of one feature; what is not given is 0, and the deviation 1/2."""
    rows = {name: np.zeros((2, 1)) for name in ("z", "x_hat", "output", "a", "da", "dy")}
    features = {"mean": 0.0, "gamma": -5.0, "dgamma": 0.0, "inv_std": 2.0}
    for name, value in {**features, **values}.items():
        rows[name] = np.array(value, np.float64).reshape(-1, 1)[:2]
    forward = dict(zip(("inv_std", "x_hat", "output"), np.array(off).reshape(3, 1, 1), strict=True))
    with np.errstate(all="raise"):
        bounds = backward_rounding(
            {name: array if name in ROWS else array[0] for name, array in rows.items()},
            {name: off if name in ROWS else off[0] for name, off in forward.items()},
            activation, training, SINGLE,
        )  # fmt: skip
    return SimpleNamespace(**{name: bound.ravel().tolist() for name, bound in bounds.items()})


ROWS = ("z", "x_hat", "output", "a", "da", "dy")


def test_the_gradient_of_y_and_the_sums_of_it():
    """What arrives is 3 and -1: 16 roundings of each; a sum of 2 loses 2 + 8 roundings."""
    off = backward_off(da=[3, -1], x_hat=[2, 0])
    assert off.dy == [about(48 * U), about(16 * U)]
    assert off.dbeta == [about(64 * U)]
    assert off.dgamma == [about(96 * U)]
    assert off.dz == [about(10 * 48 * U), about(10 * 16 * U)]
    assert backward_off(da=[3, -1], x_hat=[2, 0], off=(0, 0.5, 0)).dgamma == [about(128 * U)]


def test_what_a_gradient_loses_where_it_is_multiplied_and_summed():
    given = {"dy": [3, -1], "x_hat": [-2, 0], "z": [1, -1], "mean": -3}
    off = backward_off(**given)
    assert off.dbeta == [about(10 * U * 4)]
    assert off.dgamma == [about(40 * U * (3 * (8 + 2) + 8))]
    assert off.dz == [about(1200 * U), about(400 * U)]
    off = backward_off(**given, off=(1, 0, 0))  # a steeper layer
    assert off.dgamma == [about(40 * U * (3 * (12 + 2) + 12))]
    assert off.dz == [about(15 + 1800 * U), about(5 + 600 * U)]
    off = backward_off(**given, off=(0, 0.5, 0))
    assert off.dgamma == [about(0.5 * 4 + 40 * U * (3 * (8 + 2) + 8))]


def test_the_gradient_of_z_goes_through_the_mean_too():
    off = backward_off(training=True, dy=[3, -1])
    assert off.dz == [about(1200 * U + 800 * U), about(400 * U + 800 * U)]
    off = backward_off(training=True, dy=[3, -1], off=(1, 0, 0))
    assert off.dz == [about(15 + 10 + 3000 * U), about(5 + 10 + 1800 * U)]


def test_the_gradient_of_z_goes_through_the_variance_too():
    given = {"x_hat": [2, -4], "dgamma": -6}
    off = backward_off(training=True, **given)
    assert off.dz == [about(10 * 2 * 6 * 16 * U / 2), about(10 * 4 * 6 * 16 * U / 2)]
    off = backward_off(training=True, **given, off=(0, 0.5, 0))
    assert off.dz[0] == about(10 * (0.5 * 6 + 2 * 6 * 16 * U) / 2)
    # The deviation enters three times; it may be 1.5 times as steep.
    off = backward_off(training=True, **given, off=(1, 0, 0))
    assert off.dz[0] == about(15 * 1.5**2 * 2 * 6 * (3 * 0.5 + 16 * U) / 2)
    # What the sum behind it may lose: here that of the gradient of y.
    off = backward_off(training=True, da=[3, 0], x_hat=[2, 0])
    assert off.dz == [about((480 + 240 + 10 * 2 * 96 / 2) * U), about(240 * U)]
    off = backward_off(training=True, da=[3, 0], x_hat=[2, 0], off=(0, 0.5, 0))
    assert off.dz == [
        about((480 + 240 + 10 * (2 + 0.5) * 120 / 2) * U),
        about((240 + 10 * 0.5 * 120 / 2) * U),
    ]


def test_a_cube_too_small_to_be_held_may_take_all_of_that_term():
    given = {"training": True, "x_hat": [2, 0], "dgamma": -6}
    least = 2.0**-34  # its cube is 2^-102, of which a rounding is the smallest number
    assert backward_off(**given, inv_std=least).dz[0] == about(5 * least * 12 * 16 * U / 2)
    below = least / 2
    assert backward_off(**given, inv_std=below).dz[0] == about(5 * below * 12 * (16 * U + 2) / 2)


def test_a_gradient_of_0_may_be_lost_below_the_smallest_number():
    off = backward_off(off=(1, 0, 0))
    assert (off.a, off.dy, off.dbeta) == ([TINY] * 2, [2 * TINY] * 2, [3 * TINY])
    assert off.dgamma == [2 * TINY * (1 + 2 + 1) + TINY]
    assert off.dz == [15 * TINY + TINY] * 2
    off = backward_off(training=True)
    assert off.dz == [10 * TINY + 10 * TINY + TINY] * 2


def test_a_scale_below_the_smallest_number_is_lost_with_its_gradients():
    given = {"gamma": 0, "dy": [3, -1], "off": (1, 0, 0)}
    assert backward_off(**given).dz == [TINY * (4 * 3 + 1), TINY * (4 * 1 + 1)]
    off = backward_off(training=True, **given)
    assert off.dz == [TINY * (4 * 3 + 8 + 1), TINY * (4 + 8 + 1)]


def test_a_product_on_the_way_through_the_variance_may_be_lost():
    given = {"training": True, "gamma": 0, "x_hat": [2, 0], "dgamma": -6}
    assert backward_off(**given).dz == [TINY * (4 * 2 * (1 / 2 + 2 * (2 + 6)) / 2 + 1), TINY]
    steep = backward_off(**given, off=(1, 0, 0))
    assert steep.dz[0] == TINY * (4 * 2 * (1 / 2 + 3 * (3 + 6)) / 2 + 1)


def test_the_bound_of_the_activation():
    assert backward_off(a=[-2, 1], off=(0, 0, 0.25)).a == [
        about(0.25 + 32 * U),
        about(0.25 + 16 * U),
    ]


def test_relu_is_all_or_nothing_where_its_corner_is_within_rounding():
    off = backward_off(activation="relu", da=[3, 3], output=[-0.5, 0.75], off=(0, 0, 0.5))
    assert off.dy == [about(3 + 48 * U), about(48 * U)]


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "linear"])
def test_a_slope_may_change_by_as_much_as_the_activation_bends_there_and_hardly_more(name):
    y, step = np.linspace(-4, 4, 2001), 1e-4
    bend = np.abs(ACTIVATIONS[name].slope(y + step) - ACTIVATIONS[name].slope(y)).max()
    ((bound, _),) = [backward_off(activation=name, da=[1, 1], off=(0, 0, step)).dy]
    assert bend <= bound - 16 * U <= 1.05 * bend + 1e-12


def test_the_bounds_of_a_feature_are_its_own():
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=(5, 3)) for name in ROWS}
    values |= {name: rng.normal(size=3) for name in ("mean", "gamma", "dgamma")}
    values["inv_std"] = rng.uniform(1, 2, 3)
    forward = {name: rng.uniform(0, 0.1, (5, 3)) for name in ("x_hat", "output")}
    forward["inv_std"] = rng.uniform(0, 0.1, 3)

    def of(columns):
        own = [{k: v[..., columns] for k, v in each.items()} for each in (values, forward)]
        return backward_rounding(*own, "tanh", True, SINGLE)

    together = of(slice(None))
    for feature in range(3):
        for name, bound in of([feature]).items():
            np.testing.assert_allclose(bound[..., 0], together[name][..., feature], rtol=1e-12)


def test_where_nothing_is_known_of_a_gradient_its_bound_is_infinite():
    off = backward_off(training=True, dy=[3, -1], inv_std=np.inf, gamma=0)
    assert off.dz == [np.inf, np.inf]
    assert off.dgamma == [np.inf]
    assert off.dbeta == [about(40 * U)]


def bounds(x, epsilon):
    moments = bncore.batch_moments(x, SPLIT)
    statistics = moments_rounding(x, SPLIT, moments.variance, SINGLE)
    one, zero = np.ones(1), np.zeros(1)
    forward = forward_rounding(
        x, moments.mean, moments.variance, statistics, epsilon, one, zero, SINGLE
    )
    return moments, statistics, forward["x_hat"]


@given(st.lists(NUMBERS, min_size=4, max_size=4), st.sampled_from([1e-12, 1e-3, 1.0]))
def test_plain_float32_stays_within(column, epsilon):
    x = np.array(column)[:, None]
    moments, (mean_off, variance_off), x_hat_off = bounds(x, epsilon)
    single = x.astype(np.float32)
    mean = single.mean(axis=0)
    variance = ((single - mean) ** 2).mean(axis=0)
    scale = 1 / np.sqrt(variance + np.float32(epsilon))
    x_hat = single * scale - mean * scale  # as the layers compute it
    exact = bncore.normalize(x, SPLIT, moments, epsilon)
    assert (np.abs(mean - moments.mean) <= mean_off).all()
    assert (np.abs(variance - moments.variance) <= variance_off).all()
    assert (np.abs(x_hat - exact) <= x_hat_off).all()


def flushed(x):
    """As processors do it for TensorFlow: what is below the smallest normal number is 0."""
    single = np.asarray(x, np.float32)
    return np.where(np.abs(single) < np.float32(TINY), np.float32(0), single)


EXPONENTS = st.integers(-44, 37).map(lambda exponent: 10.0**exponent)


@given(NUMBERS, NUMBERS, st.integers(-18, 18), EXPONENTS, EXPONENTS, st.sampled_from([0, 1, 1e-30]))
def test_a_scale_that_float32_makes_0_of_stays_within(x, mean, size, variance, gamma, beta):
    """Moving statistics, which may be as far from the data as they like."""
    x, mean = 10.0**size * x, np.array([10.0**size * mean])
    variance, gamma, beta = (np.array([float(value)]) for value in (variance, gamma, beta))
    off = held_rounding(mean, SINGLE), held_rounding(variance, SINGLE)
    bound = forward_rounding(
        np.array([[x]]), mean, variance, off, 1e-12, gamma, beta, SINGLE
    )["output"]  # fmt: skip
    with np.errstate(all="ignore"):
        deviation = np.sqrt(flushed(flushed(variance) + np.float32(1e-12)))
        scale = flushed(flushed(gamma) * flushed(1 / deviation))
        shift = flushed(flushed(beta) - flushed(flushed(mean) * scale))
        found = flushed(flushed(flushed(x) * scale) + shift).astype(np.float64)
    exact = gamma * (x - mean) / np.sqrt(variance + 1e-12) + beta
    assert not np.isfinite(found).all() or (np.abs(found - exact) <= bound).all()


def test_ordinary_data_leave_little_room():
    moments, (mean_off, variance_off), x_hat_off = bounds(np.array([[1.0], [2], [3], [6]]), 1e-3)
    assert mean_off[0] < 2e-5
    assert variance_off[0] < 2e-5 * moments.variance[0]
    assert x_hat_off.max() < 5e-5


def test_squares_beyond_float32_leave_the_variance_open():
    _, (_, variance_off), _ = bounds(np.array([[1e25], [0.0], [0.0], [0.0]]), 1e-3)
    assert np.isinf(variance_off[0])
