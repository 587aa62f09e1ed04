"""What the dots on a line are given."""

import numpy as np
import pytest

from ui.drawing.line import Line
from ui.drawing.line.record import record


def made(**changes) -> Line:
    whole = {
        "slider": "n", "steps": (2, 3, 4), "start": 3, "measure": "factor",
        "rows": {"a": np.array([2.0, 1.5, np.nan]), "b": np.ones(3)}, "said": ("x", "y", "z"),
    }  # fmt: skip
    return Line(**whole | changes)


def test_every_number_arrives_and_what_is_none_is_none():
    told = record(made())
    assert told["rows"] == [
        {"name": "a", "values": [2.0, 1.5, None]},
        {"name": "b", "values": [1.0, 1.0, 1.0]},
    ]
    assert (told["steps"][told["start"]], told["said"][told["start"]]) == (3, "y")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"said": ("x", "y")}, "2, 3"),
        ({"rows": {"a": np.ones(4)}}, "3, 4"),
        ({"start": 9}, "the start 9 is none of the steps"),
    ],
)
def test_what_does_not_fit_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        made(**changes)
