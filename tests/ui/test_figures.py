import numpy as np

from ui import palette
from ui.figures import POINTS, thinned, walk


def test_thinning_keeps_both_ends_and_few_points():
    updates = np.arange(1, 100_001)
    for log in (True, False):
        kept = thinned(updates, log=log)
        assert kept[0] == 0
        assert kept[-1] == len(updates) - 1
        assert len(kept) <= POINTS
    assert len(thinned(np.arange(50))) == 50


def test_every_curve_and_every_target_is_drawn_and_named():
    updates = np.arange(1, 1001)
    curves = {"a": 1 / updates, "b": 2 / updates}
    figure = walk(
        updates, curves, {"low": 0.0, "high": 1.0}, palette.DARK,
        title="t", total=10_000, log=True, at=10,
    )  # fmt: skip
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [trace.name for trace in lines] == ["a", "b"]
    assert lines[0].y[-1] == curves["a"][-1]
    assert {a.text for a in figure.layout.annotations} == {"low", "high"}
    assert figure.layout.xaxis.range == (0, 4)  # the whole run, so that nothing jumps
    assert len({trace.line.color for trace in lines}) == 2


def test_a_line_with_the_name_of_a_curve_is_in_its_colour_and_needs_no_label():
    updates = np.arange(1, 4)
    figure = walk(
        updates, {"a": updates, "b": updates}, {"b": 2.0}, palette.DARK,
        title="t", total=3, log=False,
    )  # fmt: skip
    (line,) = figure.layout.shapes
    assert line.line.color == next(t.line.color for t in figure.data if t.name == "b")
    assert not figure.layout.annotations
