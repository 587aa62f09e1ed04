"""What the switches are given."""

import itertools

import pytest

from ui.drawing.switches import Case
from ui.drawing.switches.record import record

CHOICES = {"training": ("not given", "False"), "frozen": ("never", "before", "after")}
CASES = {
    each: Case([(" ".join(each), True)], {"gamma": None, "beta": n % 2 == 0}, str(n))
    for n, each in enumerate(itertools.product(*CHOICES.values()))
}


def test_cases_stand_as_the_last_switch_turns_fastest():
    told = record(CHOICES, dict(reversed(CASES.items())))
    assert told["choices"][1] == ["frozen", ["never", "before", "after"]]
    assert [each["said"] for each in told["cases"]] == ["0", "1", "2", "3", "4", "5"]
    assert told["cases"][4] == {
        "code": [["False before", True]],
        "changed": [["gamma", "cannot tell"], ["beta", "changed"]],
        "said": "4",
    }
    assert told["cases"][5]["changed"][1] == ["beta", "unchanged"]


def test_a_combination_that_was_not_run_is_refused():
    with pytest.raises(ValueError, match="there is no case for"):
        record(CHOICES, {("not given", "never"): CASES["not given", "never"]})
