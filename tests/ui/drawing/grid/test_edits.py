"""Events -> arrays: read by the rules of ui.state.numbers, or refused with a reason."""

import numpy as np
import pytest

from ui.drawing.grid import GridEvent, apply_event
from ui.drawing.grid.edits import Handles, concerns, read_events
from ui.state.numbers import NumberError

X = np.arange(6.0).reshape(2, 3)


def edit(index, text):
    return GridEvent("edit", "x", index, text)


def paste(index, text, axes=(0, 1)):
    return GridEvent("paste", "x", index, text, axes)


def test_an_edit_changes_one_cell_of_a_new_array():
    before = X.copy()
    after = apply_event(X, edit((1, 2), "−1,5e1"))
    assert after[1, 2] == -15
    assert (before == X).all()
    assert np.delete(after.ravel(), 5).tolist() == np.delete(X.ravel(), 5).tolist()


@pytest.mark.parametrize("text", ["", "  ", "nan", "inf", "1,234", "1;2", "abc", "1e999"])
def test_what_is_no_number_beyond_doubt_is_refused(text):
    with pytest.raises(NumberError):
        apply_event(X, edit((0, 0), text))


@pytest.mark.parametrize("index", [(2, 0), (0, 3), (-1, 0), (0,), (0, 0, 0), ()])
def test_a_cell_that_is_gone_is_refused(index):
    with pytest.raises(NumberError, match="shape has changed"):
        apply_event(X, edit(index, "1"))


def test_a_table_is_pasted_from_its_anchor_on():
    assert apply_event(X, paste((0, 1), "7,5\t8\n9\t10")).tolist() == [[0, 7.5, 8], [3, 9, 10]]


def test_a_literal_of_the_same_shape_replaces_everything():
    assert apply_event(X, paste((0, 0), "[[1, 2, 3], [4, 5, 6]]")).tolist() == [
        [1, 2, 3],
        [4, 5, 6],
    ]


@pytest.mark.parametrize(
    ("index", "text", "words"),
    [
        ((0, 2), "1\t2", "only 1 of 2 fit along axis 1"),
        ((1, 0), "1\t2\n3\t4", "only 1 of 2 fit along axis 0"),
        ((0, 0), "[[[1, 2]]]", r"shape \(1, 1, 2\), this one \(2, 3\)"),
        ((0, 0), "1\tx", "not a number"),
    ],
)
def test_a_paste_that_does_not_fit_is_refused(index, text, words):
    with pytest.raises(NumberError, match=words):
        apply_event(X, paste(index, text))


def test_a_row_or_a_column_fits_into_rank_one():
    assert apply_event(np.zeros(3), paste((1,), "1\t2", None)).tolist() == [0, 1, 2]
    assert apply_event(np.zeros(3), paste((0,), "1\n2\n3", None)).tolist() == [1, 2, 3]
    with pytest.raises(NumberError, match="does not fit into one row"):
        apply_event(np.zeros(3), paste((0,), "1\t2\n3\t4", None))


@pytest.mark.parametrize("axes", [(1, 2), (2, 1), (0, 3)])
def test_a_slice_of_an_image_takes_a_table(axes):
    x = np.zeros((2, 2, 2, 2))
    after = apply_event(x, paste((0, 0, 0, 0), "1\t2\n3\t4", axes))
    rest = tuple(0 if axis not in axes else slice(None) for axis in range(4))
    table = after[rest] if axes[0] < axes[1] else after[rest].T
    assert table.tolist() == [[1, 2], [3, 4]]
    assert after.sum() == 10


def test_a_scalar_can_be_edited():
    assert apply_event(np.array(1.0), edit((), "2")).tolist() == 2


@pytest.mark.parametrize("axes", [(0, 0), (0, 5), (-1, 7)])
def test_axes_from_a_browser_are_checked(axes):
    with pytest.raises(NumberError, match="not two axes"):
        apply_event(np.zeros((2, 2, 2)), paste((0, 0, 0), "1\t2", axes))


@pytest.mark.parametrize("kind", ["click", "bracket"])
def test_what_is_no_edit_changes_nothing(kind):
    assert apply_event(X, GridEvent(kind, "x", (9, 9))).tolist() == X.tolist()


@pytest.mark.parametrize(
    ("bracket", "axis", "may"),
    [(True, (0,), True), (True, (1,), True), (True, (2,), False), (True, (-1,), False),
     (True, (0, 1), False), (True, (), False), (False, (0,), False)],
)  # fmt: skip
def test_only_a_bracket_that_is_there_moves_to_an_edge(bracket, axis, may):
    drawn = {"x": Handles((2, 2), editable=True, bracket=bracket)}
    assert concerns(GridEvent("bracket", "x", axis), drawn) is may


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "text",
        7,
        [None],
        [[1, "edit"]],
        [[1, "evaluate", "x", [0], "1", None]],
        [["one", "edit", "x", [0], "1", None]],
        [[1, "edit", "x", 5, "1", None]],
        [[1, "edit", "x", [0], "1", [0]]],
    ],
)
def test_malformed_messages_are_ignored(raw):
    assert read_events(raw) == []


def test_events_come_in_order():
    raw = [[2, "edit", "x", [1], "b", None], [1, "edit", "x", [0], "a", [0, 1]]]
    assert [event[0] for event in read_events(raw)] == [1, 2]
