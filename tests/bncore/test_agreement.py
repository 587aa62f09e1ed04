"""Numbers beside a layer's: per feature, and no further off than rounding may take them."""

import numpy as np

from bncore.agreement import Compared, Numbers, compare, compare_all

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


def numbers(values, off, **given):
    return Numbers(np.array(values), np.arange(len(values)), {"float64": np.array(off)}, **given)


def test_a_number_is_measured_by_its_features_largest_or_by_what_is_given():
    values = np.array([[1.0, -4.0], [-3.0, 2.0]])
    off = {"float64": np.array(1e-15)}
    assert Numbers(values, np.array([[0, 1], [0, 1]]), off).sizes().tolist() == [[3, 4], [3, 4]]
    sizes = Numbers(values, np.zeros((2, 2), int), off, size=np.array([7.0, 8.0])).sizes()
    assert sizes.tolist() == [7, 8]
    assert sizes.dtype == np.float64


def test_a_size_of_just_the_rounding_is_none():
    assert numbers([1e-15, 2e-15], 1e-15).sizes().tolist() == [0, 2e-15]


def test_a_difference_of_just_the_rounding_is_explained():
    assert compare(numbers([1.0, 2.0], 0.25), np.array([1.25, 2]), "float64").explained
    assert not compare(numbers([1.0, 2.0], 0.25), np.array([1.25, 2.375]), "float64").explained


def test_what_is_explained_is_told_by_the_largest_share_of_its_size():
    found = compare(numbers([1.0, 100.0], [0.5, 25]), np.array([1.25, 120]), "float64")
    assert found == Compared(0.25, (0,), 1.0, 1.25, 0.5, True, True)


def test_what_is_not_is_told_by_what_rounding_explains_least():
    """Off by 10, 2 and 4/3 of what rounding may do; by a tenth, half and a fiftieth of its size."""
    shown = numbers([100.0, 1.0, 1000.0], [1, 0.25, 15])
    found = compare(shown, np.array([110.0, 1.5, 1020.0]), "float64")
    assert found == Compared(0.5, (0,), 100.0, 110.0, 1.0, False, True)


def test_where_rounding_may_do_next_to_nothing_a_difference_warns_of_nothing():
    found = compare(numbers([1.0, 2.0], 1e-308), np.array([1.0, 1e10]), "float64")
    assert (found.place, found.allowed, found.explained) == ((1,), 1e-308, False)


def test_a_layers_numbers_are_compared_in_the_shape_of_the_screen():
    column = Numbers(np.array([[1.0], [2]]), np.zeros((2, 1), int), {"float64": np.array(1e-9)})
    assert compare(column, np.array([1.0, 4.0]), "float64").place == (1, 0)
