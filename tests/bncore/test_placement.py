import pytest

from bncore.placement import PLACEMENTS, SATURATED, contrasts


def test_a_study_compares_the_order_and_every_placement_with_none():
    assert contrasts(PLACEMENTS) == [
        ("before", "after"), ("before", "none"), ("after", "none"), ("output", "none"),
    ]  # fmt: skip
    assert contrasts(["before", "output"]) == []
    assert contrasts(["after", "before"]) == [("before", "after")]


def test_the_orphan_is_nowhere():
    orphan = PLACEMENTS["orphan"]
    assert not any((orphan.before, orphan.after, orphan.output))


@pytest.mark.parametrize(
    ("name", "slope"), [("tanh", lambda a: 1 - a**2), ("sigmoid", lambda a: 4 * a * (1 - a))]
)
def test_saturated_begins_where_the_slope_is_a_tenth(name, slope):
    for end in SATURATED[name]:
        assert 0.09 < slope(end) < 0.1
