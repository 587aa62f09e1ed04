import numpy as np

from ui.drawing import palette
from ui.drawing.figures import POINTS, thinned, trajectory


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
    figure = trajectory(
        updates, curves, {"low": 0.0, "high": 1.0}, palette.DARK,
        title="t", total=10_000, log=True, at=10,
    )  # fmt: skip
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [trace.name for trace in lines] == ["a", "b"]
    assert lines[0].y[-1] == curves["a"][-1]
    assert {a.text for a in figure.layout.annotations} == {"low", "high"}
    assert figure.layout.xaxis.range == (0, 4)  # the whole run, so that nothing jumps
    assert len({trace.line.color for trace in lines}) == 2


def test_curves_that_lie_on_each_other_can_be_told_apart():
    updates = np.arange(1, 1001)
    figure = trajectory(
        updates, {"a": updates, "b": updates}, {}, palette.DARK, title="t", total=1000, log=False
    )
    first, second = (trace for trace in figure.data if trace.mode == "markers")
    assert not set(first.x) & set(second.x)
    assert first.marker.symbol != second.marker.symbol
    assert [trace.name for trace in figure.data if trace.showlegend] == ["a", "b"]


def test_a_line_with_the_name_of_a_curve_is_in_its_colour_and_needs_no_label():
    updates = np.arange(1, 4)
    figure = trajectory(
        updates, {"a": updates, "b": updates}, {"b": 2.0}, palette.DARK,
        title="t", total=3, log=False,
    )  # fmt: skip
    (line,) = figure.layout.shapes
    assert line.line.color == next(t.line.color for t in figure.data if t.name == "b")
    assert not figure.layout.annotations


def test_no_line_of_a_title_is_longer_than_a_phone_is_wide():
    updates = np.arange(1, 4)
    figure = trajectory(
        updates, {"a": updates}, {}, palette.DARK,
        title="Norm of the gradient of the first layer, training mode", total=3, log=False,
    )  # fmt: skip
    lines = figure.layout.title.text.split("<br>")
    assert len(lines) == 2
    assert max(map(len, lines)) <= 44  # some 315 pixels
    short = trajectory(
        updates, {"a": updates}, {}, palette.DARK, title="Short", total=3, log=False
    )  # fmt: skip
    assert short.layout.margin.t < figure.layout.margin.t


def test_a_logarithmic_axis_labels_its_decades():
    updates = np.arange(1, 1001)
    figure = trajectory(
        updates, {"a": 1 / updates}, {"low": 0.5}, palette.DARK,
        title="t", total=10_000, log=True, log_y=True,
    )  # fmt: skip
    assert (figure.layout.xaxis.dtick, figure.layout.yaxis.dtick) == (1, 1)
    flat = trajectory(
        updates, {"a": np.full(1000, 3.0)}, {"start": 9.0}, palette.DARK,
        title="t", total=1000, log=False, log_y=True,
    )  # fmt: skip
    assert flat.layout.xaxis.dtick is None
    assert flat.layout.yaxis.dtick is None  # less than half a decade: 3 to 9 have room
