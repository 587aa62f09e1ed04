"""Panels: what can be drawn, and what is refused with a reason."""

import numpy as np
import pytest

from ui.drawing.grid import Panel, cell_name, group_label


@pytest.mark.parametrize(
    ("shape", "axes", "expected"),
    [
        ((), (), None),
        ((4,), ("C",), None),
        ((3, 4), ("N", "C"), (0, 1)),
        ((2, 3, 4), ("N", "T", "C"), (1, 2)),
        ((2, 4, 5, 3), "NHWC", (1, 2)),
        ((2, 3, 4, 5), "NCHW", (2, 3)),
        ((2, 2, 4, 5, 3), "NDHWC", (2, 3)),
        ((2, 3, 4, 5), (), (2, 3)),
    ],
)
def test_tables_are_height_by_width_or_the_last_two_axes(shape, axes, expected):
    assert Panel("x", "", np.zeros(shape), axes=axes).table_axes == expected


def test_negative_table_axes_count_from_the_end():
    assert Panel("x", "", np.zeros((2, 3, 4)), table_axes=(0, -1)).table_axes == (0, 2)


def test_groups_broadcast():
    panel = Panel("x", "", np.zeros((3, 2)), groups=[[0], [1], [2]])
    assert panel.groups.tolist() == [[0, 0], [1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"values": [["a"]]}, TypeError, "real numbers"),
        ({"values": [1j]}, TypeError, "complex"),
        ({"values": np.zeros((1,) * 7)}, ValueError, "rank 7; at most 6"),
        ({"values": [1.0], "groups": [0.5]}, TypeError, "integers"),
        ({"values": [1.0, 2], "groups": [0, 1, 2]}, ValueError, r"\(3,\) do not broadcast"),
        ({"values": [1.0], "axes": ("N", "C")}, ValueError, "give 1"),
        ({"values": [1.0], "role": "mean"}, ValueError, "allowed are 'cells'"),
        ({"values": [[1.0]], "table_axes": (0, 0)}, ValueError, "two different axes"),
        ({"values": [[1.0]], "table_axes": (0, 2)}, ValueError, "from -2 to 1"),
        ({"values": [1.0], "bracket": 0}, ValueError, "a matrix has one"),
        ({"values": [[1.0]], "bracket": 2}, ValueError, "axis 0 or 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        Panel("x", "Input", **arguments)


def test_group_labels_never_repeat():
    labels = [group_label(group) for group in range(2000)]
    assert len(set(labels)) == 2000
    assert labels[:3] == ["A", "B", "C"]
    assert labels[26:28] == ["AA", "AB"]


def test_cells_are_named_as_in_numpy():
    assert cell_name("x", (0, 3)) == "x[0, 3]"
    assert cell_name("mean", ()) == "mean"
