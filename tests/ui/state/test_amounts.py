"""How many, and how much: no plural for one, and no bound below its number."""

import math

from hypothesis import given
from hypothesis import strategies as st

from ui.state.amounts import at_most, counted


@given(st.floats(0, 1e300))
def test_a_bound_is_never_below_its_number_and_near_it(value):
    bound = float(at_most(value))
    assert value * (1 - 1e-11) <= bound
    assert bound <= value * 1.1 + 5e-324


def test_what_is_not_finite_is_said_as_it_is():
    assert [at_most(value) for value in (math.nan, math.inf)] == ["nan", "inf"]


def test_one_has_no_plural():
    assert [counted(n, "row") for n in (0, 1, 2, 1000)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "1,000 rows",
    ]
