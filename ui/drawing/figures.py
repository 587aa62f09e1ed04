"""Figures: arrays in, Plotly figure out. No Streamlit, no state."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ui.by_value import by_value
from ui.drawing.palette import Palette

POINTS = 400
_KEPT = 256  # figures, some 20 kB each
_TITLE = 44  # characters of a line of a title that a phone shows
_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up")


def thinned(updates: np.ndarray, points: int = POINTS, log: bool = True) -> np.ndarray:
    """Which positions to draw: all of a short run, else about `points`, evenly on the axis.

    The first and the last are always among them.

    >>> thinned(np.arange(1, 10_001), points=5).tolist()
    [0, 9, 99, 999, 9999]
    """
    last = len(updates) - 1
    if last < points:
        return np.arange(len(updates))
    spread = np.geomspace(1, last + 1, points) - 1 if log else np.linspace(0, last, points)
    return np.unique(np.round(spread).astype(int))


@by_value(_KEPT)
def trajectory(
    updates: np.ndarray,
    curves: Mapping[str, np.ndarray],
    palette: Palette,
    *,
    title: str,
    total: int,
    log: bool,
) -> Figure:
    """Curves over the updates, on an axis that spans the whole run from the start."""
    kept = thinned(updates, log=log)
    step = max(1, len(kept) // 8)
    traces = []
    for number, (name, values) in enumerate(curves.items()):
        marked = kept[number * step // len(curves) :: step]  # beside those of a curve beneath
        color = palette.color(number)
        both = {"type": "scatter", "name": name, "legendgroup": name}
        traces += [
            {
                **both, "x": updates[kept], "y": values[kept], "mode": "lines",
                "line": {"color": color, "width": 2.5}, "showlegend": False,
                "hovertemplate": "update %{x}: %{y:.8g}<extra>" + name + "</extra>",
            },
            {
                **both, "x": updates[marked], "y": values[marked], "mode": "markers",
                "marker": {"color": color, "symbol": _symbol(number), "size": 8},
                "showlegend": True, "hoverinfo": "skip",
            },
        ]  # fmt: skip
    x_axis: dict[str, Any] = {"title": "update", "range": [0, total]}
    if log:
        x_axis |= {**log_axis(1, max(total, 2)), "range": [0, float(np.log10(max(total, 2)))]}
    return framed(traces, palette, title, x_axis, {})


def line(*, x: float | None = None, y: float | None = None, **look: Any) -> dict[str, Any]:
    """A line through the whole plot: vertical at x, or horizontal at y."""
    if y is None:
        ends = {"x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
    else:
        ends = {"y0": y, "y1": y, "yref": "y", "x0": 0, "x1": 1, "xref": "x domain"}
    return {"type": "line", "line": look, **ends}


def extent(shown: Iterable[Any]) -> tuple[float, float]:
    """The least and the largest of all finite values above 0, (1, 1) where there is none.

    >>> extent([np.array([0, 0.5, np.nan]), 8])
    (0.5, 8.0)
    """
    values = np.concatenate([np.ravel(each) for each in shown])
    values = values[np.isfinite(values) & (values > 0)]
    return (float(values.min()), float(values.max())) if values.size else (1.0, 1.0)


def log_axis(low: float, high: float) -> dict[str, Any]:
    """A logarithmic axis for values between these, with as many labels as a phone has room for.

    Powers of ten only, or 1, 2, 5 where there are fewer than two of them. What spans less than
    half a decade is left to Plotly, which would label 6, 7, 8, 9 however close they stand.

    >>> log_axis(1, 10_000), log_axis(1e-12, 10), log_axis(1, 50), log_axis(4, 5)
    ({'type': 'log', 'dtick': 1}, {'type': 'log', 'dtick': 2}, {'type': 'log', 'dtick': 'D2'}, \
{'type': 'log'})
    """
    decades = math.log10(high / low)
    if decades < 0.5:
        return {"type": "log"}
    return {"type": "log", "dtick": "D2" if decades < 2 else math.ceil(decades / 10)}


def _symbol(number: int) -> str:
    return _SYMBOLS[number % len(_SYMBOLS)]


class Figure(go.Figure):  # type: ignore[misc]
    """A figure that stays as it is, so the form in which it is sent is made once."""

    def to_dict(self) -> dict[str, Any]:
        """The figure as Plotly writes it. Nobody may change it."""
        if not hasattr(self, "_sent"):
            self._sent: dict[str, Any] = super().to_dict()
        return self._sent


def framed(
    traces: list[dict[str, Any]],
    palette: Palette,
    title: str,
    x_axis: Mapping[str, Any],
    y_axis: Mapping[str, Any],
    shapes: list[dict[str, Any]] | None = None,
    height: int | None = None,
) -> Figure:
    """All at once: Plotly takes several times as long to add things to a figure."""
    lines = textwrap.wrap(title, _TITLE)
    listed = sum("name" in trace and trace.get("showlegend", True) for trace in traces)
    return Figure(
        traces,
        {
            "title": {"text": "<br>".join(lines), "font": {"size": 16}},
            "font": {"color": palette.text, "size": 14},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "y": -0.25},
            "margin": {"l": 10, "r": 10, "t": 25 + 20 * max(1, len(lines)), "b": 10},
            # with room for a legend that stacks on a phone
            "height": height or 420 + 20 * max(0, listed - 3),
            "uirevision": title,  # keeps zoom and hidden curves while new points arrive
            "xaxis": {"gridcolor": palette.grid, "exponentformat": "none", **x_axis},
            "yaxis": {
                "gridcolor": palette.grid, "exponentformat": "power", "zeroline": False, **y_axis
            },
            "shapes": shapes or [],
        },
    )  # fmt: skip
