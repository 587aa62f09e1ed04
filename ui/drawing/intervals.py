"""Differences with their intervals, one row each: arrays in, Plotly figure out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ui.by_value import by_value
from ui.drawing.figures import Figure, framed, line
from ui.drawing.palette import Palette


@by_value(64)
def intervals(
    differences: Mapping[str, np.ndarray],
    found: Mapping[str, tuple[float, float, bool]],
    palette: Palette,
    *,
    title: str,
    axis: str,
) -> Figure:
    """Every repetition's difference as a circle, their mean as a diamond with its interval.

    `differences` has (k,) numbers for each row; `found` the mean, the half width of the interval
    (NaN: none is drawn), and whether the interval excludes zero: then it is drawn in full colour.
    """
    traces = []
    for name, values in differences.items():
        mean, margin, clear = found[name]
        known = values[np.isfinite(values)]
        color = palette.accent if clear else palette.muted
        bar = {"type": "data", "array": [margin], "thickness": 3, "width": 8, "color": color}
        said = f"{mean:+.3g} ± {margin:.2g}" if np.isfinite(margin) else f"{mean:+.3g}"
        traces += [
            {
                "type": "scatter", "x": known, "y": [name] * len(known), "mode": "markers",
                "marker": {
                    "symbol": "circle-open", "size": 9, "color": palette.text, "opacity": 0.6
                },
                "showlegend": False, "hovertemplate": "%{x:+.3g}<extra>" + name + "</extra>",
            },
            {
                "type": "scatter", "x": [mean], "y": [name], "mode": "markers",
                "marker": {"symbol": "diamond", "size": 14, "color": color},
                "error_x": bar if np.isfinite(margin) else {"visible": False},
                "name": name, "showlegend": False,
                "hovertemplate": said + "<extra>" + name + "</extra>",
            },
        ]  # fmt: skip
    rows = {"type": "category", "autorange": "reversed", "automargin": True}
    zero = [line(x=0, color=palette.text, width=1.5, dash="dash")]
    height = 130 + 55 * len(differences)
    return framed(traces, palette, title, {"title": axis}, rows, zero, height=height)
