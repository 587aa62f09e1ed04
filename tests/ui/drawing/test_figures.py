import numpy as np

from ui.drawing import palette
from ui.drawing.figures import POINTS, log_axis, thinned, trajectory


def test_thinning_keeps_both_ends_and_few_points():
    updates = np.arange(1, 100_001)
    for log in (True, False):
        kept = thinned(updates, log=log)
        assert kept[0] == 0
        assert kept[-1] == len(updates) - 1
        assert len(kept) <= POINTS
    assert len(thinned(np.arange(50))) == 50


def test_every_curve_is_drawn_and_named():
    updates = np.arange(1, 1001)
    curves = {"a": 1 / updates, "b": 2 / updates}
    figure = trajectory(updates, curves, palette.DARK, title="t", total=10_000, log=True)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [trace.name for trace in lines] == ["a", "b"]
    assert lines[0].y[-1] == curves["a"][-1]
    assert figure.layout.xaxis.range == (0, 4)  # the whole run, so that nothing jumps
    assert len({trace.line.color for trace in lines}) == 2


def test_curves_that_lie_on_each_other_can_be_told_apart():
    updates = np.arange(1, 1001)
    figure = trajectory(
        updates, {"a": updates, "b": updates}, palette.DARK, title="t", total=1000, log=False
    )
    first, second = (trace for trace in figure.data if trace.mode == "markers")
    assert not set(first.x) & set(second.x)
    assert first.marker.symbol != second.marker.symbol
    assert [trace.name for trace in figure.data if trace.showlegend] == ["a", "b"]


def test_no_line_of_a_title_is_longer_than_a_phone_is_wide():
    updates = np.arange(1, 4)
    figure = trajectory(
        updates, {"a": updates}, palette.DARK,
        title="Norm of the gradient of the first layer, training mode", total=3, log=False,
    )  # fmt: skip
    lines = figure.layout.title.text.split("<br>")
    assert len(lines) == 2
    assert max(map(len, lines)) <= 44  # some 315 pixels
    short = trajectory(
        updates, {"a": updates}, palette.DARK, title="Short", total=3, log=False
    )  # fmt: skip
    assert short.layout.margin.t < figure.layout.margin.t


def test_a_logarithmic_axis_labels_its_decades():
    updates = np.arange(1, 1001)
    figure = trajectory(
        updates, {"a": 1 / updates}, palette.DARK, title="t", total=10_000, log=True
    )
    assert figure.layout.xaxis.dtick == 1
    assert log_axis(3, 9) == {"type": "log"}  # less than half a decade has room for 3 to 9
