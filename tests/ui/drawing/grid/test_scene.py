"""The record for the browser: strict JSON, bounded, one number format per panel."""

import json
import math

import numpy as np
import pytest

from ui.drawing.grid import Panel
from ui.drawing.grid.scene import (
    MAX_COLUMNS,
    bounds_note,
    json_numbers,
    number_style,
    scene,
    shown_box,
)


def loads_strictly(record):
    """What a browser's JSON.parse makes of it: NaN and Infinity are errors there."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(json.dumps(record), parse_constant=refuse)


def test_a_scene_survives_json_and_keeps_every_digit():
    x = np.array([[0.1, 2 / 3], [np.nan, -np.inf]])
    record = loads_strictly(scene([Panel("x", "Input", x, groups=[[0, 1]])], 100))
    assert record["panels"][0]["values"] == [0.1, 2 / 3, "nan", "-inf"]
    assert record["panels"][0]["groups"] == [0, 1, 0, 1]
    assert record["groups"] == {"": {"0": ["A", 2], "1": ["B", 2]}}


def test_counts_are_those_of_all_cells_even_where_few_are_drawn():
    x = np.zeros((10_000, 2))
    panels = [
        Panel("mean", "Mean", np.zeros(2), groups=np.arange(2), role="statistic"),
        Panel("x", "Input", x, groups=np.array([[0, 1]])),
    ]
    record = scene(panels, 500)
    assert record["groups"][""] == {"0": ["A", 10_000], "1": ["B", 10_000]}
    assert len(record["panels"][1]["values"]) <= 500


def test_links_are_counted_apart():
    panels = [
        Panel("batch", "", np.zeros((3, 2)), groups=[[0, 1]], link="batch"),
        Panel("layer", "", np.zeros((3, 2)), groups=[[0], [1], [2]], link="layer"),
    ]
    groups = scene(panels, 100)["groups"]
    assert groups["batch"]["0"] == ["A", 3]
    assert groups["layer"]["2"] == ["C", 2]


def test_cells_without_a_group_are_not_counted():
    groups = scene([Panel("x", "", np.zeros(3), groups=[0, -1, 0])], 10)["groups"]
    assert groups == {"": {"0": ["A", 2]}}


def test_ids_must_differ():
    with pytest.raises(ValueError, match="must differ"):
        scene([Panel("x", "", [1.0]), Panel("x", "", [2.0])], 10)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((10_000, 4), "NC"), ((4, 10_000), "NC"), ((64, 32, 32, 3), "NHWC"), ((5000,), "C")],
)
def test_no_more_is_drawn_than_the_budget_allows_and_the_note_says_so(shape, axes):
    panel = Panel("x", "", np.zeros(shape), axes=axes)
    box = shown_box(panel, 600)
    assert math.prod(box) <= 600
    assert all(part >= 1 for part in box)
    for part, size, name in zip(box, shape, axes, strict=True):
        assert (f"the first {part} of {size} along {name}" in bounds_note(panel, box)) == (
            part < size
        )


def test_a_wide_table_is_cut_in_its_columns_too():
    assert shown_box(Panel("x", "", np.zeros((2, 900))), 2000) == (2, MAX_COLUMNS)


def test_what_fits_is_drawn_whole_and_without_a_note():
    panel = Panel("x", "", np.zeros((2, 4, 4, 3)), axes="NHWC")
    assert shown_box(panel, 96) == panel.shape
    assert bounds_note(panel, panel.shape) == ""


def test_the_drawn_part_of_a_large_tensor_is_its_first_corner():
    x = np.arange(6000.0).reshape(1000, 6)
    record = scene([Panel("x", "", x)], 240)["panels"][0]
    assert record["box"] == [40, 6]
    assert record["values"] == x[:40].ravel().tolist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 10, 1000], ("fixed", 0)),
        ([277.75, 555.5, 833.25], ("fixed", 2)),
        ([0.1, 0.25], ("fixed", 2)),
        ([2 / 3, 200 / 3], ("fixed", 4)),
        ([2 / 3, 2e6 / 3], ("fixed", 2)),
        ([1.5, 3e-17], ("fixed", 1)),
        ([0.00123456], ("fixed", 5)),
        ([3e-12], ("exp", 3)),
        ([1e300], ("exp", 3)),
        ([np.nan, 0.5], ("fixed", 1)),
        ([np.nan], ("fixed", 0)),
        ([], ("fixed", 0)),
    ],
)
def test_one_format_per_panel(values, expected):
    assert number_style(np.array(values, dtype=float)) == expected


def test_a_page_can_fix_the_decimals():
    assert number_style(np.array([1.0]), digits=3) == ("fixed", 3)


def test_float32_shows_its_own_digits():
    assert json_numbers(np.array([0.1, 1 / 3], dtype=np.float32)) == [0.1, 0.33333334]


def test_integers_and_booleans_stay_integers():
    assert json_numbers(np.array([[1, 2]])) == [1, 2]
    assert scene([Panel("m", "", [True, False])], 10)["panels"][0]["values"] == [1, 0]


def test_a_small_scene_is_a_small_message():
    panels = [Panel(f"p{i}", "Title", np.ones((3, 4)) / 3, groups=[[0, 1, 2, 3]]) for i in range(5)]
    assert len(json.dumps(scene(panels, 2400))) < 5000
