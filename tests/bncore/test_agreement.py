"""Numbers beside a layer's: per feature, and no further off than rounding may take them."""

import numpy as np

from bncore.agreement import Numbers, compare, compare_all

SHOWN = Numbers(
    np.array([[1e4, 1e-3], [2e4, 3e-3]]),
    np.array([[0, 1], [0, 1]]),
    {"float64": np.full((2, 2), 1e-12), "float32": np.array([1e-2, 1e-9])},
)


def test_the_same_numbers_agree():
    result = compare(SHOWN, SHOWN.values, "float64")
    assert (result.largest, result.explained, result.finite) == (0, True, True)


def test_a_small_feature_is_not_lost_beside_a_large_one():
    result = compare(SHOWN, SHOWN.values * [1, 2], "float32")
    assert (result.largest, result.explained) == (1, False)
    assert result.place[1] == 1
    assert result.found == 2 * result.shown


def test_what_rounding_may_do_is_explained_and_told_apart():
    off = SHOWN.values + np.array([5e-3, 0])
    assert compare(SHOWN, off, "float32").explained
    assert not compare(SHOWN, off, "float64").explained


def test_what_is_not_finite_is_never_explained():
    broken = SHOWN.values.copy()
    broken[1, 0] = np.nan
    result = compare(SHOWN, broken, "float32")
    assert (result.explained, result.finite, result.place) == (False, False, (1, 0))


def test_a_feature_that_is_nothing_but_rounding_has_no_size():
    noise = Numbers(np.array([1e-17, 1.0]), np.arange(2), {"float64": np.full(2, 1e-15)})
    assert 0 < compare(noise, np.array([3e-17, 1.0]), "float64").largest < 3e-17


def test_what_the_layer_does_not_have_is_not_compared():
    both = {"mean": SHOWN, "output": SHOWN}
    found = {"mean": None, "output": SHOWN.values}
    assert list(compare_all(both, found, "float64")) == ["output"]
