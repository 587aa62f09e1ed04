"""Differences with their intervals, one row each: arrays in, Plotly figure out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ui.by_value import by_value
from ui.drawing.figures import Figure, framed, line
from ui.drawing.palette import Palette

ABOVE = 0.28
STACK = 0.45
"""How far above its interval a repetition stands, and how high those of one number can be stacked;
of the distance of two rows."""


@by_value(64)
def intervals(
    differences: Mapping[str, np.ndarray],
    found: Mapping[str, tuple[float, float, bool]],
    palette: Palette,
    *,
    title: str,
    axis: str,
) -> Figure:
    """Every repetition's difference as a circle, under it their mean with its interval.

    `differences` has (k,) numbers for each row; `found` the mean, the half width of the interval
    (NaN: none is drawn), and whether the interval excludes zero: then it is drawn in full colour,
    and its name says so.
    """
    traces = []
    for row, (name, values) in enumerate(differences.items()):
        mean, margin, clear = found[name]
        known = values[np.isfinite(values)]
        heights = row - ABOVE - _stacked(known)
        color = palette.accent if clear else palette.muted
        bar = {"type": "data", "array": [margin], "thickness": 3, "width": 8, "color": color}
        said = f"{mean:+.3g} ± {margin:.2g}" if np.isfinite(margin) else f"{mean:+.3g}"
        traces += [
            {
                "type": "scatter", "x": known, "y": heights, "mode": "markers",
                "marker": {
                    "symbol": "circle-open", "size": 9, "color": color, "line": {"width": 2}
                },
                "showlegend": False, "hovertemplate": "%{x:+.3g}<extra>" + name + "</extra>",
            },
            {
                "type": "scatter", "x": [mean], "y": [row], "mode": "markers",
                "marker": {"symbol": "diamond", "size": 14, "color": color},
                "error_x": bar if np.isfinite(margin) else {"visible": False},
                "name": name, "showlegend": False,
                "hovertemplate": said + "<extra>" + name + "</extra>",
            },
        ]  # fmt: skip
    names = [name + "<br><b>clear</b>" * found[name][2] for name in differences]
    rows = {
        "tickvals": list(range(len(names))), "ticktext": names, "zeroline": False,
        "range": [len(names) - 0.6, -0.1 - ABOVE - STACK], "automargin": True,
    }  # fmt: skip
    zero = [line(x=0, color=palette.text, width=1.5, dash="dash")]
    height = 130 + 55 * len(differences)
    return framed(traces, palette, title, {"title": axis}, rows, zero, height=height)


def _stacked(values: np.ndarray) -> np.ndarray:
    """How high each of them stands, so that equal ones (but for rounding) do not cover each other.

    >>> _stacked(np.array([1.0, 2.0, 1.0, 1.0])).tolist()
    [0.0, 0.0, 0.15, 0.3]
    """
    rounded = np.round(values, 4).tolist()
    below = np.array([rounded[:i].count(value) for i, value in enumerate(rounded)], float)
    heights: np.ndarray = below * min(0.15, STACK / max(below.max(initial=0), 1))
    return heights
