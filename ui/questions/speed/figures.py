"""How long every way takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bncore.experiments.speed import Measured
from bncore.moments import Array
from ui.drawing.figures import Figure, framed
from ui.drawing.palette import Palette
from ui.questions.speed.answers import Timing
from ui.questions.speed.state import WAYS

PARTS: Mapping[str, Callable[[Measured], Array]] = {
    "mean and variance": lambda row: row.moments,
    "with x̂": lambda row: row.forward,
}


def times(rows: Mapping[str, Measured], palette: Palette) -> Figure:
    """The median of every way, and from its fastest to its slowest round."""
    traces = []
    for number, (title, part) in enumerate(PARTS.items()):
        found = {WAYS[name]: Timing.of(part(row)) for name, row in rows.items() if part(row).size}
        color = palette.color(number)
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": title,
                "x": [1e3 * each.median for each in found.values()], "y": list(found),
                "marker": {
                    "symbol": ("circle", "diamond")[number], "size": 12, "color": color
                },
                "error_x": {
                    "type": "data", "symmetric": False, "color": color,
                    "array": [1e3 * (each.high - each.median) for each in found.values()],
                    "arrayminus": [1e3 * (each.median - each.low) for each in found.values()],
                },
                "hovertemplate": "%{y}: %{x:.3g} ms<extra>" + title + "</extra>",
            }
        )  # fmt: skip
    titles = [WAYS[name] for name in WAYS]
    order = {
        "type": "category", "categoryorder": "array", "categoryarray": titles[::-1],
        "automargin": True, "range": [-0.5, len(titles) - 0.5],
    }  # fmt: skip
    axis = {"title": "milliseconds, median and range", "rangemode": "tozero"}
    return framed(traces, palette, "Time of every way", axis, order)
