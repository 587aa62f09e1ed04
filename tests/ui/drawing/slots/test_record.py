"""What a diagram with slots is given."""

import pytest

from ui.drawing.slots import Diagram, Group, Place
from ui.drawing.slots.record import record

IN, OUT = Place("in", "It is in.", "a", "a b"), Place("out", "It is out.", "b", "b c", 3, ("in",))


def made(parts=("Dense", "in", "out"), home="out"):
    groups = (Group(parts, "2 ×"), Group(("softmax",), outside=True))
    return Diagram("Where?", "tile", home, "-", "Drag it.", groups, {"in": IN, "out": OUT})


def test_every_place_arrives_with_its_words():
    told = record(made(), "in")
    assert (told["chosen"], told["home"], told["nowhere"]) == ("in", "out", "-")
    assert [group["parts"] for group in told["groups"]] == [("Dense", "in", "out"), ("softmax",)]
    assert told["places"]["out"] == {
        "label": "out", "said": "It is out.", "line": "b", "code": "b c", "color": 3,
        "also": ("in",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"parts": ("Dense", "in")}, "but in the groups"),
        ({"parts": ("in", "out", "in")}, "but in the groups"),
        ({"home": "Dense"}, "'Dense' is no place"),
    ],
)
def test_what_does_not_fit_is_refused(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        made(**changes)
