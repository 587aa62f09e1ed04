"""Figures: arrays in, Plotly figure out. No Streamlit, no state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from ui.palette import Palette

POINTS = 400
_DASHES = ("dot", "dash", "dashdot", "longdash")
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


def walk(
    updates: np.ndarray,
    curves: Mapping[str, np.ndarray],
    targets: Mapping[str, float],
    palette: Palette,
    *,
    title: str,
    total: int,
    log: bool,
    log_y: bool = False,
    at: int | None = None,
) -> go.Figure:
    """Curves over the updates and the lines they may walk to.

    A line with the name of a curve is drawn in its colour; any other is labelled. The x axis spans
    the whole run from the start, so that nothing jumps while curves grow.
    """
    figure = _figure(palette, title)
    _draw_targets(figure, targets, list(curves), palette, log_y=log_y)
    kept = thinned(updates, log=log)
    step = max(1, len(kept) // 8)
    for number, (name, values) in enumerate(curves.items()):
        color = palette.color(number)
        marked = kept[number * step // len(curves) :: step]  # beside those of a curve beneath
        figure.add_scatter(
            x=updates[kept], y=values[kept], name=name, legendgroup=name, mode="lines",
            line={"color": color, "width": 2.5}, showlegend=False,
            hovertemplate="update %{x}: %{y:.8g}<extra>" + name + "</extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=updates[marked], y=values[marked], name=name, legendgroup=name, mode="markers",
            marker={"color": color, "symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 8},
            showlegend=True, hoverinfo="skip",
        )  # fmt: skip
    if at is not None:
        figure.add_vline(x=at, line={"color": palette.accent, "width": 2})
    figure.update_xaxes(
        title="update",
        type="log" if log else "linear",
        range=[0, float(np.log10(max(total, 2)))] if log else [0, total],
    )
    figure.update_yaxes(type="log" if log_y else "linear")
    return figure


def bands(
    places: np.ndarray,
    curves: Mapping[str, np.ndarray],
    palette: Palette,
    *,
    title: str,
    axis: str = "epoch",
    total: float | None = None,
    log: bool = False,
    at: float | None = None,
) -> go.Figure:
    """The mean of each curve's k columns, in a band from the least to the largest of them.

    `curves` have shape (places, k); what is not finite is left out.
    """
    figure = _figure(palette, title)
    for number, (name, values) in enumerate(curves.items()):
        color, found = palette.color(number), np.isfinite(values).any(axis=1)
        x, columns = places[found], values[found]
        low, mean, high = (
            measure(columns, axis=1) for measure in (np.nanmin, np.nanmean, np.nanmax)
        )
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself",
            fillcolor=color, opacity=0.18, line={"width": 0}, mode="lines", hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=mean, name=name, mode="lines+markers",
            line={"color": color, "width": 2.5, "dash": ("solid", "dash")[number >= 4]},
            marker={"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 8},
            customdata=np.stack([low, high], axis=1),
            hovertemplate="%{y:.4g} (%{customdata[0]:.4g} to %{customdata[1]:.4g})"
            "<extra>" + name + "</extra>",
        )  # fmt: skip
    if at is not None:
        figure.add_vline(x=at, line={"color": palette.accent, "width": 2})
    figure.update_xaxes(title=axis, type="log" if log else "linear")
    if total is not None and not log:
        figure.update_xaxes(range=[0, total])
    return figure


def histograms(
    counts: Mapping[str, np.ndarray],
    limits: tuple[float, float],
    palette: Palette,
    *,
    title: str,
    axis: str,
    top: float | None = None,
) -> go.Figure:
    """Shares of values in equal bins between `limits`, one outline per name."""
    figure = _figure(palette, title)
    for number, (name, found) in enumerate(counts.items()):
        edges = np.linspace(*limits, len(found) + 1)
        share = found / max(found.sum(), 1)
        figure.add_scatter(
            x=(edges[:-1] + edges[1:]) / 2, y=share, name=name, mode="lines",
            line={
                "color": palette.color(number), "width": 2.5, "shape": "hvh",
                "dash": ("solid", *_DASHES)[number % 5],
            },
            hovertemplate="%{y:.1%} around %{x:.2f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.update_xaxes(title=axis, range=list(limits))
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    if top is not None:
        figure.update_yaxes(range=[0, top])
    return figure


def _together(targets: Mapping[str, float]) -> dict[str, float]:
    """Targets within a percent of each other share one line and one label.

    >>> _together({"a": 1.0, "b": 2.0, "c": 2.001})
    {'a': 1.0, 'b, c': 2.0}
    """
    groups: dict[float, list[str]] = {}
    for name, target in targets.items():
        value = float(target)
        near = next((v for v in groups if abs(v - value) <= 0.01 * abs(v)), value)
        groups.setdefault(near, []).append(name)
    return {", ".join(names): value for value, names in groups.items()}


def _draw_targets(
    figure: go.Figure,
    targets: Mapping[str, float],
    names: list[str],
    palette: Palette,
    *,
    log_y: bool,
) -> None:
    """A horizontal line per target: in its curve's colour, or with a label."""
    for name in [name for name in targets if name in names]:
        color = palette.color(names.index(name))
        figure.add_hline(y=targets[name], line={"color": color, "width": 1.5, "dash": "dot"})
    others = {name: target for name, target in targets.items() if name not in names}
    for number, (name, target) in enumerate(_together(others).items()):
        figure.add_hline(
            y=target, line={"color": palette.muted, "width": 1.5, "dash": _DASHES[number % 4]}
        )
        figure.add_annotation(
            text=name, x=0.01, xref="paper", xanchor="left",
            y=float(np.log10(target)) if log_y else target,  # Plotly asks for the exponent
            yanchor="bottom" if number % 2 else "top",
            showarrow=False, font={"color": palette.muted, "size": 13},
        )  # fmt: skip


def _figure(palette: Palette, title: str) -> go.Figure:
    """An empty figure in the page's colours."""
    figure = go.Figure()
    figure.update_layout(
        title={"text": title, "font": {"size": 16}},
        font={"color": palette.text, "size": 14},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": -0.25},
        margin={"l": 10, "r": 10, "t": 45, "b": 10},
        height=420,
        uirevision=title,  # keeps zoom and hidden curves while new points arrive
    )
    figure.update_xaxes(gridcolor=palette.grid, exponentformat="power")
    figure.update_yaxes(gridcolor=palette.grid, exponentformat="power", zeroline=False)
    return figure
