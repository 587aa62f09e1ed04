"""What the browser draws of a block: every cell once, in its place, with its group's numbers."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.drawing.blocks import Block, Groups
from ui.drawing.blocks.block import drawn, record


@given(st.lists(st.integers(1, 3), min_size=2, max_size=5), st.data())
def test_every_cell_stands_in_the_table_of_its_sample_and_channel(shape, data):
    channel = data.draw(st.integers(1, len(shape) - 1))
    (samples, channels, rows, columns), order = drawn(tuple(shape), channel)
    assert sorted(order.tolist()) == list(range(samples * channels * rows * columns))
    places = np.array(np.unravel_index(order, shape)).T
    tables = places.reshape(samples, channels, rows * columns, len(shape))
    for n, c in itertools.product(range(samples), range(channels)):
        assert set(tables[n, c, :, 0]) == {n}
        assert set(tables[n, c, :, channel]) == {c}


def test_the_numbers_are_those_of_the_group_of_the_cell():
    x = np.arange(12.0).reshape(2, 3, 2)  # N, W, C
    index = np.broadcast_to(np.arange(2), x.shape)
    groups = Groups(index, np.array([5.0, 6.0]), np.array([1 / 3, np.nan]), x - 5)
    told = record(x, [Block("b", "B", "s", "code", groups)], "NWC", 2, 1e-3)
    assert told["size"] == [2, 2, 1, 3]
    assert told["names"][:4] == ["x[0, 0, 0]", "x[0, 1, 0]", "x[0, 2, 0]", "x[0, 0, 1]"]
    assert told["values"][:4] == ["0", "2", "4", "1"]
    assert told["epsilon"] == "0.001"
    (block,) = told["blocks"]
    assert block["groups"] == [0, 0, 0, 1, 1, 1] * 2
    assert block["of"] == [["A", "5", "0.333333", 6], ["B", "6", "nan", 6]]
    assert block["x_hat"][:4] == ["-5", "-3", "-1", "-4"]


def test_a_block_without_groups_says_why():
    told = record(np.ones(3), [Block("b", "B", "", problem="needs channels")], "N", 0, 0.0)
    assert told["size"] == [3, 1, 1, 1]
    assert told["blocks"] == [
        {"id": "b", "title": "B", "summary": "", "code": "", "problem": "needs channels"}
    ]
